/// The settings of one provider: the same names behind its prefix.
package struct ProviderKeys: Sendable {
    package let apiKey: Setting<Secret>
    package let baseURL: Setting<String>
    /// The model that recognises speech; nil for a provider that does not.
    package let speechModel: Setting<String>?
    /// The model that coaches; nil for a provider that does not.
    package let coachModel: Setting<String>?
    /// The model that speaks, and its voice; nil for a provider that does not.
    package let voiceModel: Setting<String>?
    package let voice: Setting<String>?
    /// The coach for the days when money is short; nil where models cost nothing or there is no cheaper one.
    package let cheapModel: Setting<String>?

    package var declarations: [SettingDeclaration] {
        [apiKey.declaration, baseURL.declaration]
            + [speechModel, coachModel, cheapModel, voiceModel, voice].compactMap { $0?.declaration }
    }

    package static let openai = ProviderKeys(
        openAICompatible: "OPENAI", title: "OpenAI", baseURL: .value("https://api.openai.com/v1"),
        speechModel: "whisper-1", coachModel: "gpt-6-luna", cheapModel: "gpt-6-luna",
        voice: voice(
            "OPENAI", title: "OpenAI", model: "gpt-4o-mini-tts", "VOICE", "alloy",
            "one of its voices by name"))
    package static let groq = ProviderKeys(
        openAICompatible: "GROQ", title: "Groq", baseURL: .value("https://api.groq.com/openai/v1"),
        speechModel: "whisper-large-v3-turbo", coachModel: "llama-3.3-70b-versatile")
    package static let localSTT = ProviderKeys(
        openAICompatible: "LOCAL_STT", title: "the local speech server", baseURL: .absent("not in the chain"),
        speechModel: "whisper-1", coachModel: "llama3.2")
    package static let localLLM = ProviderKeys(
        openAICompatible: "LOCAL_LLM", title: "the local language server",
        baseURL: .absent("not in the chain"),
        speechModel: "whisper-1", coachModel: "llama3.2")
    package static let deepgram = ProviderKeys(
        speech: "DEEPGRAM", title: "Deepgram", baseURL: "https://api.deepgram.com", model: "nova-3")
    package static let elevenlabs = ProviderKeys(
        speech: "ELEVENLABS", title: "ElevenLabs", baseURL: "https://api.elevenlabs.io", model: "scribe_v2",
        voice: voice(
            "ELEVENLABS", title: "ElevenLabs", model: "eleven_flash_v2_5", "VOICE_ID",
            "JBFqnCBsd6RMkjVDRZzb", "the id of a voice in the account"))
    package static let assemblyai = ProviderKeys(
        speech: "ASSEMBLYAI", title: "AssemblyAI", baseURL: "https://api.assemblyai.com", model: "universal-2"
    )
    package static let anthropic = ProviderKeys(
        coach: "ANTHROPIC", title: "Anthropic", baseURL: "https://api.anthropic.com",
        model: "claude-haiku-5-5", cheapModel: "claude-haiku-5-5")
    package static let gemini = ProviderKeys(
        coach: "GEMINI", title: "Gemini", baseURL: "https://generativelanguage.googleapis.com",
        model: "gemini-3.5-flash-lite", cheapModel: "gemini-3.5-flash-lite")

    /// In the order of the reference.
    package static let all = [
        openai, groq, localSTT, localLLM, deepgram, elevenlabs, assemblyai, anthropic, gemini,
    ]

    /// The settings of a recogniser; nil for one inside this process.
    package static func of(_ provider: SpeechProviderName) -> ProviderKeys? {
        switch provider {
        case .openai: openai
        case .groq: groq
        case .deepgram: deepgram
        case .elevenlabs: elevenlabs
        case .assemblyai: assemblyai
        case .localSTT: localSTT
        case .pocketsphinx: nil
        }
    }

    /// The settings of a synthesiser; nil for the one on this machine.
    package static func of(_ provider: VoiceProviderName) -> ProviderKeys? {
        switch provider {
        case .openai: openai
        case .elevenlabs: elevenlabs
        case .espeak: nil
        }
    }

    /// The settings of a coach; nil for one inside this process.
    package static func of(_ provider: CoachProviderName) -> ProviderKeys? {
        switch provider {
        case .openai: openai
        case .anthropic: anthropic
        case .gemini: gemini
        case .localLLM: localLLM
        case .rules: nil
        }
    }
}

