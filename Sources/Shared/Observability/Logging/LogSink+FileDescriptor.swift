import Foundation

extension LogSink {
    /// Writes all of `bytes` to `descriptor`, blocking.
    ///
    /// A non-blocking descriptor (a terminal shared with another program may be one) is waited for.
    /// Any other error loses the bytes: there is nowhere left to report it.
    static func writeAll(_ bytes: [UInt8], to descriptor: Int32) {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes {
                Foundation.write(descriptor, $0.baseAddress, $0.count)
            }
            if count >= 0 {
                written += count
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&waiting, 1, 1_000)
            default: return
            }
        }
    }
}
