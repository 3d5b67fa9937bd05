/// One recognised word.
package struct Word: Hashable, Sendable {
    /// As the recogniser wrote it, punctuation attached to the word included.
    package var text: String
    /// On the clock that the holder states: the upload's before mapping, the original's after.
    package var span: TimeSpan
    /// 0…1, or `nil` where the recogniser gives none.
    package var confidence: Double?
    /// The recogniser itself marked this as a hesitation ("um", "uh").
    package var isFiller: Bool

    package init(text: String, span: TimeSpan, confidence: Double? = nil, isFiller: Bool = false) {
        self.text = text
        self.span = span
        self.confidence = confidence
        self.isFiller = isFiller
    }
}

extension Word: Codable {
    private enum CodingKeys: String, CodingKey { case text, start, end, confidence, filler }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(text, forKey: .text)
        try container.encode(span.start, forKey: .start)
        try container.encode(span.end, forKey: .end)
        try container.encode(confidence, forKey: .confidence)
        if isFiller { try container.encode(true, forKey: .filler) }
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let start = try container.decode(Double.self, forKey: .start)
        self.init(
            text: try container.decode(String.self, forKey: .text),
            span: TimeSpan(start: start, end: try container.decode(Double.self, forKey: .end)),
            confidence: try container.decodeIfPresent(Double.self, forKey: .confidence),
            isFiller: try container.decodeIfPresent(Bool.self, forKey: .filler) ?? false)
    }
}

/// How far a number that depends on the recogniser may be believed.
package enum Evidence: String, Hashable, Sendable, Codable {
    /// The recogniser keeps what is counted.
    case measured
    /// The recogniser drops some of it; the true value is at least this.
    case lowerBound
    /// The recogniser says nothing about it.
    case notAvailable
}

/// What a recogniser can tell, declared by its adapter and stored with the transcript.
package struct RecognizerCapabilities: Hashable, Sendable, Codable {
    /// Whether hesitations such as "um" survive into the words.
    package var fillers: Evidence
    package var wordTimes: Bool
    package var wordConfidence: Bool
    /// BCP-47 primary tags, or `nil` for "many, detected".
    package var languages: [String]?

    package init(fillers: Evidence, wordTimes: Bool, wordConfidence: Bool, languages: [String]? = nil) {
        self.fillers = fillers
        self.wordTimes = wordTimes
        self.wordConfidence = wordConfidence
        self.languages = languages
    }
}

/// What was said, on the clock of the original note.
package struct Transcript: Hashable, Sendable, Codable {
    package var text: String
    /// BCP-47 primary tag (`en`), or `nil` when the recogniser did not say.
    package var language: String?
    /// Contract name of the recogniser, for example `pocketsphinx`.
    package var provider: String
    package var model: String
    package var capabilities: RecognizerCapabilities
    /// In order of start; empty when the recogniser gives no word times.
    package var words: [Word]

    package init(
        text: String, language: String?, provider: String, model: String,
        capabilities: RecognizerCapabilities, words: [Word]
    ) {
        self.text = text
        self.language = language
        self.provider = provider
        self.model = model
        self.capabilities = capabilities
        self.words = words
    }
}
