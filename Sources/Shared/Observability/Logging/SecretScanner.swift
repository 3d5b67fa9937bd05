/// Finds the byte ranges of a text that look like secrets; see ``LogRedaction`` for the shapes.
struct SecretScanner: Sendable {
    private static let keyPrefixes = ["sk-", "sk_", "gsk_", "AIza"].map { Array($0.utf8) }
    private static let fileMarker = Array("/file/bot".utf8)
    private static let encodedColon = Array("%3A".utf8)
    private static let authorityMark = Array("://".utf8)
    private static let bearer = Array("bearer".utf8)
    private static let pairNames = [
        "password", "passwd", "secret", "secret_token", "api_key", "apikey", "api-key", "access_token",
    ].map { Array($0.utf8) }

    private let knownSecrets: [[UInt8]]
    /// Whether a secret's telling part can begin with the byte; lets the scan skip all others.
    private let isTelling: [Bool]

    init(knownSecrets: [[UInt8]]) {
        self.knownSecrets = knownSecrets
        var isTelling = [Bool](repeating: false, count: 256)
        for byte in ":%/=Bb".utf8 { isTelling[Int(byte)] = true }
        for start in (Self.keyPrefixes + knownSecrets).compactMap(\.first) { isTelling[Int(start)] = true }
        self.isTelling = isTelling
    }

    /// The ranges to hide, ascending and apart from each other.
    func secrets(in text: Span<UInt8>) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var position = 0
        while position < text.count {
            guard isTelling[Int(text[position])], let match = match(in: text, at: position) else {
                position += 1
                continue
            }
            // A token's telling part is its colon: the digits before it may touch the last match.
            let start = max(match.lowerBound, found.last?.upperBound ?? 0)
            if start < match.upperBound { found.append(start..<match.upperBound) }
            position = max(position + 1, match.upperBound)
        }
        return found
    }

    private func match(in text: Span<UInt8>, at position: Int) -> Range<Int>? {
        for secret in knownSecrets where Self.starts(text, at: position, with: secret) {
            return position..<(position + secret.count)
        }
        switch text[position] {
        case UInt8(ascii: ":"):
            return Self.botToken(in: text, colon: position..<(position + 1))
                ?? Self.uriPassword(in: text, colon: position)
        case UInt8(ascii: "%"):
            guard Self.starts(text, at: position, with: Self.encodedColon) else { return nil }
            return Self.botToken(in: text, colon: position..<(position + 3))
        case UInt8(ascii: "/"): return Self.fileURL(in: text, at: position)
        case UInt8(ascii: "="): return Self.pairValue(in: text, equals: position)
        case UInt8(ascii: "B"), UInt8(ascii: "b"): return Self.bearerCredential(in: text, at: position)
        default: return Self.vendorKey(in: text, at: position)
        }
    }

    /// `\d{6,}:[A-Za-z0-9_-]{30,}`, the colon as it is or percent-encoded.
    private static func botToken(in text: Span<UInt8>, colon: Range<Int>) -> Range<Int>? {
        var start = colon.lowerBound
        while start > 0, isDigit(text[start - 1]) { start -= 1 }
        let end = end(in: text, from: colon.upperBound, while: isKeyByte)
        return colon.lowerBound - start >= 6 && end - colon.upperBound >= 30 ? start..<end : nil
    }

    /// The password of `scheme://user:password@host`; `colon` is the one after the scheme.
    private static func uriPassword(in text: Span<UInt8>, colon: Int) -> Range<Int>? {
        guard starts(text, at: colon, with: authorityMark) else { return nil }
        var at: Int?
        var separator: Int?
        var position = colon + 3
        scan: while position < text.count {
            switch text[position] {
            case UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"): break scan
            case UInt8(ascii: "@"): at = position
            case UInt8(ascii: ":"): separator = separator ?? position
            case let byte where endsWord(byte): break scan
            default: break
            }
            position += 1
        }
        guard let at, let separator, separator + 1 < at else { return nil }
        return (separator + 1)..<at
    }

    /// All of `/file/bot…` up to the end of the word: the path names a user's recording.
    private static func fileURL(in text: Span<UInt8>, at position: Int) -> Range<Int>? {
        guard starts(text, at: position, with: fileMarker) else { return nil }
        return position..<end(in: text, from: position, while: { !endsWord($0) })
    }

    private static func bearerCredential(in text: Span<UInt8>, at position: Int) -> Range<Int>? {
        guard position + bearer.count < text.count else { return nil }
        for offset in bearer.indices where text[position + offset] | 0x20 != bearer[offset] { return nil }
        let start = end(in: text, from: position + bearer.count, while: { $0 == UInt8(ascii: " ") })
        let end = end(in: text, from: start, while: { !endsWord($0) })
        return start > position + bearer.count && end > start ? start..<end : nil
    }

    private static func vendorKey(in text: Span<UInt8>, at position: Int) -> Range<Int>? {
        // "task-…" and "desk-…" are words, not keys.
        guard position == 0 || !isKeyByte(text[position - 1]) else { return nil }
        for prefix in keyPrefixes where starts(text, at: position, with: prefix) {
            let end = end(in: text, from: position, while: isKeyByte)
            if end - position - prefix.count >= 12 { return position..<end }
        }
        return nil
    }

    private static func pairValue(in text: Span<UInt8>, equals: Int) -> Range<Int>? {
        for name in pairNames where equals >= name.count {
            let start = equals - name.count
            guard start == 0 || !isLetter(text[start - 1]) else { continue }
            guard name.indices.allSatisfy({ text[start + $0] | 0x20 == name[$0] | 0x20 }) else { continue }
            let end = end(
                in: text, from: equals + 1, while: { !endsWord($0) && $0 != UInt8(ascii: "&") })
            return end > equals + 1 ? (equals + 1)..<end : nil
        }
        return nil
    }
}

extension SecretScanner {
    private static func starts(_ text: Span<UInt8>, at position: Int, with prefix: [UInt8]) -> Bool {
        guard position + prefix.count <= text.count else { return false }
        for offset in prefix.indices where text[position + offset] != prefix[offset] { return false }
        return true
    }

    private static func end(
        in text: Span<UInt8>, from start: Int, while belongs: (UInt8) -> Bool
    ) -> Int {
        var end = start
        while end < text.count, belongs(text[end]) { end += 1 }
        return end
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")
    }

    private static func isKeyByte(_ byte: UInt8) -> Bool {
        isDigit(byte) || isLetter(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
    }

    private static func endsWord(_ byte: UInt8) -> Bool {
        byte <= UInt8(ascii: " ") || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'")
            || byte == UInt8(ascii: "<") || byte == UInt8(ascii: ">")
    }
}
