/// A recogniser, by its name in `STT_PROVIDERS`.
package enum SpeechProviderName: String, Sendable, CaseIterable, Hashable {
    case openai, groq, deepgram, elevenlabs, assemblyai
    case localSTT = "local-stt"
    /// In this process; always last, because it always answers.
    case pocketsphinx

    package static let inProcess = SpeechProviderName.pocketsphinx
}

/// A synthesiser, by its name in `TTS_PROVIDERS`.
package enum VoiceProviderName: String, Sendable, CaseIterable, Hashable {
    case openai, elevenlabs
    /// On this machine; always last, because it always answers.
    case espeak

    package static let inProcess = VoiceProviderName.espeak
}

/// A coach, by its name in `LLM_PROVIDERS`.
package enum CoachProviderName: String, Sendable, CaseIterable, Hashable {
    case openai, anthropic, gemini
    case localLLM = "local-llm"
    /// In this process; always last, because it always answers.
    case rules

    package static let inProcess = CoachProviderName.rules
}
