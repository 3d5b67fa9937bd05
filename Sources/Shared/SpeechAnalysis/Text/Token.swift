package import CoachDomain
import Foundation

/// One word as the text measures see it.
package struct Token: Hashable, Sendable {
    /// As written, punctuation included.
    package var written: String
    /// Lower case, without punctuation at either end; apostrophes and hyphens inside stay.
    package var normal: String
    /// On the clock of the words that it was made from; `nil` without word times.
    package var span: TimeSpan?
    /// The recogniser marked it as a hesitation.
    package var isMarked: Bool
    /// A comma, dash or the end of a clause or sentence follows.
    package var endsClause: Bool
    package var endsSentence: Bool

    package init(written: String, span: TimeSpan? = nil, isMarked: Bool = false) {
        self.written = written
        self.span = span
        self.isMarked = isMarked
        normal = Self.normalized(written)
        let tail = written.reversed().prefix { !$0.isLetter && !$0.isNumber }
        endsSentence = tail.contains { ".!?…。？！".contains($0) }
        endsClause = endsSentence || tail.contains { ",;:—–".contains($0) } || written == "-"
    }

    /// The words of a transcript: those with times where there are any, otherwise those of its text.
    package static func tokens(of transcript: Transcript) -> [Token] {
        let tokens =
            transcript.words.isEmpty
            ? transcript.text.split(whereSeparator: \.isWhitespace).map { Token(written: String($0)) }
            : transcript.words.map { Token(written: $0.text, span: $0.span, isMarked: $0.isFiller) }
        return tokens.filter { !$0.normal.isEmpty }
    }

    /// The form in which two spellings of the same word are equal.
    package static func normalized(_ text: String) -> String {
        let straight = text.lowercased().replacing("’", with: "'")
        let core = straight.drop { !$0.isLetter && !$0.isNumber }.reversed().drop {
            !$0.isLetter && !$0.isNumber
        }
        return String(core.reversed())
    }
}

extension Array where Element == Token {
    /// Places where a phrase of normal forms begins.
    func occurrences(of phrase: [String]) -> [Int] {
        guard !phrase.isEmpty, count >= phrase.count else { return [] }
        return (0...(count - phrase.count)).filter { start in
            phrase.indices.allSatisfy { self[start + $0].normal == phrase[$0] }
        }
    }

    /// Ranges covered by the phrases, the longest first where they overlap, in order.
    package func ranges(of phrases: [String]) -> [Range<Int>] {
        let split = phrases.map { $0.split(separator: " ").map(String.init) }.sorted { $0.count > $1.count }
        var taken = [Bool](repeating: false, count: count)
        var found: [Range<Int>] = []
        for phrase in split {
            for start in occurrences(of: phrase) {
                let range = start..<start + phrase.count
                guard !range.contains(where: { taken[$0] }) else { continue }
                for index in range { taken[index] = true }
                found.append(range)
            }
        }
        return found.sorted { $0.lowerBound < $1.lowerBound }
    }
}
