import Foundation

/// Where a private server listens besides its unix socket.
package enum ServerListening: Sendable, Equatable {
    case unixSocketOnly
    /// A free TCP port of 127.0.0.1 as well, so that a test can put a faulty proxy in between.
    case loopbackToo
}

enum LoopbackPort {
    /// A port that was free a moment ago.
    static func free() -> UInt16? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let outcome = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) == 0 && getsockname(descriptor, generic, &length) == 0
            }
        }
        return outcome ? UInt16(bigEndian: address.sin_port) : nil
    }
}
