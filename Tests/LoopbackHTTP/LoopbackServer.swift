import Foundation

/// A raw-socket HTTP/1.1 server on 127.0.0.1 whose misbehavior is written out by each test.
///
/// Every connection gets a thread that runs the script; when the script returns, the connection is closed.
/// The listener stays open until the test process ends: a test names its server for the last time before the
/// request is sent.
package final class LoopbackServer: Sendable {
    package typealias Script = @Sendable (Connection) -> Void

    package let port: UInt16
    private let listener: Int32
    private let accepted = Counter()

    package var url: String { "http://127.0.0.1:\(port)" }
    /// Connections accepted so far.
    package var connectionCount: Int { accepted.value }

    /// - Parameter backlog: Connections the kernel completes before `accept`; with `script` nil nothing is ever
    ///   accepted.
    package init(backlog: Int32 = 256, script: Script?) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(descriptor, raw, size) == 0 && listen(descriptor, backlog) == 0
                    && getsockname(descriptor, raw, &size) == 0
            }
        }
        guard isBound else { throw POSIXError(.EADDRNOTAVAIL) }
        port = UInt16(bigEndian: address.sin_port)
        guard let script else { return }
        let thread = Thread { [accepted] in
            while true {
                let client = accept(descriptor, nil, nil)
                guard client >= 0 else { return }
                // A child of another test that inherits it would keep the connection open after us.
                _ = fcntl(client, F_SETFD, FD_CLOEXEC)
                accepted.add()
                let worker = Thread {
                    let connection = Connection(client)
                    script(connection)
                    connection.close()
                }
                worker.start()
            }
        }
        thread.start()
    }

    /// A port on which nothing listens.
    package static func refusingURL() throws -> String {
        let server = try LoopbackServer(script: nil)
        close(server.listener)
        return server.url
    }
}
