package import CoachDomain
import SpeechAnalysis

/// What a coach, human-made or in silicon, is told about one note.
package struct CoachingMaterial: Hashable, Sendable {
    package var transcript: Transcript
    package var metrics: SpeechMetrics
    /// BCP-47 primary tag of the language in which the answer is wanted.
    package var language: String
    /// What the speaker works on; `nil` to let the coach choose.
    package var focus: CoachingTopic?
    /// BCP-47 primary tag of what was spoken: as the recogniser heard it, else as the words look; `nil` for
    /// unknown.
    let spokenLanguage: String?
    /// The transcript's words in order; those with times where there are any.
    let tokens: [Token]

    /// - Parameters:
    ///   - language: Of the advice; `nil` means the language that was spoken, or English.
    ///   - focus: What the speaker works on; `nil` to let the coach choose.
    package init(
        transcript: Transcript, metrics: SpeechMetrics, language: String?, focus: CoachingTopic? = nil
    ) {
        self.transcript = transcript
        self.metrics = metrics
        self.focus = focus
        spokenLanguage = transcript.language ?? LanguageGuess.language(of: transcript.text)
        let wanted = language ?? spokenLanguage ?? "en"
        self.language = wanted.prefix { $0 != "-" && $0 != "_" }.lowercased()
        tokens = Token.tokens(of: transcript)
    }

    /// The speaker's words of a range of tokens, as they are written in the transcript.
    func quote(_ range: Range<Int>) -> String { tokens[range].map(\.written).joined(separator: " ") }

    /// When a range of tokens was said; `nil` without word times.
    func span(_ range: Range<Int>) -> TimeSpan? {
        guard !range.isEmpty, let first = tokens[range.lowerBound].span,
            let last = tokens[range.upperBound - 1].span
        else { return nil }
        return TimeSpan(start: first.start, end: last.end)
    }
}
