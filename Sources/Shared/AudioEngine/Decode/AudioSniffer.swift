/// What a note's bytes are, whatever its name or MIME type says.
package enum AudioFormat: String, Hashable, Sendable, CaseIterable {
    case oggOpus, oggVorbis, oggFLAC, oggSpeex, flac, wav, mp3, aac, mp4, matroska, amr
}

/// Recognises containers by their first bytes.
package enum AudioSniffer {
    /// Bytes that are enough to decide.
    package static let prefixLength = 4_096

    package enum Finding: Hashable, Sendable {
        case audio(AudioFormat)
        /// An ID3 tag longer than the prefix; look again at this offset of the file.
        case tagUntil(offset: Int)
        /// Not audio; the label is for people.
        case other(String)
    }

    /// - Parameter prefix: The first bytes of the file, as many as there are up to ``prefixLength``.
    package static func sniff(_ prefix: [UInt8]) -> Finding {
        if prefix.isEmpty { return .other("nothing") }
        if has(prefix, "OggS") { return ogg(prefix) }
        if has(prefix, "fLaC") { return .audio(.flac) }
        if has(prefix, "RIFF") || has(prefix, "RF64") {
            return has(prefix, "WAVE", at: 8) ? .audio(.wav) : .other("RIFF without sound")
        }
        if has(prefix, "ftyp", at: 4) { return .audio(.mp4) }
        if prefix.starts(with: [0x1A, 0x45, 0xDF, 0xA3]) { return .audio(.matroska) }
        if has(prefix, "#!AMR") { return .audio(.amr) }
        if has(prefix, "ID3"), prefix.count >= 10 { return afterTag(prefix) }
        if let format = mpegFrame(prefix, at: 0) { return .audio(format) }
        return .other(label(prefix))
    }

    /// The first packet of an Ogg stream names its codec. Multiplexed files begin with one such page
    /// per stream, so every page in the prefix is tried.
    private static func ogg(_ prefix: [UInt8]) -> Finding {
        var offset = 0
        while has(prefix, "OggS", at: offset), prefix.count > offset + 27 {
            let segments = Int(prefix[offset + 26])
            let body = offset + 27 + segments
            guard prefix.count > body else { break }
            if has(prefix, "OpusHead", at: body) { return .audio(.oggOpus) }
            if has(prefix, "\u{1}vorbis", at: body) { return .audio(.oggVorbis) }
            if has(prefix, "\u{7F}FLAC", at: body) { return .audio(.oggFLAC) }
            if has(prefix, "Speex   ", at: body) { return .audio(.oggSpeex) }
            offset = body + prefix[(offset + 27)..<body].reduce(0) { $0 + Int($1) }
        }
        return .other("Ogg without a known audio stream")
    }

    private static func afterTag(_ prefix: [UInt8]) -> Finding {
        let size = prefix[6..<10].reduce(0) { ($0 << 7) | Int($1 & 0x7F) }
        let end = 10 + size + (prefix[5] & 0x10 != 0 ? 10 : 0)
        guard end + 4 <= prefix.count else { return .tagUntil(offset: end) }
        if has(prefix, "fLaC", at: end) { return .audio(.flac) }
        // Padding after the tag is common; libsndfile finds the first frame by itself.
        return .audio(mpegFrame(prefix, at: end) ?? .mp3)
    }

    /// An MPEG audio frame header with every field in range, or an ADTS header.
    private static func mpegFrame(_ prefix: [UInt8], at offset: Int) -> AudioFormat? {
        guard prefix.count >= offset + 4, prefix[offset] == 0xFF, prefix[offset + 1] & 0xE0 == 0xE0
        else { return nil }
        let version = (prefix[offset + 1] >> 3) & 3
        let layer = (prefix[offset + 1] >> 1) & 3
        if layer == 0 {
            let rateIndex = (prefix[offset + 2] >> 2) & 15
            return prefix[offset + 1] & 0xF0 == 0xF0 && rateIndex < 13 ? .aac : nil
        }
        let bitrate = prefix[offset + 2] >> 4
        let rate = (prefix[offset + 2] >> 2) & 3
        return version != 1 && bitrate != 15 && rate != 3 ? .mp3 : nil
    }

    private static func label(_ prefix: [UInt8]) -> String {
        if has(prefix, "%PDF") { return "PDF" }
        if has(prefix, "PK\u{3}\u{4}") { return "ZIP archive" }
        if prefix.starts(with: [0x89, 0x50, 0x4E, 0x47]) || prefix.starts(with: [0xFF, 0xD8, 0xFF]) {
            return "picture"
        }
        let beginning = prefix.prefix(512)
        let isPrintable = beginning.allSatisfy { $0 >= 0x20 && $0 != 0x7F || (9...13).contains($0) }
        // The cut may fall inside a character.
        let isText = (0..<4).contains { String(validating: beginning.dropLast($0), as: UTF8.self) != nil }
        return isPrintable && isText ? "text" : "unknown bytes"
    }

    private static func has(_ bytes: [UInt8], _ mark: String, at offset: Int = 0) -> Bool {
        bytes.count >= offset + mark.utf8.count && bytes[offset...].starts(with: mark.utf8)
    }
}
