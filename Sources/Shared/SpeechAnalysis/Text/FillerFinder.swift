package import CoachDomain

/// Finds hesitations and filler phrases among words.
package struct FillerFinder: Sendable {
    /// One finding, as a range of the tokens.
    package struct Finding: Hashable, Sendable {
        package var tokens: Range<Int>
        package var text: String
        /// `nil` without word times.
        package var span: TimeSpan?
    }

    /// Silence beside a word that sets it off from the sentence.
    private static let setOffPause = 0.2

    private let lexicon: Lexicon?

    /// - Parameter lexicon: Without one, only what the recogniser itself marked is found.
    package init(lexicon: Lexicon?) { self.lexicon = lexicon }

    /// Findings in order, not overlapping.
    package func findings(in tokens: [Token]) -> [Finding] {
        var ranges: [Range<Int>] = []
        var taken = [Bool](repeating: false, count: tokens.count)
        func take(_ range: Range<Int>) {
            guard !range.contains(where: { taken[$0] }) else { return }
            for index in range { taken[index] = true }
            ranges.append(range)
        }
        for index in tokens.indices
        where tokens[index].isMarked || lexicon?.hesitations.contains(tokens[index].normal) == true {
            take(index..<index + 1)
        }
        if let lexicon {
            for range in tokens.ranges(of: lexicon.markers) { take(range) }
            for range in tokens.ranges(of: lexicon.setOffMarkers) where isSetOff(range, tokens, taken) {
                take(range)
            }
        }
        return ranges.sorted { $0.lowerBound < $1.lowerBound }.map { range in
            Finding(
                tokens: range, text: tokens[range].map(\.normal).joined(separator: " "),
                span: span(range, tokens))
        }
    }

    /// Whether something other than the flow of the sentence stands on both sides of a word or phrase: a
    /// pause, a comma, a hesitation, or a border of the text.
    private func isSetOff(_ range: Range<Int>, _ tokens: [Token], _ taken: [Bool]) -> Bool {
        guard range.count < tokens.count, let first = tokens[range].first, let last = tokens[range].last
        else {
            return false
        }
        if range.lowerBound > 0 {
            let previous = tokens[range.lowerBound - 1]
            let isOpen =
                previous.endsClause || taken[range.lowerBound - 1]
                || gap(previous, first) >= Self.setOffPause
            guard isOpen else { return false }
        }
        guard range.upperBound < tokens.count else { return true }
        return last.endsClause || taken[range.upperBound]
            || gap(last, tokens[range.upperBound]) >= Self.setOffPause
    }

    private func gap(_ left: Token, _ right: Token) -> Double {
        guard let left = left.span, let right = right.span else { return 0 }
        return right.start - left.end
    }

    private func span(_ range: Range<Int>, _ tokens: [Token]) -> TimeSpan? {
        guard let first = tokens[range.lowerBound].span, let last = tokens[range.upperBound - 1].span else {
            return nil
        }
        return TimeSpan(start: first.start, end: last.end)
    }
}
