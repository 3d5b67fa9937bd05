import CoachDomain
import SpeechAnalysis

/// Writes down what the speaker meant to say: without fillers, repetitions and broken-off words, and with
/// sentences. Adds no word and changes no order.
struct Rewriter {
    /// A silence after which a new sentence begins when the recogniser wrote no punctuation.
    private static let sentencePause = 0.6
    /// Fewer words than this are not a sentence of their own.
    private static let shortestSentence = 3

    private let tokens: [Token]
    private let lexicon: Lexicon?

    init(_ material: CoachingMaterial) {
        tokens = material.tokens
        lexicon = Lexicon.of(material.transcript.language)
    }

    func text() -> String {
        let dropped = droppedPlaces()
        let hasPunctuation = tokens.contains { $0.endsClause }
        var sentences: [[String]] = [[]]
        var lastKept: Token?
        for index in tokens.indices where !dropped.contains(index) {
            let token = tokens[index]
            if let lastKept, sentences[sentences.count - 1].count >= Self.shortestSentence {
                let startsNew = hasPunctuation ? lastKept.endsSentence : isPause(lastKept, token)
                if startsNew { sentences.append([]) }
            }
            sentences[sentences.count - 1].append(written(index, dropped: dropped))
            lastKept = token
        }
        return sentences.filter { !$0.isEmpty }.map(Self.sentence).joined(separator: " ")
    }

    private func droppedPlaces() -> Set<Int> {
        let fillers = Set(FillerFinder(lexicon: lexicon).findings(in: tokens).flatMap(\.tokens))
        var dropped = fillers
        // "I wan- I wanted": a word broken off is a false start by its spelling.
        for index in tokens.indices where tokens[index].written.hasSuffix("-") { dropped.insert(index) }
        guard let lexicon else { return dropped }
        // A removed phrase can bring two equal words together, so look until nothing is found.
        while true {
            let more = RepetitionFinder(lexicon: lexicon).repetitions(in: tokens, fillers: dropped)
                .flatMap { $0 }.filter { !dropped.contains($0) }
            guard !more.isEmpty else { return dropped }
            dropped.formUnion(more)
        }
    }

    /// The word, without a comma that only led into a filler that is gone.
    private func written(_ index: Int, dropped: Set<Int>) -> String {
        let token = tokens[index]
        var next = index + 1
        while dropped.contains(next) { next += 1 }
        guard next > index + 1, token.endsClause, !token.endsSentence else { return token.written }
        // A sentence that ended with the filler ends here now.
        if tokens[next - 1].endsSentence { return Self.bare(token.written) + "." }
        return tokens[next - 1].endsClause ? Self.bare(token.written) : token.written
    }

    private static func bare(_ word: String) -> String {
        var word = word
        while let last = word.last, ",;:—–-".contains(last) { word.removeLast() }
        return word
    }

    private func isPause(_ left: Token, _ right: Token) -> Bool {
        guard let left = left.span, let right = right.span else { return false }
        return right.start - left.end >= Self.sentencePause
    }

    private static func sentence(_ words: [String]) -> String {
        var text = words.joined(separator: " ")
        while let last = text.last, ",;:—–- ".contains(last) { text.removeLast() }
        if let last = text.last, !".!?…".contains(last) { text += "." }
        return text.prefix(1).uppercased() + text.dropFirst()
    }
}
