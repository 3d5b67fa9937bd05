/// Finds words that weigh nothing: intensifiers, vague nouns, "basically".
package struct WeakWordFinder: Sendable {
    private let phrases: [String]

    package init(lexicon: Lexicon) { phrases = lexicon.weakWords }

    /// Places in order, not overlapping.
    ///
    /// - Parameter fillers: Token positions that are counted as fillers already and not a second time.
    package func findings(in tokens: [Token], fillers: Set<Int> = []) -> [Range<Int>] {
        tokens.ranges(of: phrases).filter { range in !range.contains { fillers.contains($0) } }
    }
}
