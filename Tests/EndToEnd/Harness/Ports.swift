import Foundation
import Synchronization

/// Loopback ports for the processes under test.
///
/// Chosen below the range that the kernel gives out by itself, so that none is taken between the choice and
/// the use.
enum Ports {
    private static let range = 20_000..<32_000
    private static let next = Mutex(range.lowerBound + Int(getpid()) * 37 % range.count)

    static func free() -> Int {
        while true {
            let candidate = next.withLock { next in
                next = next + 1 < range.upperBound ? next + 1 : range.lowerBound
                return next
            }
            if canBind(candidate) { return candidate }
        }
    }

    private static func canBind(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        address.sin_port = in_port_t(port).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) == 0 }
        }
    }
}
