import Synchronization

/// How fast audio travels to a provider, learned from uploads.
///
/// Taken from the kernel's account of each connection: bytes that the other side has acknowledged, and the
/// time during which there were bytes to acknowledge. The provider's own thinking is not in it, slow start and
/// loss are.
package struct LinkSpeed: Hashable, Sendable {
    /// Less says more about the round trip than about the link.
    package static let leastBytes = 32_768
    /// Weight of the latest upload.
    private static let smoothing = 0.3

    package private(set) var bytesPerSecond: Double

    /// - Returns: `nil` when so little tells nothing.
    package init?(bytes: Int, in busy: Duration) {
        let seconds = busy / .seconds(1)
        guard bytes >= Self.leastBytes, seconds > 0 else { return nil }
        bytesPerSecond = Double(bytes) / seconds
    }

    package init(bytesPerSecond: Double) { self.bytesPerSecond = max(1, bytesPerSecond) }

    /// Takes in one more upload.
    package mutating func note(_ latest: LinkSpeed) {
        // Means of times, not of speeds: one slow upload is worth more than one fast one.
        bytesPerSecond =
            1 / ((1 - Self.smoothing) / bytesPerSecond + Self.smoothing / latest.bytesPerSecond)
    }

    package var megabitsPerSecond: Double { bytesPerSecond * 8 / 1e6 }
}

/// The link speed of one provider in this process.
final class LinkMeter: Sendable {
    private let state = Mutex<LinkSpeed?>(nil)

    var speed: LinkSpeed? { state.withLock { $0 } }

    func note(bytes: Int, in busy: Duration) {
        guard let latest = LinkSpeed(bytes: bytes, in: busy) else { return }
        state.withLock { speed in
            if speed == nil { speed = latest } else { speed?.note(latest) }
        }
    }
}
