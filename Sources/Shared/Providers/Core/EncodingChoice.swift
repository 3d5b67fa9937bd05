/// In which form audio goes to a recogniser, and why.
///
/// Lossless is the rule: recognisers are at their best with it, and it costs next to no time to make. Opus
/// takes ten times the time to make and an eighth of the bytes, so it wins on slow links; and it keeps a long
/// note in one part where lossless audio would not fit the provider's limit. Figures: docs/audio.md.
package struct EncodingChoice: Hashable, Sendable {
    package var encoding: AudioEncoding
    /// One phrase.
    package var reason: String

    /// What a second of upload weighs and takes to make, measured on speech at 1.5 times its tempo.
    private struct Cost {
        var bytes: Double
        var seconds: Double

        init?(_ encoding: AudioEncoding) {
            switch encoding {
            case .flac: (bytes, seconds) = (19_500, 0.000_4)
            case .oggOpus: (bytes, seconds) = (3_000, 0.004_5)
            case .wav: (bytes, seconds) = (32_000, 0.000_05)
            case .pcm16: return nil
            }
        }
    }

    /// What a lossy form has to save at least, in seconds.
    private static let leastGain = 0.1
    /// Room for containers and for speech that packs badly.
    private static let reserve = 1.15

    /// - Parameters:
    ///   - encodings: That the recogniser takes, in its order of preference, never empty.
    ///   - seconds: Expected length of the upload; a guess will do.
    ///   - maximumPartBytes: What one request may carry.
    ///   - link: As far as known.
    package init(
        among encodings: [AudioEncoding], seconds: Double, maximumPartBytes: Int?, link: LinkSpeed?
    ) {
        let preferred = encodings.first ?? .flac
        guard encodings.contains(.oggOpus), preferred != .oggOpus, let plain = Cost(preferred),
            let small = Cost(.oggOpus)
        else {
            self.init(preferred, encodings.count > 1 ? "preferred" : "the only form it takes")
            return
        }
        let seconds = max(0, seconds)
        if let limit = maximumPartBytes.map(Double.init), seconds * plain.bytes * Self.reserve > limit,
            seconds * small.bytes * Self.reserve <= limit
        {
            self.init(.oggOpus, "one part instead of several under the provider's limit")
            return
        }
        guard let link else {
            self.init(preferred, "link not measured yet")
            return
        }
        let time = { (cost: Cost) in seconds * (cost.seconds + cost.bytes / link.bytesPerSecond) }
        let speed =
            link.megabitsPerSecond < 10
            ? "\((link.megabitsPerSecond * 10).rounded() / 10)"
            : "\(Int(link.megabitsPerSecond))"
        if time(plain) - time(small) >= Self.leastGain {
            self.init(.oggOpus, "uplink of \(speed) Mbit/s")
        } else {
            self.init(preferred, "uplink of \(speed) Mbit/s is fast enough")
        }
    }

    private init(_ encoding: AudioEncoding, _ reason: String) {
        self.encoding = encoding
        self.reason = reason
    }
}
