package import CoachDomain
import Foundation
import SpeechAnalysis

/// Turns a model's answer into feedback that may be shown, or refuses it.
///
/// Checks shape, lengths, that every quotation was really said, the language, and that the answer has to do
/// with the note. What can be mended without inventing anything is mended and counted.
package struct FeedbackValidator: Sendable {
    /// Why an answer is not shown.
    package enum Flaw: Error, Hashable, Sendable {
        case notJSON
        case missingField(String)
        /// A field is far longer than it may be.
        case tooLong(String)
        /// No improvement quotes anything that was said.
        case inventedQuotes
        case wrongLanguage
        /// Links, addresses or names of accounts that nobody mentioned, or a word or two where advice belongs.
        case offTopic
    }

    package struct Verdict: Hashable, Sendable {
        package var feedback: Feedback
        /// How many things were put right.
        package var repairs: Int
    }

    private let material: CoachingMaterial

    package init(_ material: CoachingMaterial) { self.material = material }

    /// - Parameters:
    ///   - answer: What the model wrote.
    ///   - descriptor: Named as the author.
    package func validate(_ answer: String, from descriptor: ModelDescriptor) throws(Flaw) -> Verdict {
        guard let (document, wasMended) = JSONRepair.document(in: answer) else { throw .notJSON }
        var repairs = wasMended ? 1 : 0
        let summary = try text("summary", of: document, limit: 500, &repairs)
        var rewrite = try text("rewrite", of: document, limit: rewriteLimit, &repairs)
        if !resemblesSpeech(rewrite) || isTranslated(rewrite) {
            // The advice may be sound all the same, and a faithful version of the text is at hand.
            rewrite = Rewriter(material).text()
            repairs += 1
        }
        let drill = try text("drill", of: document, limit: 600, &repairs)
        var strengths: [String] = []
        for item in (document["strengths"]?.array ?? []).compactMap(\.string).prefix(3) {
            let strength = item.trimmingCharacters(in: .whitespacesAndNewlines)
            if !strength.isEmpty { strengths.append(try fitted(strength, "strengths", limit: 300, &repairs)) }
        }
        guard !strengths.isEmpty else { throw .missingField("strengths") }
        let improvements = try improvements(of: document, &repairs)
        let feedback = Feedback(
            provider: descriptor.name, model: descriptor.model, promptVersion: CoachPrompt.version,
            summary: summary, strengths: strengths, improvements: improvements, rewrite: rewrite, drill: drill
        )
        try checkTopic(feedback)
        try checkLanguage(feedback)
        return Verdict(feedback: feedback, repairs: repairs)
    }

    private var rewriteLimit: Int { min(6_000, material.transcript.text.count * 3 / 2 + 200) }

    private func improvements(of document: JSONValue, _ repairs: inout Int) throws(Flaw) -> [Improvement] {
        guard let items = document["improvements"]?.array, !items.isEmpty else {
            throw .missingField("improvements")
        }
        let locator = QuoteLocator(material)
        var improvements: [Improvement] = []
        for item in items {
            guard improvements.count < 3 else {
                repairs += 1
                break
            }
            let why = try text("why", of: item, limit: 400, &repairs)
            let suggestion = try text("suggestion", of: item, limit: 500, &repairs)
            guard let range = item["quote"]?.string.flatMap(locator.locate) else {
                repairs += 1
                continue
            }
            let span = material.span(range)
            improvements.append(
                Improvement(
                    quote: material.quote(range), start: span?.start, end: span?.end, why: why,
                    suggestion: suggestion, topic: item["topic"]?.string.flatMap(CoachingTopic.init)))
        }
        guard !improvements.isEmpty else { throw .inventedQuotes }
        return improvements
    }

    private func text(
        _ name: String, of value: JSONValue, limit: Int, _ repairs: inout Int
    ) throws(Flaw) -> String {
        let text = value[name]?.string?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
        guard !text.isEmpty else { throw .missingField(name) }
        return try fitted(text, name, limit: limit, &repairs)
    }

    /// Cuts a text that is somewhat too long after its last whole sentence.
    private func fitted(
        _ text: String, _ name: String, limit: Int, _ repairs: inout Int
    ) throws(Flaw) -> String {
        guard text.count > limit else { return text }
        guard text.count <= 2 * limit else { throw .tooLong(name) }
        let kept = text.prefix(limit)
        guard let end = kept.lastIndex(where: { ".!?…".contains($0) }) else { throw .tooLong(name) }
        repairs += 1
        return String(kept[...end])
    }

    // MARK: Topic

    /// An answer that obeys the transcript instead of judging it tends to link somewhere, or to say one thing.
    private func checkTopic(_ feedback: Feedback) throws(Flaw) {
        let said = material.transcript.text.lowercased()
        let advice =
            [feedback.summary, feedback.drill] + feedback.improvements.flatMap { [$0.why, $0.suggestion] }
        // Counted in letters, because not every language puts spaces between words.
        guard advice.allSatisfy({ $0.count(where: \.isLetter) >= 8 }) else { throw .offTopic }
        for text in advice + feedback.strengths + [feedback.rewrite] {
            for word in text.lowercased().split(whereSeparator: \.isWhitespace) where Self.isAddress(word) {
                guard said.contains(word) else { throw .offTopic }
            }
        }
    }

    /// Same language and same meaning make many of the same words; a third is far below any honest rewrite.
    private func resemblesSpeech(_ rewrite: String) -> Bool {
        let spoken = Set(material.tokens.map(\.normal))
        let rewritten = Set(words(of: rewrite))
        guard spoken.count >= 8 else { return true }
        return rewritten.count * 100 >= spoken.count * 15
            && rewritten.intersection(spoken).count * 3 >= rewritten.count
    }

    private static func isAddress(_ word: Substring) -> Bool {
        word.contains("://") || word.hasPrefix("www.") || word.hasPrefix("t.me/") || word.contains("](")
            || (word.hasPrefix("@") && word.count > 3)
    }

    private func words(of text: String) -> [String] {
        text.lowercased().split { !$0.isLetter && !$0.isNumber && $0 != "'" && $0 != "’" && $0 != "-" }
            .map { String($0).replacing("’", with: "'") }
    }

    // MARK: Language

    /// The rewrite is for saying again, so it has to be in the language in which the note was spoken.
    private func isTranslated(_ rewrite: String) -> Bool {
        guard let spoken = material.spokenLanguage, LanguageGuess.languages.contains(spoken),
            let found = LanguageGuess.language(of: rewrite)
        else { return false }
        return found != spoken
    }

    /// Light: only advice that is plainly in another language than the coach's is refused.
    private func checkLanguage(_ feedback: Feedback) throws(Flaw) {
        // Suggestions are left out: they may consist of words to say.
        let prose =
            ([feedback.summary, feedback.drill] + feedback.strengths + feedback.improvements.map(\.why))
            .map { LanguageGuess.withoutQuotations($0) }.joined(separator: " ")
        guard let found = LanguageGuess.language(of: prose),
            LanguageGuess.languages.contains(material.language)
        else { return }
        guard found == material.language else { throw .wrongLanguage }
    }
}
