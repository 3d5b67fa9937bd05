/// One word of a command: any bytes.
package struct RedisArgument: Sendable, Equatable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    package let bytes: [UInt8]

    package init(_ bytes: [UInt8]) { self.bytes = bytes }
    package init(_ text: some StringProtocol) { bytes = Array(text.utf8) }
    /// In decimal digits.
    package init(_ number: some BinaryInteger) { self.init(String(number)) }
    package init(stringLiteral value: String) { self.init(value) }
    package init(integerLiteral value: Int64) { self.init(value) }
}

/// A command and its arguments; binary safe.
package struct RedisCommand: Sendable, Equatable {
    /// In capitals.
    package let name: String
    /// All words in one piece, and where each ends: one allocation each, whatever the number of words.
    private var words: [UInt8]
    private var ends: [Int]

    package init(_ name: String, arguments: [RedisArgument]) {
        self.init(name: name, count: arguments.count)
        for argument in arguments { append(argument.bytes) }
    }

    package init(_ parts: String...) { self.init(parts) }

    /// - Parameter parts: the name first. Without any, the server will refuse the command as unknown.
    package init(_ parts: [String]) {
        self.init(name: parts.first ?? "", count: parts.count)
        for part in parts.dropFirst() { append(part.utf8) }
    }

    private init(name: String, count: Int) {
        self.name = name.uppercased()
        words = []
        ends = []
        words.reserveCapacity(32 * (count + 1))
        ends.reserveCapacity(count + 1)
        append(name.utf8)
    }

    private mutating func append(_ word: some Collection<UInt8>) {
        words.append(contentsOf: word)
        ends.append(words.count)
    }

    /// About the bytes this command occupies while it waits.
    var size: Int { words.count + 16 * ends.count }

    var wordCount: Int { ends.count }

    /// Where each word starts and how long it is, and the bytes they are in.
    func withWords<Outcome>(
        _ body: (_ bytes: UnsafeRawBufferPointer, _ ends: [Int]) -> Outcome
    ) -> Outcome {
        unsafe words.withUnsafeBytes { unsafe body($0, ends) }
    }

    private func word(_ index: Int) -> ArraySlice<UInt8> {
        words[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
    }

    /// Whether other callers' commands would suffer on the same connection: it changes what the connection is,
    /// takes away its answers, or makes everybody behind it wait.
    var isUnshareable: Bool {
        switch name {
        case "SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "MONITOR", "MULTI", "EXEC", "DISCARD", "WATCH",
            "SELECT",
            "AUTH", "HELLO", "RESET", "QUIT", "SYNC", "PSYNC", "BLPOP", "BRPOP", "BLMOVE", "BRPOPLPUSH",
            "BLMPOP",
            "BZPOPMIN", "BZPOPMAX", "BZMPOP", "WAIT", "WAITAOF":
            true
        case "XREAD", "XREADGROUP":
            hasWord("BLOCK")
        case "CLIENT":
            hasWord("REPLY")
        default:
            false
        }
    }

    private func hasWord(_ wanted: StaticString) -> Bool {
        let wanted = Array(wanted.description.utf8)
        return (1..<max(1, wordCount)).contains { index in
            let word = word(index)
            return word.count == wanted.count && zip(word, wanted).allSatisfy { $0 & 0xdf == $1 }
        }
    }
}
