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
            for index in tokens.indices
            where lexicon.setOffMarkers.contains(tokens[index].normal) && isSetOff(index, tokens, taken) {
                take(index..<index + 1)
            }
        }
        return ranges.sorted { $0.lowerBound < $1.lowerBound }.map { range in
            Finding(
                tokens: range, text: tokens[range].map(\.normal).joined(separator: " "),
                span: span(range, tokens))
        }
    }

    /// Whether something other than the flow of the sentence stands on both sides of a word.
    ///
    /// At least one side must be a pause or a comma inside the sentence, and the other one too, unless it is
    /// a hesitation or a border of the sentence.
    private func isSetOff(_ index: Int, _ tokens: [Token], _ taken: [Bool]) -> Bool {
        let token = tokens[index]
        let before: Bool
        let after: Bool
        if index == 0 {
            before = true
        } else {
            let previous = tokens[index - 1]
            before = previous.endsClause || taken[index - 1] || gap(previous, token) >= Self.setOffPause
        }
        if index + 1 == tokens.count {
            after = true
        } else {
            let next = tokens[index + 1]
            after = token.endsClause || taken[index + 1] || gap(token, next) >= Self.setOffPause
        }
        let isAlone = tokens.count == 1
        return before && after && !isAlone
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
