import CoachDomain
import HTTPTransport
import ProviderFakes
import Testing

@testable import Providers

@Suite struct DeepgramTests {
    private let client = HTTPClient()
    private let fake: FakeDeepgram

    init() throws { fake = try FakeDeepgram(apiKey: "dg") }

    private func recognizer(model: String = "nova-3", key: String = "dg") -> DeepgramSpeech {
        DeepgramSpeech(model: model, client: client, baseURL: fake.baseURL, apiKey: key)
    }

    @Test func `hesitations, times, punctuation, confidence and language come back`() async throws {
        let heard = try await recognizer().transcribe(Samples.audio(parts: 2), context: Samples.context())
        #expect(heard.text == Recognition.sample.text + " " + Recognition.sample.text)
        #expect(heard.words.contains { $0.text == "Um," && $0.confidence == 0.98 })
        #expect(heard.words.map(\.span.start) == heard.words.map(\.span.start).sorted())
        #expect(heard.language == "en" && heard.fillers == nil)
        #expect(heard.usage.audioSeconds == 2)
    }

    @Test func `model, hesitations and language are always in the query`() async throws {
        _ = try await recognizer().transcribe(Samples.audio(), context: Samples.context())
        _ = try await recognizer().transcribe(Samples.audio(), context: Samples.context(language: "de-AT"))
        let requests = fake.listen.requests
        #expect(requests.allSatisfy { $0.query("model") == "nova-3" && $0.query("filler_words") == "true" })
        #expect(requests.map { $0.query("language") } == [nil, "de"])
        #expect(requests.map { $0.query("detect_language") } == ["true", nil])
        #expect(requests[0]["content-type"] == "audio/wav" && requests[0].body == Samples.wave)
    }

    @Test func `hesitations are promised only where the vendor documents them`() async throws {
        for model in ["nova-3", "nova-2", "nova-2-general"] {
            #expect(recognizer(model: model).descriptor.capabilities.fillers == .measured)
        }
        for model in ["nova-2-medical", "whisper-large", "base-general"] {
            #expect(recognizer(model: model).descriptor.capabilities.fillers == .notAvailable)
        }
        let heard = try await recognizer().transcribe(
            Samples.audio(), context: Samples.context(language: "ru"))
        #expect(heard.fillers == .lowerBound)
    }

    @Test(arguments: [
        (Fault.rateLimited(.seconds(7)), ProviderError.rateLimited(retryAfter: .seconds(7))),
        (.quotaExhausted, .quota), (.unauthorized, .authentication), (.serverError, .server(status: 500)),
        (.overloaded, .overloaded(retryAfter: nil)), (.badGateway, .server(status: 502)),
        (.truncatedJSON, .malformedResponse), (.wrongSchema, .malformedResponse),
        (.emptyBody, .malformedResponse), (.hangUp, .network(mayHaveActed: true)),
        (.reset, .network(mayHaveActed: true)),
    ])
    func `each failure has its class`(fault: Fault, error: ProviderError) async throws {
        fake.listen.failAlways(fault)
        await #expect(throws: error) {
            _ = try await recognizer().transcribe(Samples.audio(), context: Samples.context())
        }
        #expect(fake.listen.requests.count == 1)
    }

    @Test func `silence is an empty transcript and a check is free`() async throws {
        fake.listen.failNext(.refusal)
        let heard = try await recognizer().transcribe(Samples.audio(), context: Samples.context())
        #expect(heard.text.isEmpty && heard.words.isEmpty)
        try await recognizer().check(deadline: .now + .seconds(30))
        await #expect(throws: ProviderError.authentication) {
            try await recognizer(key: "wrong").check(deadline: .now + .seconds(30))
        }
        #expect(fake.listen.requests.count == 1)
    }
}

@Suite struct ElevenLabsTests {
    private let client = HTTPClient()
    private let fake: FakeElevenLabs

    init() throws { fake = try FakeElevenLabs(apiKey: "xi") }

    private var recognizer: ElevenLabsSpeech {
        ElevenLabsSpeech(model: "scribe_v2", client: client, baseURL: fake.baseURL, apiKey: "xi")
    }

