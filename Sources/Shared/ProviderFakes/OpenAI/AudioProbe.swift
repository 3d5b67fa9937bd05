/// What an upload is, judged by its bytes alone.
struct AudioProbe: Hashable {
    enum Format: String, Hashable { case flac, wav, ogg, mp3, mp4, webm }

    var format: Format
    /// `nil` where the container does not tell.
    var seconds: Double?

    init?(_ bytes: [UInt8]) {
        if bytes.starts(with: "fLaC".utf8) {
            guard let seconds = Self.flacSeconds(bytes) else { return nil }
            self.init(format: .flac, seconds: seconds)
        } else if bytes.starts(with: "RIFF".utf8), Self.text(bytes, 8, 4) == "WAVE" {
            guard let seconds = Self.waveSeconds(bytes) else { return nil }
            self.init(format: .wav, seconds: seconds)
        } else if bytes.starts(with: "OggS".utf8) {
            guard let seconds = Self.opusSeconds(bytes) else { return nil }
            self.init(format: .ogg, seconds: seconds)
        } else if bytes.starts(with: "ID3".utf8) || (bytes.count > 1 && bytes[0] == 0xFF && bytes[1] >= 0xE0)
        {
            self.init(format: .mp3, seconds: nil)
        } else if Self.text(bytes, 4, 4) == "ftyp" {
            self.init(format: .mp4, seconds: nil)
        } else if bytes.starts(with: [0x1A, 0x45, 0xDF, 0xA3]) {
            self.init(format: .webm, seconds: nil)
        } else {
            return nil
        }
    }

    private init(format: Format, seconds: Double?) {
        self.format = format
        self.seconds = seconds
    }

    /// From STREAMINFO (RFC 9639, section 8.2), provided that a frame follows the metadata.
    private static func flacSeconds(_ bytes: [UInt8]) -> Double? {
        guard bytes.count > 42, bytes[4] & 0x7F == 0 else { return nil }
        let packed = big(bytes, 18, 8)
        let rate = packed >> 44
        guard rate > 0 else { return nil }
        var place = 4
        while place + 4 <= bytes.count {
            let isLast = bytes[place] & 0x80 != 0
            place += 4 + Int(big(bytes, place + 1, 3))
            if isLast { break }
        }
        guard place + 1 < bytes.count, bytes[place] == 0xFF, bytes[place + 1] & 0xFC == 0xF8 else {
            return nil
        }
        return Double(packed & 0xF_FFFF_FFFF) / Double(rate)
    }

    private static func waveSeconds(_ bytes: [UInt8]) -> Double? {
        var place = 12
        var bytesPerSecond = 0
        while place + 8 <= bytes.count {
            let size = Int(little(bytes, place + 4, 4))
            switch text(bytes, place, 4) {
            case "fmt ": bytesPerSecond = Int(little(bytes, place + 16, 4))
            case "data":
                guard bytesPerSecond > 0 else { return nil }
                return Double(min(size, bytes.count - place - 8)) / Double(bytesPerSecond)
            default: break
            }
            place += 8 + size + size % 2
        }
        return nil
    }

    /// The last page's granule position counts 48 kHz samples, pre-skip included (RFC 7845).
    private static func opusSeconds(_ bytes: [UInt8]) -> Double? {
        var place = 0
        var preSkip: UInt64?
        var last: UInt64 = 0
        while place + 27 <= bytes.count, text(bytes, place, 4) == "OggS" {
            let segments = Int(bytes[place + 26])
            guard place + 27 + segments <= bytes.count else { return nil }
            let payload = place + 27 + segments
            if preSkip == nil {
                guard text(bytes, payload, 8) == "OpusHead" else { return nil }
                preSkip = little(bytes, payload + 10, 2)
            }
            let granule = little(bytes, place + 6, 8)
            if granule != .max { last = granule }
            place = payload + bytes[(place + 27)..<payload].reduce(0) { $0 + Int($1) }
        }
        return preSkip.map { Double(last > $0 ? last - $0 : 0) / 48_000 }
    }

    private static func text(_ bytes: [UInt8], _ start: Int, _ count: Int) -> String {
        guard start + count <= bytes.count else { return "" }
        return String(decoding: bytes[start..<(start + count)], as: UTF8.self)
    }

    private static func big(_ bytes: [UInt8], _ start: Int, _ count: Int) -> UInt64 {
        guard start + count <= bytes.count else { return 0 }
        return bytes[start..<(start + count)].reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func little(_ bytes: [UInt8], _ start: Int, _ count: Int) -> UInt64 {
        guard start + count <= bytes.count else { return 0 }
        return bytes[start..<(start + count)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
