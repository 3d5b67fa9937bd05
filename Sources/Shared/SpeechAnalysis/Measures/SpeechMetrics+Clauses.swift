import CoachDomain

extension SpeechMetrics {
    /// Says of each pause whether it interrupts a clause.
    ///
    /// A pause ends a clause when a punctuation mark stands before it, or a word after it that begins a
    /// clause. Anything else interrupts one, but only a text with punctuation proves that; without
    /// punctuation, the numbers are absent.
    ///
    /// - Parameter hesitations: Positions of tokens that belong to no clause.
    mutating func addClausePauses(
        _ tokens: [Token], hesitations: Set<Int>, lexicon: Lexicon?, trust: Double
    ) {
        let words = tokens.indices.filter { !hesitations.contains($0) }
        guard tokens.allSatisfy({ $0.span != nil }) else { return }
        let isPunctuated = words.dropLast().contains { tokens[$0].endsClause }
        for index in pauses.indices {
            let middle = (pauses[index].span.start + pauses[index].span.end) / 2
            let isBefore = { (word: Int) in
                tokens[word].span.map { ($0.start + $0.end) / 2 < middle } ?? false
            }
            guard let last = words.last(where: isBefore), let next = words.first(where: { !isBefore($0) })
            else { continue }
            // A comma may hang on the hesitation: "the plan um, then".
            let isEnded = (last..<next).contains { tokens[$0].endsClause }
            if isEnded || lexicon?.clauseWords.contains(tokens[next].normal) == true {
                pauses[index].place = .clauseEnd
            } else if isPunctuated {
                pauses[index].place = .withinClause
            }
        }
        guard isPunctuated else { return }
        let confidence = min(0.7, trust)
        set(
            .pausesWithinClause, Double(pauses.count { $0.place == .withinClause }), unit: "count",
            definition: "pause-0.3s-inside-clause/2", confidence: confidence)
        set(
            .pausesAtClauseEnd, Double(pauses.count { $0.place == .clauseEnd }), unit: "count",
            definition: "pause-0.3s-at-clause-end/1", confidence: confidence)
    }
}