    @Test func `words come without spaces and sounds, with hesitations and confidence`() async throws {
        let heard = try await recognizer.transcribe(Samples.audio(), context: Samples.context(language: "en"))
        #expect(heard.text == Recognition.sample.text)
        #expect(heard.words.map(\.text).joined(separator: " ") == Recognition.sample.text)
        #expect(heard.words.allSatisfy { abs(($0.confidence ?? 0) - 0.951) < 0.01 })
        #expect(heard.language == "en")
        let form = try #require(fake.speech.requests.first?.form)
        #expect(form.first("tag_audio_events")?.text == "false")
        #expect(form.first("language_code")?.text == "en" && form.first("no_verbatim") == nil)
        #expect(form.first("file")?.filename == "audio.wav")
    }

    @Test(arguments: [
        (Fault.rateLimited(.none), ProviderError.rateLimited(retryAfter: nil)),
        (.quotaExhausted, .quota), (.unauthorized, .authentication), (.serverError, .server(status: 500)),
        (.overloaded, .overloaded(retryAfter: nil)), (.badGateway, .server(status: 502)),
        (.truncatedJSON, .malformedResponse), (.wrongSchema, .malformedResponse),
        (.emptyBody, .malformedResponse), (.cutOff, .network(mayHaveActed: true)),
    ])
    func `each failure has its class`(fault: Fault, error: ProviderError) async throws {
        fake.speech.failAlways(fault)
        await #expect(throws: error) {
            _ = try await recognizer.transcribe(Samples.audio(), context: Samples.context())
        }
        #expect(fake.speech.requests.count == 1)
    }

    @Test func `a model that the vendor does not know is our mistake, and a check is free`() async throws {
        let wrong = ElevenLabsSpeech(model: "scribe_v9", client: client, baseURL: fake.baseURL, apiKey: "xi")
        await #expect(throws: ProviderError.self) {
            _ = try await wrong.transcribe(Samples.audio(), context: Samples.context())
        }
        try await recognizer.check(deadline: .now + .seconds(30))
        #expect(fake.speech.requests.count == 1)
    }
}

@Suite struct AssemblyAITests {
    private let client = HTTPClient()
    private let fake: FakeAssemblyAI

    init() throws { fake = try FakeAssemblyAI(apiKey: "aai") }

    private var recognizer: AssemblyAISpeech {
        AssemblyAISpeech(
            model: "universal-2", client: client, baseURL: fake.baseURL, apiKey: "aai",
            pace: .init(first: .milliseconds(5), longest: .milliseconds(20)))
    }

    @Test func `audio is uploaded, ordered and asked for until it is there`() async throws {
        let heard = try await recognizer.transcribe(Samples.audio(), context: Samples.context())
        #expect(heard.text == Recognition.sample.text && heard.language == "en" && heard.fillers == nil)
        #expect(heard.words.first?.confidence == 0.97)
        #expect(heard.words.allSatisfy { $0.span.end <= 1.01 })
        #expect(heard.usage.audioSeconds == 1)
        #expect(fake.upload.requests.count == 1 && fake.poll.requests.count == 3)
        let order = try #require(fake.order.requests.first?.json)
        #expect(order["speech_models"] == ["universal-2"] && order["disfluencies"] == true)
        #expect(order["language_detection"] == true && order["language_code"] == nil)
    }

    @Test func `outside English hesitations are neither asked for nor promised`() async throws {
        let heard = try await recognizer.transcribe(Samples.audio(), context: Samples.context(language: "de"))
        #expect(heard.fillers == .notAvailable && heard.language == "de")
        #expect(fake.order.requests.first?.json?["disfluencies"] == nil)
    }

