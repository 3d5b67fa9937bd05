package import CoachDomain

/// Who a synthesiser is and what decides how it sounds.
package struct SynthesizerDescriptor: Hashable, Sendable {
    /// Contract name, for example `elevenlabs`.
    package var name: String
    package var model: String
    /// Everything besides text, language, model and version that changes the sound: the voice and its manner.
    package var voice: String
    /// Runs on this machine: costs nothing and has no outages, so the circuit breaker leaves it alone.
    package var isLocal: Bool

    package init(name: String, model: String, voice: String, isLocal: Bool = false) {
        self.name = name
        self.model = model
        self.voice = voice
        self.isLocal = isLocal
    }

    package var key: ProviderKey { ProviderKey(provider: name, model: model, operation: .voice) }
}

/// What a synthesiser spoke.
package struct ProviderSpeech: Hashable, Sendable {
    package var clip: VoiceClip
    package var usage: ProviderUsage

    package init(clip: VoiceClip, usage: ProviderUsage) {
        self.clip = clip
        self.usage = usage
    }
}

/// Turns text into speech.
package protocol SpeechSynthesizer: Sendable {
    var descriptor: SynthesizerDescriptor { get }

    /// Speaks one passage, the whole of it.
    ///
    /// Sends each request once; nothing is retried here. Returns by `context.deadline` at the latest and
    /// soon after cancellation. ``ProviderError/mayBeBilled`` tells whether a failure may still cost. Sound that
    /// is cut off, silent or too short for its text is an error, never an answer.
    func speak(_ passage: SpokenPassage, context: CallContext) async throws(ProviderError) -> ProviderSpeech

    /// Finds out whether the provider is there and accepts its settings; costs nothing.
    func check(deadline: ContinuousClock.Instant) async throws(ProviderError)
}
