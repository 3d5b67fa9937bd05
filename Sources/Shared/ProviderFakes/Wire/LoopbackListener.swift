import Foundation
import Synchronization

/// Accepts connections on 127.0.0.1 and gives each one a thread.
///
/// Raw sockets instead of an HTTP library, because half of what a fake vendor has to do is to break HTTP:
/// reset, stall and trickle on the same port that answers properly a moment later.
final class LoopbackListener: Sendable {
    private struct State {
        var isStopped = false
        var clients: Set<Int32> = []
    }

    let port: UInt16
    private let descriptor: Int32
    private let state = Mutex(State())

    /// - Parameter serve: Runs on the connection's own thread; when it returns the connection is closed.
    init(serve: @escaping @Sendable (WireConnection) -> Void) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = descriptor
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(listener, raw, size) == 0 && listen(listener, 256) == 0
                    && getsockname(listener, raw, &size) == 0
            }
        }
        guard isBound else {
            close(listener)
            throw POSIXError(.EADDRNOTAVAIL)
        }
        port = UInt16(bigEndian: address.sin_port)
        let thread = Thread { [weak self] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else {
                    if errno == EINTR || errno == ECONNABORTED { continue }
                    break
                }
                _ = fcntl(client, F_SETFD, FD_CLOEXEC)
                guard let self, self.admit(client) else {
                    close(client)
                    break
                }
                let worker = Thread { [weak self] in
                    let connection = WireConnection(client)
                    serve(connection)
                    self?.release(client)
                    connection.close()
                }
                worker.start()
            }
            close(listener)
        }
        thread.name = "fake-listener"
        thread.start()
    }

    deinit { stop() }

    /// Refuses new connections and breaks off the open ones. What waits for an answer sees the connection close.
    func stop() {
        state.withLock { state in
            guard !state.isStopped else { return }
            state.isStopped = true
            // Wakes `accept`; the accepting thread closes the socket itself, so that its number is not
            // reused under it.
            shutdown(descriptor, Int32(SHUT_RDWR))
            for client in state.clients { shutdown(client, Int32(SHUT_RDWR)) }
        }
    }

    private func admit(_ client: Int32) -> Bool {
        state.withLock { state in
            if !state.isStopped { state.clients.insert(client) }
            return !state.isStopped
        }
    }

    private func release(_ client: Int32) {
        _ = state.withLock { $0.clients.remove(client) }
    }
}