    @Test func `a job that failed comes with status 200`() async throws {
        fake.failJobs("Transcoding failed. File does not appear to contain audio.")
        await #expect(throws: ProviderError.requestInvalid(code: "audio_refused")) {
            _ = try await recognizer.transcribe(Samples.audio(), context: Samples.context())
        }
        fake.failJobs("Internal problem")
        await #expect(throws: ProviderError.server(status: 200)) {
            _ = try await recognizer.transcribe(Samples.audio(), context: Samples.context())
        }
    }

    @Test func `a lost question is asked again, an order never`() async throws {
        fake.poll.failNext(.serverError, .hangUp)
        _ = try await recognizer.transcribe(Samples.audio(), context: Samples.context())
        fake.order.failNext(.serverError)
        await #expect(throws: ProviderError.server(status: 500)) {
            _ = try await recognizer.transcribe(Samples.audio(), context: Samples.context())
        }
        #expect(fake.order.requests.count == 2)
    }

    @Test(arguments: [
        (Fault.rateLimited(.none), ProviderError.rateLimited(retryAfter: nil)), (.quotaExhausted, .quota),
        (.unauthorized, .authentication), (.overloaded, .overloaded(retryAfter: nil)),
        (.badGateway, .server(status: 502)), (.truncatedJSON, .malformedResponse),
        (.emptyBody, .malformedResponse), (.hangUp, .network(mayHaveActed: false)),
    ])
    func `a failed upload costs nothing`(fault: Fault, error: ProviderError) async throws {
        fake.upload.failAlways(fault)
        let thrown = await #expect(throws: ProviderError.self) {
            _ = try await recognizer.transcribe(Samples.audio(), context: Samples.context())
        }
        #expect(thrown == error)
        #expect(fake.order.requests.isEmpty)
    }

    @Test func `an order that is never done ends with the deadline and may be billed`() async throws {
        fake.poll.failAlways(.silence)
        await #expect(throws: ProviderError.timedOut(mayHaveActed: true)) {
            _ = try await recognizer.transcribe(Samples.audio(), context: Samples.context(seconds: 15))
        }
    }
}

@Suite struct RankingTests {
    private func recognizer(
        _ name: String, _ fillers: Evidence, times: Bool = true, confidence: Bool = true,
        isLocal: Bool = false
    ) -> any SpeechRecognizer {
        StubRecognizer(
            descriptor: RecognizerDescriptor(
                name: name, model: "m",
                capabilities: RecognizerCapabilities(
                    fillers: fillers, wordTimes: times, wordConfidence: confidence),
                requirement: AudioRequirement(encodings: [.flac]), isLocal: isLocal))
    }

    @Test func `without an order those come first who hear what the report needs`() {
        let list = [
            recognizer("textOnly", .notAvailable, times: false, confidence: false),
            recognizer("local", .measured, isLocal: true),
            recognizer("whisper", .lowerBound, confidence: false),
            recognizer("scribe", .measured), recognizer("nova", .measured),
        ]
        #expect(
            RecognizerRanking.byCapability.ranked(list).map(\.descriptor.name)
                == ["scribe", "nova", "whisper", "textOnly", "local"])
        #expect(RecognizerRanking.asGiven.ranked(list).first?.descriptor.name == "textOnly")
    }

    @Test func `a recogniser that drops hesitations in this language says so in the transcript`() async throws
    {
        let fake = try FakeAssemblyAI(apiKey: "aai")
        let chain = SpeechChain(
            recognizers: [
                AssemblyAISpeech(
                    model: "universal-2", client: HTTPClient(), baseURL: fake.baseURL, apiKey: "aai",
                    pace: .init(first: .milliseconds(5), longest: .milliseconds(20)))
            ], prices: Samples.prices, health: ProviderHealth())
        let outcome = await chain.transcribe(
            audioSeconds: 1, supply: FixedSupply(), context: Samples.context(language: "de"))
        #expect(try outcome.result.get().transcript.capabilities.fillers == .notAvailable)
        #expect(outcome.calls.first?.costMicroUSD == 42)
    }
}

private struct StubRecognizer: SpeechRecognizer {
    let descriptor: RecognizerDescriptor

    func transcribe(
        _ audio: RecognizerAudio, context: CallContext
    ) async throws(ProviderError) -> ProviderTranscript { throw .cancelled }

    func check(deadline: ContinuousClock.Instant) async throws(ProviderError) {}
}
