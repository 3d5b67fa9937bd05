import CoachDomain
import SpeechAnalysis

/// Finds a quotation in what was really said.
struct QuoteLocator {
    /// Longer than this is a retelling, not a quotation.
    private static let longest = 40

    private let tokens: [Token]
    private let isHesitation: [Bool]

    init(_ material: CoachingMaterial) {
        tokens = material.tokens
        let lexicon = Lexicon.of(material.transcript.language)
        isHesitation = tokens.map { $0.isMarked || lexicon?.hesitations.contains($0.normal) == true }
    }

    /// The range of words that the text quotes, or `nil` when nobody said it.
    ///
    /// Case, punctuation and hesitations between the words do not matter; everything else does.
    func locate(_ quote: String) -> Range<Int>? {
        let wanted = quote.split { $0.isWhitespace || "…—–".contains($0) }
            .map { Token.normalized(String($0)) }.filter { !$0.isEmpty }
        guard (1...Self.longest).contains(wanted.count) else { return nil }
        return tokens.indices.lazy.compactMap { match(wanted, from: $0) }.first
    }

    private func match(_ wanted: [String], from start: Int) -> Range<Int>? {
        guard tokens[start].normal == wanted[0] else { return nil }
        var place = start
        var next = 0
        while next < wanted.count, place < tokens.count {
            if tokens[place].normal == wanted[next] {
                next += 1
            } else if !isHesitation[place] {
                return nil
            }
            place += 1
        }
        return next == wanted.count ? start..<place : nil
    }
}
