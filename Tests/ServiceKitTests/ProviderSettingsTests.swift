import Testing

@testable import ServiceKit

@Suite struct ProviderSettingsTests {
    private func providers(_ environment: [String: String]) async throws -> ProviderSettings {
        try await Settings.load(environment: environment).providers
    }

    @Test func `a provider joins its chain with its key, a local one with its address`() async throws {
        let providers = try await providers([
            "OPENAI_API_KEY": "k1", "ANTHROPIC_API_KEY": "k2", "LOCAL_STT_BASE_URL": "http://stt:8000/v1/",
            "DEEPGRAM_API_KEY": "k3", "DEEPGRAM_MODEL": "nova-4", "GROQ_BASE_URL": "http://unused",
        ])
        #expect(providers.speech.map(\.name) == [.deepgram, .localSTT, .openai, .pocketsphinx])
        #expect(providers.coaching.map(\.name) == [.openai, .anthropic, .rules])
        #expect(
            providers.speech.map(\.endpoint) == [
                ProviderEndpoint(apiKey: Secret("k3"), baseURL: "https://api.deepgram.com", model: "nova-4"),
                ProviderEndpoint(apiKey: nil, baseURL: "http://stt:8000/v1", model: "whisper-1"),
                ProviderEndpoint(
                    apiKey: Secret("k1"), baseURL: "https://api.openai.com/v1", model: "whisper-1"),
                nil,
            ])
        #expect(
            providers.coaching[1].endpoint
                == ProviderEndpoint(
                    apiKey: Secret("k2"), baseURL: "https://api.anthropic.com", model: "claude-haiku-5-5",
                    cheapModel: "claude-haiku-5-5"))
        #expect(
            providers.skipped == [
                SkippedProvider(name: "elevenlabs", missing: "ELEVENLABS_API_KEY"),
                SkippedProvider(name: "assemblyai", missing: "ASSEMBLYAI_API_KEY"),
                SkippedProvider(name: "groq", missing: "GROQ_API_KEY"),
                SkippedProvider(name: "gemini", missing: "GEMINI_API_KEY"),
                SkippedProvider(name: "local-llm", missing: "LOCAL_LLM_BASE_URL"),
            ])
    }

    @Test(
        arguments: [
            ("openai", [.openai, .pocketsphinx]), ("pocketsphinx, openai", [.openai, .pocketsphinx]),
            (" openai , groq ", [.openai, .groq, .pocketsphinx]), ("pocketsphinx", [.pocketsphinx]),
        ] as [(String, [SpeechProviderName])])
    func `the recogniser inside the process always ends the chain`(
        list: String, expected: [SpeechProviderName]
    ) async throws {
        let providers = try await providers([
            "STT_PROVIDERS": list, "OPENAI_API_KEY": "k", "GROQ_API_KEY": "k",
        ])
        #expect(providers.speech.map(\.name) == expected)
    }

    @Test func `a malformed value of a provider in no chain is reported all the same`() async {
        await #expect(throws: ConfigurationError.self) {
            try await providers(["STT_PROVIDERS": "pocketsphinx", "GROQ_BASE_URL": "nonsense"])
        }
    }

    @Test func `who is asked first can be switched`() async throws {
        let usual = try await providers([:])
        #expect(usual.speechRouting == .order && usual.coachRouting == .order)
        #expect(usual.concurrency == ["deepgram": 50, "local-llm": 4, "local-stt": 4])
        let switched = try await providers([
            "STT_ROUTING": "weights:openai=3, groq=1.5", "LLM_ROUTING": "canary:gemini=0.05",
            "PROVIDER_CONCURRENCY": "openai=8",
        ])
        #expect(switched.speechRouting == .weights(["openai": 3, "groq": 1.5]))
        #expect(switched.coachRouting == .canary("gemini", share: 0.05))
        #expect(switched.concurrency == ["openai": 8])
    }

    @Test(arguments: [
        "first", "weights", "weights:", "weights:openai", "weights:nobody=1", "weights:openai=-1",
        "weights:openai=0", "weights:openai=1,openai=2", "canary:openai=1.5", "canary:openai=0.1,groq=0.1",
        "canary:gemini=0.1", "canary:openai=nan",
    ])
    func `a way of routing that cannot be followed is refused with the mend`(text: String) async {
        do {
            _ = try await providers(["STT_ROUTING": text])
            Issue.record("accepted: \(text)")
        } catch {
            #expect("\(error)".contains("STT_ROUTING") && "\(error)".contains("Give "), "\(error)")
        }
    }

    @Test(
        arguments: [
            ("0.05", 50_000), ("0", 0), ("100", 100_000_000), ("0.000001", 1), ("1000000", 1_000_000_000_000),
            ("0.1", 100_000), ("none", nil),
        ] as [(String, Int64?)])
    func `a budget is exact to the millionth of a dollar`(text: String, micros: Int64?) async throws {
        let settings = try await Settings.load(environment: ["BUDGET_USD_PER_MONTH": text])
        #expect(settings.spending.perMonth.microUSD == micros)
    }

    @Test(arguments: ["-1", "1e3", "0.0000001", "1,5", "USD 5", "1000001", "inf"])
    func `what is no amount of money is refused`(text: String) async {
        await #expect(throws: ConfigurationError.self) {
            try await Settings.load(environment: ["BUDGET_USD_PER_NOTE": text])
        }
    }

    @Test func `budgets have defaults, so that nobody's bill has no end`() async throws {
        let spending = try await Settings.load(environment: [:]).spending
        #expect(
            [spending.perNote, spending.perPersonDay, spending.perProviderDay, spending.perMonth]
                == [.microUSD(250_000), .microUSD(2_000_000), .microUSD(20_000_000), .microUSD(100_000_000)])
    }

    @Test func `a local server may have a key`() async throws {
        let providers = try await providers(["LOCAL_LLM_BASE_URL": "http://h/v1", "LOCAL_LLM_API_KEY": "k"])
        #expect(providers.coaching.first?.endpoint?.apiKey == Secret("k"))
    }

    @Test func `synthesisers have a voice each, and the one on this machine ends the chain`() async throws {
        let standing = try await providers([:])
        #expect(standing.voice == [VoiceLink(name: .espeak, endpoint: nil, voice: nil)])
        let chosen = try await providers([
            "TTS_PROVIDERS": "espeak,elevenlabs,openai", "OPENAI_API_KEY": "k1", "ELEVENLABS_API_KEY": "k2",
            "OPENAI_TTS_VOICE": "sage", "ELEVENLABS_TTS_VOICE_ID": "v", "ELEVENLABS_TTS_MODEL": "eleven_v3",
            "ESPEAK_VOICE": "en-us+f3",
        ])
        #expect(
            chosen.voice == [
                VoiceLink(
                    name: .elevenlabs,
                    endpoint: ProviderEndpoint(
                        apiKey: Secret("k2"), baseURL: "https://api.elevenlabs.io", model: "eleven_v3"),
                    voice: "v"),
                VoiceLink(
                    name: .openai,
                    endpoint: ProviderEndpoint(
                        apiKey: Secret("k1"), baseURL: "https://api.openai.com/v1", model: "gpt-4o-mini-tts"),
                    voice: "sage"),
                VoiceLink(name: .espeak, endpoint: nil, voice: "en-us+f3"),
            ])
        // Two chains lack the same key; the operator is told once.
        #expect(standing.skipped.count { $0.missing == "OPENAI_API_KEY" } == 1)
    }
}
