/// Finds words or short phrases said twice in a row: false starts, mostly.
package struct RepetitionFinder: Sendable {
    private let repeatable: Set<String>

    /// - Parameter lexicon: Tells which words are doubled on purpose.
    package init(lexicon: Lexicon) { repeatable = lexicon.repeatable }

    /// The superfluous first occurrences, in order, not overlapping. Hesitations between the two are skipped.
    ///
    /// - Parameter fillers: Token positions that count as hesitations.
    package func repetitions(in tokens: [Token], fillers: Set<Int> = []) -> [Range<Int>] {
        let kept = tokens.indices.filter { !fillers.contains($0) }
        var found: [Range<Int>] = []
        var place = 0
        while place < kept.count {
            let length = [3, 2, 1].first { length in isRepeated(place, length, kept, tokens) }
            guard let length else {
                place += 1
                continue
            }
            found.append(kept[place]..<kept[place + length - 1] + 1)
            place += length
        }
        return found
    }

    private func isRepeated(_ place: Int, _ length: Int, _ kept: [Int], _ tokens: [Token]) -> Bool {
        guard place + 2 * length <= kept.count else { return false }
        let first = kept[place..<place + length]
        let second = kept[place + length..<place + 2 * length]
        guard zip(first, second).allSatisfy({ tokens[$0].normal == tokens[$1].normal }) else { return false }
        // "I like it. I like it a lot." is style; a sentence border between the two makes it no false start.
        guard !first.contains(where: { tokens[$0].endsSentence }) else { return false }
        return length > 1 || !repeatable.contains(tokens[kept[place]].normal)
    }
}
