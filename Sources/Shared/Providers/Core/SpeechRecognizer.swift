package import CoachDomain

/// Who a recogniser is and what it can do.
package struct RecognizerDescriptor: Hashable, Sendable {
    /// Contract name, for example `groq`.
    package var name: String
    package var model: String
    package var capabilities: RecognizerCapabilities
    package var requirement: AudioRequirement
    /// Runs in this process: costs nothing and has no outages, so the circuit breaker leaves it alone.
    package var isLocal: Bool

    package init(
        name: String, model: String, capabilities: RecognizerCapabilities, requirement: AudioRequirement,
        isLocal: Bool = false
    ) {
        self.name = name
        self.model = model
        self.capabilities = capabilities
        self.requirement = requirement
        self.isLocal = isLocal
    }

    package var key: ProviderKey { ProviderKey(provider: name, model: model, operation: .speech) }

    /// Whether it understands the language; an unknown language is accepted by everyone.
    package func understands(_ language: String?) -> Bool {
        guard let language, let known = capabilities.languages else { return true }
        let primary = language.prefix { $0 != "-" && $0 != "_" }.lowercased()
        return known.contains(primary)
    }
}

/// What a recogniser heard.
package struct ProviderTranscript: Hashable, Sendable {
    /// Empty when nothing was said.
    package var text: String
    /// In order of start, on the clock of the uploaded audio; empty where the model gives no times.
    package var words: [Word]
    /// BCP-47 primary tag, when the recogniser said it.
    package var language: String?
    package var usage: ProviderUsage
    /// Where this answer promises less about hesitations than the recogniser in general, for example because
    /// of its language; `nil` for what the descriptor says.
    package var fillers: Evidence?

    package init(
        text: String, words: [Word], language: String?, usage: ProviderUsage, fillers: Evidence? = nil
    ) {
        self.text = text
        self.words = words
        self.language = language
        self.usage = usage
        self.fillers = fillers
    }
}

/// Turns speech into words.
package protocol SpeechRecognizer: Sendable {
    var descriptor: RecognizerDescriptor { get }
    /// How fast audio has travelled to this recogniser up to now; `nil` before the first upload.
    var uplink: LinkSpeed? { get }

    /// Recognises one note.
    ///
    /// A note in one part is sent once. Of several parts some are under way at the same time, and one that
    /// fails while others succeed is sent once more by itself. Returns by `context.deadline` at the latest and
    /// soon after cancellation. ``ProviderError/mayBeBilled`` tells whether a failure may still cost.
    func transcribe(
        _ audio: RecognizerAudio, context: CallContext
    ) async throws(ProviderError) -> ProviderTranscript

    /// Finds out whether the provider is there and accepts its settings; costs nothing.
    func check(deadline: ContinuousClock.Instant) async throws(ProviderError)
}

extension SpeechRecognizer {
    package var uplink: LinkSpeed? { nil }
}
