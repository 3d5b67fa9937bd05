package import CoachDomain

/// One entry of the best path, as the library reports it.
struct Segment: Hashable, Sendable {
    var token: String
    /// On the clock of the samples, in seconds.
    var span: TimeSpan
    /// Posterior probability, 0…1.
    var posterior: Double
}

/// What was recognised.
package struct Recognition: Hashable, Sendable {
    /// All words, hesitations included, separated by single spaces; lower case but for "I", no punctuation.
    package var text: String
    /// In order of start, on the clock of the samples.
    package var words: [Word]

    /// Turns dictionary tokens into words.
    ///
    /// Sentence marks, silences and noises go; `read(2)` becomes `read`; hesitations, whether written
    /// `++UM++` or as plain dictionary words, are marked. The model knows few of them, so their absence
    /// proves nothing.
    init(segments: [Segment]) {
        words = segments.compactMap(Self.word)
        text = words.lazy.map(\.text).joined(separator: " ")
    }

    private static let hesitations: Set<String> = ["um", "uh", "er", "erm", "uhm", "hmm", "mm", "ah"]

    private static func word(_ segment: Segment) -> Word? {
        var token = segment.token[...]
        if token.hasSuffix(")"), let open = token.lastIndex(of: "("), open != token.startIndex {
            token = token[..<open]
        }
        var isMarked = false
        if token.hasPrefix("++"), token.hasSuffix("++"), token.count > 4 {
            token = token.dropFirst(2).dropLast(2)
            isMarked = true
        } else if token.hasPrefix("<") || token.hasPrefix("[") || token.hasPrefix("+") {
            return nil
        }
        var text = token.lowercased()
        let isFiller = hesitations.contains(text)
        if text == "i" || text.hasPrefix("i'") { text = "I" + text.dropFirst() }
        // `++NOISE++`, `++BREATH++`: marked by the dictionary, but nobody's word.
        guard !text.isEmpty, !isMarked || isFiller else { return nil }
        return Word(text: text, span: segment.span, confidence: segment.posterior, isFiller: isFiller)
    }
}
