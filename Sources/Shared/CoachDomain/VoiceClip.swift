/// Speech as a voice message holds it: Ogg/Opus, one channel.
package struct VoiceClip: Hashable, Sendable {
    package var bytes: [UInt8]
    package var seconds: Double

    package init(bytes: [UInt8], seconds: Double) {
        self.bytes = bytes
        self.seconds = seconds
    }

    /// Reads the length from the container (RFC 7845, section 4): the last page's position counts 48 kHz
    /// samples, those included that a player drops at the beginning.
    ///
    /// - Returns: `nil` unless the bytes are whole pages from an `OpusHead` of one channel to an end mark.
    package init?(oggOpus bytes: [UInt8]) {
        var place = 0
        var preSkip: UInt64?
        var position: UInt64 = 0
        var hasEnded = false
        while place < bytes.count {
            guard !hasEnded, place + 27 <= bytes.count, bytes[place..<place + 4].elementsEqual("OggS".utf8)
            else { return nil }
            let payload = place + 27 + Int(bytes[place + 26])
            guard payload <= bytes.count else { return nil }
            let next = payload + bytes[place + 27..<payload].reduce(0) { $0 + Int($1) }
            guard next <= bytes.count else { return nil }
            if preSkip == nil {
                let head = bytes[payload..<next]
                guard head.count >= 19, head.starts(with: "OpusHead".utf8), bytes[payload + 9] == 1 else {
                    return nil
                }
                preSkip = UInt64(bytes[payload + 10]) | UInt64(bytes[payload + 11]) << 8
            }
            let granule = (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[place + 6 + $1]) << (8 * $1) }
            if granule != .max { position = granule }
            hasEnded = bytes[place + 5] & 4 != 0
            place = next
        }
        guard hasEnded, let preSkip, position > preSkip else { return nil }
        self.init(bytes: bytes, seconds: Double(position - preSkip) / 48_000)
    }
}
