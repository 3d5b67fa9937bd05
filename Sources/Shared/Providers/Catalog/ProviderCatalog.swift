package import AudioEngine
package import HTTPTransport

/// What one adapter is told; the settings reference has the defaults.
package struct AdapterSettings: Hashable, Sendable {
    package var apiKey: String?
    /// As the vendor's own SDK takes it: with the version for servers of OpenAI's wire, without for others.
    package var baseURL: String
    package var model: String

    package init(apiKey: String? = nil, baseURL: String, model: String) {
        self.apiKey = apiKey
        self.baseURL = baseURL
        self.model = model
    }
}

/// Makes adapters from contract names; the one place that knows which wire a vendor speaks.
package struct ProviderCatalog: Sendable {
    private let client: HTTPClient

    /// - Parameter client: Shared by all adapters.
    package init(client: HTTPClient) { self.client = client }

    /// The recogniser of that name, or `nil` when there is no adapter for it.
    ///
    /// The one in this process, `pocketsphinx`, needs no address: see ``PocketSphinxRecognizer``.
    package func recognizer(named name: String, _ settings: AdapterSettings) -> (any SpeechRecognizer)? {
        let key = settings.apiKey ?? ""
        switch name {
        case "deepgram":
            return DeepgramSpeech(
                model: settings.model, client: client, baseURL: settings.baseURL, apiKey: key)
        case "elevenlabs":
            return ElevenLabsSpeech(
                model: settings.model, client: client, baseURL: settings.baseURL, apiKey: key)
        case "assemblyai":
            return AssemblyAISpeech(
                model: settings.model, client: client, baseURL: settings.baseURL, apiKey: key)
        default:
            guard let requirement = Self.openAIRequirements[name] else { return nil }
            return OpenAISpeech(
                name: name, model: settings.model, endpoint: openAIEndpoint(settings),
                requirement: requirement)
        }
    }

    /// The language model of that name, or `nil` when there is no adapter for it. `rules` is none: every
    /// coaching chain ends with it by itself.
    package func languageModel(named name: String, _ settings: AdapterSettings) -> (any LanguageModel)? {
        switch name {
        case "openai", "groq", "local-llm":
            OpenAIChat(
                name: name, model: settings.model, endpoint: openAIEndpoint(settings),
                dialect: name == "openai" ? .openAI : .compatible)
        case "anthropic":
            AnthropicMessages(
                name: name, model: settings.model, client: client, baseURL: settings.baseURL,
                apiKey: settings.apiKey ?? "")
        case "gemini":
            GeminiModel(
                model: settings.model, client: client, baseURL: settings.baseURL,
                apiKey: settings.apiKey ?? "")
        default: nil
        }
    }

    /// The synthesiser of that name, or `nil` when there is no adapter for it.
    ///
    /// The one on this machine, `espeak`, needs no address: see ``EspeakSynthesis``.
    package func synthesizer(
        named name: String, _ settings: AdapterSettings, voice: String, engine: AudioEngine
    ) -> (any SpeechSynthesizer)? {
        switch name {
        case "openai":
            OpenAISynthesis(
                model: settings.model, voice: voice, endpoint: openAIEndpoint(settings), engine: engine)
        case "elevenlabs":
            ElevenLabsSynthesis(
                model: settings.model, voice: voice, client: client, baseURL: settings.baseURL,
                apiKey: settings.apiKey ?? "", engine: engine)
        default: nil
        }
    }

    private static let openAIRequirements: [String: AudioRequirement] = [
        "openai": AudioRequirement(encodings: [.flac, .oggOpus, .wav], maximumPartBytes: 25_000_000),
        "groq": AudioRequirement(
            encodings: [.flac, .oggOpus, .wav], maximumPartBytes: 25_000_000, minimumBilledSeconds: 10),
        // WAV is the one form that every local server takes without a converter; nothing is billed, so the
        // audio stays as spoken.
        "local-stt": AudioRequirement(
            encodings: [.wav, .flac], mayBeSpedUp: false, maximumPartBytes: 25_000_000,
            maximumPartSeconds: 600),
    ]

    private func openAIEndpoint(_ settings: AdapterSettings) -> Endpoint {
        Endpoint(
            client: client, baseURL: settings.baseURL,
            authorization: settings.apiKey.map { .bearer($0) } ?? .none)
    }
}