extension ProviderKeys {
    private typealias Voice = (model: Setting<String>, voice: Setting<String>)

    private static let readers: [Role] = [
        .demo, .up, .audioWorker, .feedbackWorker, .analyze, .providers, .doctor,
    ]

    /// A server with OpenAI's wire; its base URL includes the version.
    private init(
        openAICompatible prefix: String, title: String, baseURL: SettingDeclaration.Default,
        speechModel: String, coachModel: String, cheapModel: String? = nil, voice: Voice? = nil
    ) {
        apiKey = Self.apiKey(prefix, title: title)
        self.baseURL = Self.baseURL(prefix, title: title, baseURL, note: ", the version included")
        self.speechModel = Self.model(
            "\(prefix)_STT_MODEL", title: title, speechModel, does: "speech recognition")
        self.coachModel = Self.model("\(prefix)_LLM_MODEL", title: title, coachModel, does: "coaching")
        voiceModel = voice?.model
        self.voice = voice?.voice
        self.cheapModel = cheapModel.map {
            Self.model("\(prefix)_LLM_CHEAP_MODEL", title: title, $0, does: Self.cheapCoaching)
        }
    }

    private init(
        speech prefix: String, title: String, baseURL: String, model: String, voice: Voice? = nil
    ) {
        apiKey = Self.apiKey(prefix, title: title)
        self.baseURL = Self.baseURL(prefix, title: title, .value(baseURL), note: ", without a version")
        speechModel = Self.model("\(prefix)_MODEL", title: title, model, does: "speech recognition")
        coachModel = nil
        voiceModel = voice?.model
        self.voice = voice?.voice
        cheapModel = nil
    }

    private init(coach prefix: String, title: String, baseURL: String, model: String, cheapModel: String) {
        apiKey = Self.apiKey(prefix, title: title)
        self.baseURL = Self.baseURL(prefix, title: title, .value(baseURL), note: ", without a version")
        speechModel = nil
        coachModel = Self.model("\(prefix)_MODEL", title: title, model, does: "coaching")
        voiceModel = nil
        voice = nil
        self.cheapModel = Self.model(
            "\(prefix)_CHEAP_MODEL", title: title, cheapModel, does: Self.cheapCoaching)
    }

    private static let cheapCoaching = "coaching from four fifths of a budget on"

    private static func apiKey(_ prefix: String, title: String) -> Setting<Secret> {
        Setting(
            "\(prefix)_API_KEY", .providers, .secret(.text),
            default: .absent(prefix.hasPrefix("LOCAL_") ? "sent without a key" : "not in the chain"),
            "The key for \(title).", roles: readers)
    }

    private static func baseURL(
        _ prefix: String, title: String, _ fallback: SettingDeclaration.Default, note: String
    ) -> Setting<String> {
        Setting(
            "\(prefix)_BASE_URL", .providers, .url("https", "http"), default: fallback,
            "The address of \(title)\(note).", roles: readers)
    }

    private static func voice(
        _ prefix: String, title: String, model: String, _ suffix: String, _ fallback: String, _ what: String
    ) -> Voice {
        let roles: [Role] = [.demo, .up, .feedbackWorker, .doctor]
        return (
            Setting(
                "\(prefix)_TTS_MODEL", .providers, .text, default: .value(model),
                "The model of \(title) for spoken replies.", roles: roles),
            Setting(
                "\(prefix)_TTS_\(suffix)", .providers, .text, default: .value(fallback),
                "Who speaks: \(what).", roles: roles)
        )
    }

    private static func model(
        _ name: String, title: String, _ fallback: String, does what: String
    ) -> Setting<String> {
        Setting(
            name, .providers, .text, default: .value(fallback), "The model of \(title) for \(what).",
            roles: readers)
    }
}
