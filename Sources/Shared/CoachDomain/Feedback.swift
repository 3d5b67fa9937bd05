/// One thing to change, tied to the speaker's own words.
package struct Improvement: Hashable, Sendable, Codable {
    /// Words that occur in the transcript, exactly as the speaker said them.
    package var quote: String
    /// Where they were said, seconds on the original clock; `nil` when the recogniser gives no times.
    package var start: Double?
    package var end: Double?
    /// Why it matters to a listener.
    package var why: String
    /// What to do instead.
    package var suggestion: String
    /// What it is about; `nil` where the coach did not say.
    package var topic: CoachingTopic?

    package init(
        quote: String, start: Double?, end: Double?, why: String, suggestion: String,
        topic: CoachingTopic? = nil
    ) {
        self.quote = quote
        self.start = start
        self.end = end
        self.why = why
        self.suggestion = suggestion
        self.topic = topic
    }
}

/// The coach's answer to one note, validated; `improvements` has the one focus first.
package struct Feedback: Hashable, Sendable, Codable {
    /// Contract name of who wrote it, for example `anthropic` or `rules`.
    package var provider: String
    package var model: String
    /// Version of the prompt (or of the rules) that led to it.
    package var promptVersion: String
    package var summary: String
    package var strengths: [String]
    package var improvements: [Improvement]
    /// The speaker's own text, said better.
    package var rewrite: String
    /// An exercise of about one minute.
    package var drill: String

    package init(
        provider: String, model: String, promptVersion: String, summary: String, strengths: [String],
        improvements: [Improvement], rewrite: String, drill: String
    ) {
        self.provider = provider
        self.model = model
        self.promptVersion = promptVersion
        self.summary = summary
        self.strengths = strengths
        self.improvements = improvements
        self.rewrite = rewrite
        self.drill = drill
    }
}
