import Foundation

/// Wakes a thread that sleeps in `poll`.
final class WakeSignal: Sendable {
    /// To be polled for reading; negative when the process had no descriptor to spare, and then the sleeper has
    /// to look for itself now and then.
    let descriptor: Int32
    private let writer: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        if unsafe socketpair(AF_UNIX, Int32(kind), 0, &ends) != 0 { ends = [-1, -1] }
        descriptor = ends[0]
        writer = ends[1]
    }

    deinit {
        close(descriptor)
        close(writer)
    }

    func send() {
        var byte: UInt8 = 1
        // Fails only when the buffer is full, and then the signal is on already.
        _ = unsafe Foundation.send(writer, &byte, 1, Int32(MSG_NOSIGNAL))
    }

    func clear() {
        var bytes = [UInt8](repeating: 0, count: 64)
        _ = unsafe read(descriptor, &bytes, bytes.count)
    }
}
