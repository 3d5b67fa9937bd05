import CoachDomain
import HTTPTransport
import ProviderFakes
import Testing

@testable import Providers

@Suite struct SpeechAdapterTests {
    private let client = HTTPClient()

    private func recognizer(
        _ fake: FakeOpenAI, name: String = "openai", model: String = "whisper-1", key: String? = "sk-test"
    ) throws -> any SpeechRecognizer {
        try #require(
            ProviderCatalog(client: client).recognizer(
                named: name, AdapterSettings(apiKey: key, baseURL: fake.baseURL, model: model)))
    }

    @Test func `words come back with times, punctuation, language and usage`() async throws {
        let fake = try FakeOpenAI(apiKey: "sk-test")
        let heard = try await recognizer(fake).transcribe(Samples.audio(), context: Samples.context())
        #expect(heard.text == Recognition.sample.text)
        #expect(heard.words.map(\.text).joined(separator: " ") == Recognition.sample.text)
        #expect(heard.words.allSatisfy { $0.span.end <= 1.01 && $0.span.duration >= 0 })
        #expect(heard.language == "en")
        #expect(heard.usage.audioSeconds != nil)
    }

    @Test func `whisper is asked for word times and shown the wanted style`() async throws {
        let fake = try FakeOpenAI(apiKey: "sk-test")
        _ = try await recognizer(fake).transcribe(
            Samples.audio(), context: Samples.context(language: "de-AT"))
        let form = try #require(fake.speech.requests.first?.form)
        #expect(form.first("response_format")?.text == "verbose_json")
        #expect(form.all("timestamp_granularities[]").map(\.text).contains("word"))
        #expect(form.first("language")?.text == "de")
        #expect(form.first("prompt")?.text.hasPrefix("Ähm") == true)
        #expect(form.first("file")?.filename == "audio.wav")
        #expect(fake.speech.requests.first?["authorization"] == "Bearer sk-test")
    }

    @Test(arguments: ["gpt-transcribe", "gpt-4o-transcribe"])
    func `text-only models promise no word times`(model: String) async throws {
        let fake = try FakeOpenAI(apiKey: "sk-test")
        let recognizer = try recognizer(fake, model: model)
        let heard = try await recognizer.transcribe(Samples.audio(), context: Samples.context(language: "en"))
        #expect(heard.words.isEmpty && heard.text == Recognition.sample.text)
        #expect(!recognizer.descriptor.capabilities.wordTimes)
        #expect(recognizer.descriptor.capabilities.fillers == .notAvailable)
        let form = try #require(fake.speech.requests.first?.form)
        #expect(form.first("response_format")?.text == "json")
        #expect(form.first(model == "gpt-transcribe" ? "languages[]" : "language")?.text == "en")
        #expect(form.first("temperature") == nil && form.first("prompt") == nil)
    }

    @Test func `Telegram's extension is never sent`() {
        for encoding in [AudioEncoding.pcm16, .flac, .oggOpus, .wav] {
            #expect(!encoding.filename.hasSuffix(".oga"))
        }
    }

    @Test func `parts are joined on one clock`() async throws {
        let fake = try FakeOpenAI(
            apiKey: nil, dialect: .compatible, recognition: Recognition(text: "one two"))
        let heard = try await recognizer(fake, name: "local-stt", model: "faster-whisper-small", key: nil)
            .transcribe(
                Samples.audio(parts: 3), context: Samples.context())
        #expect(heard.text == "one two one two one two")
        #expect(fake.speech.requests.count == 3)
        #expect(heard.words.map(\.span.start) == heard.words.map(\.span.start).sorted())
        #expect((heard.words.last?.span.start ?? 0) > 2)
    }

    @Test(arguments: [
        (Fault.rateLimited(.seconds(7)), ProviderError.rateLimited(retryAfter: .seconds(7))),
        (.quotaExhausted, .quota), (.unauthorized, .authentication), (.serverError, .server(status: 500)),
        (.overloaded, .overloaded(retryAfter: nil)), (.badGateway, .server(status: 502)),
        (.truncatedJSON, .malformedResponse), (.wrongSchema, .malformedResponse),
        (.emptyBody, .malformedResponse),
        (.hugeBody(bytes: 17 << 20), .malformedResponse), (.hangUp, .network(mayHaveActed: true)),
        (.cutOff, .network(mayHaveActed: true)), (.reset, .network(mayHaveActed: true)),
    ])
    func `each failure has its class and is not retried`(fault: Fault, error: ProviderError) async throws {
        let fake = try FakeOpenAI(apiKey: "sk-test")
        fake.speech.failAlways(fault)
        let recognizer = try recognizer(fake)
        let thrown = await #expect(throws: ProviderError.self) {
            _ = try await recognizer.transcribe(Samples.audio(), context: Samples.context())
        }
        #expect(thrown == error)
        #expect(fake.speech.requests.count == 1)
    }

    @Test(arguments: [Fault.silence, .stall, .trickle(bytes: 1, every: .milliseconds(50))])
    func `no answer outlives the deadline`(fault: Fault) async throws {
        let fake = try FakeOpenAI(apiKey: "sk-test")
        fake.speech.failAlways(fault)
        let recognizer = try recognizer(fake)
        await #expect(throws: ProviderError.timedOut(mayHaveActed: true)) {
            _ = try await recognizer.transcribe(Samples.audio(), context: Samples.context(seconds: 2))
        }
    }

    @Test func `nobody listening is a network failure that cost nothing`() async throws {
        let fake = try FakeOpenAI(apiKey: "sk-test")
        let recognizer = try recognizer(fake)
        fake.stop()
        await #expect(throws: ProviderError.network(mayHaveActed: false)) {
            _ = try await recognizer.transcribe(Samples.audio(), context: Samples.context())
        }
    }

    @Test func `cancelling stops the call`() async throws {
        let fake = try FakeOpenAI(apiKey: "sk-test")
        fake.speech.failAlways(.silence)
        let recognizer = try recognizer(fake)
        let work = Task {
            try await recognizer.transcribe(Samples.audio(), context: Samples.context(seconds: 60))
        }
        await fake.speech.received(1)
        work.cancel()
        await #expect(throws: ProviderError.cancelled) { try await work.value }
    }

    @Test func `a server that refuses word times is asked for text, and from then on only for that`()
        async throws
    {
        let fake = try FakeOpenAI(apiKey: nil, dialect: .compatible)
        let recognizer = try recognizer(fake, name: "local-stt", model: "parakeet", key: nil)
        for _ in 0..<2 {
            let heard = try await recognizer.transcribe(Samples.audio(), context: Samples.context())
            #expect(heard.text == Recognition.sample.text && heard.words.isEmpty)
        }
        let formats = fake.speech.requests.compactMap { $0.form?.first("response_format")?.text }
        #expect(formats == ["verbose_json", "json", "json"])
    }

    @Test func `a check asks for the models only`() async throws {
        let fake = try FakeOpenAI(apiKey: "sk-test")
        try await recognizer(fake).check(deadline: .now + .seconds(5))
        #expect(fake.models.requests.count == 1 && fake.speech.requests.isEmpty)
        await #expect(throws: ProviderError.authentication) {
            try await recognizer(fake, key: "wrong").check(deadline: .now + .seconds(5))
        }
    }

    @Test func `text that Whisper writes over silence is dropped`() throws {
        let body = """
            {"text":"Hello. Thank you for watching!","language":"english","duration":9,
             "segments":[{"start":0,"end":2,"text":" Hello.","no_speech_prob":0.01,"avg_logprob":-0.2},
                         {"start":2,"end":9,"text":" Thank you for watching!","no_speech_prob":0.9,"avg_logprob":-1.4}],
             "words":[{"word":"Hello","start":0.2,"end":0.6},{"word":"Thank","start":3,"end":4}]}
            """
        let heard = try OpenAITranscription.read(Array(body.utf8), seconds: 9)
        #expect(heard.text == "Hello.")
        #expect(heard.words.map(\.text) == ["Hello."])
    }

    @Test func `both kinds of usage and words inside segments are read`() throws {
        let body = """
            {"text":"Hi there","usage":{"type":"duration","seconds":4},
             "segments":[{"words":[{"word":" Hi","start":0,"end":0.3,"probability":0.9},{"word":" there","start":0.4,"end":0.9}]}]}
            """
        let heard = try OpenAITranscription.read(Array(body.utf8), seconds: 9)
        #expect(heard.words.map(\.text) == ["Hi", "there"])
        #expect(heard.words.first?.confidence == 0.9)
        #expect(heard.usage.audioSeconds == 4)
        let tokens =
            #"{"text":"Hi","languages":[],"usage":{"type":"tokens","input_tokens":14,"output_tokens":3}}"#
        let other = try OpenAITranscription.read(Array(tokens.utf8), seconds: 9)
        #expect(other.usage == ProviderUsage(audioSeconds: 9, inputTokens: 14, outputTokens: 3))
        #expect(other.language == nil)
    }

    @Test func `an error inside a 200 is an error`() {
        let body = #"{"error":{"message":"spoken words","type":"server_error","code":500}}"#
        #expect(throws: ProviderError.server(status: 500)) {
            try OpenAITranscription.read(Array(body.utf8), seconds: 1)
        }
    }

    @Test func `names without an adapter have none`() {
        let catalog = ProviderCatalog(client: client)
        let settings = AdapterSettings(baseURL: "http://127.0.0.1:1", model: "x")
        #expect(catalog.recognizer(named: "rules", settings) == nil)
        #expect(catalog.languageModel(named: "pocketsphinx", settings) == nil)
    }
}
