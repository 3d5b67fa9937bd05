import CoachDomain
import HTTPTransport
import ProviderFakes
import Synchronization
import Testing

@testable import Providers

/// Answers from a list, in order; the last entry stands.
final class ScriptedRecognizer: SpeechRecognizer {
    let descriptor: RecognizerDescriptor
    private let script: Mutex<[Result<String, ProviderError>]>
    private let count = Mutex(0)

    var calls: Int { count.withLock { $0 } }

    init(
        _ name: String, _ script: [Result<String, ProviderError>], languages: [String]? = nil,
        isLocal: Bool = false
    ) {
        descriptor = RecognizerDescriptor(
            name: name, model: "m",
            capabilities: RecognizerCapabilities(
                fillers: .measured, wordTimes: true, wordConfidence: true, languages: languages),
            requirement: AudioRequirement(encodings: [isLocal ? .pcm16 : .flac]), isLocal: isLocal)
        self.script = Mutex(script)
    }

    func transcribe(
        _ audio: RecognizerAudio, context: CallContext
    ) async throws(ProviderError) -> ProviderTranscript {
        count.withLock { $0 += 1 }
        let answer = script.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
        return ProviderTranscript(
            text: try answer.get(), words: [Word(text: "hi", span: TimeSpan(start: 0, end: 1))],
            language: "en",
            usage: ProviderUsage(audioSeconds: audio.seconds))
    }

    func check(deadline: ContinuousClock.Instant) async throws(ProviderError) {}
}

@Suite struct SpeechChainTests {
    private let health = ProviderHealth()

    private func chain(_ recognizers: ScriptedRecognizer...) -> SpeechChain {
        SpeechChain(recognizers: recognizers, prices: Samples.prices, health: health)
    }

    private func run(
        _ chain: SpeechChain, supply: any AudioSupply = FixedSupply(), language: String? = nil
    ) async -> SpeechOutcome {
        await chain.transcribe(
            audioSeconds: 1, supply: supply, context: Samples.context(language: language))
    }

    @Test func `the second recogniser stands in and every attempt is booked`() async throws {
        let supply = FixedSupply()
        let first = ScriptedRecognizer("openai", [.failure(.timedOut(mayHaveActed: true))])
        let second = ScriptedRecognizer("pocketsphinx", [.success("hi")], isLocal: true)
        let outcome = await run(chain(first, second), supply: supply)
        let heard = try outcome.result.get()
        #expect(heard.transcript.provider == "pocketsphinx")
        #expect(heard.requirement.encodings == [.pcm16])
        #expect(await supply.requests.map(\.encodings) == [[.flac], [.pcm16]])
        #expect(outcome.calls.map(\.provider) == ["openai", "pocketsphinx"])
        #expect(outcome.calls.map(\.outcome) == [.failedBilled, .success])
        #expect(outcome.calls[0].failure == "timedOut")
        // An unknown model: the ceiling, for the audio that may have been recognised.
        #expect(outcome.calls[0].costMicroUSD == 600)
        #expect(outcome.calls[1].costMicroUSD == 0)
    }

    @Test func `words are moved to the clock of the original`() async throws {
        var audio = Samples.audio()
        audio.timeline = Timeline(segments: [
            .init(original: TimeSpan(start: 10, end: 12), upload: TimeSpan(start: 0, end: 1))
        ])
        let outcome = await run(chain(ScriptedRecognizer("a", [.success("hi")])), supply: FixedSupply(audio))
        #expect(try outcome.result.get().transcript.words.first?.span == TimeSpan(start: 10, end: 12))
        #expect(try outcome.result.get().transcript.capabilities.wordConfidence == false)
    }

    @Test func `an open breaker spares the next note the wait`() async throws {
        let broken = ScriptedRecognizer("openai", [.failure(.quota)])
        let local = ScriptedRecognizer("pocketsphinx", [.success("hi")], isLocal: true)
        let chain = chain(broken, local)
        for _ in 0..<3 { _ = await run(chain) }
        #expect(broken.calls == 1)
        #expect(local.calls == 3)
    }

    @Test func `a recogniser that does not know the language is passed over`() async throws {
        let english = ScriptedRecognizer("pocketsphinx", [.success("hi")], languages: ["en"], isLocal: true)
        let any = ScriptedRecognizer("openai", [.success("hola")])
        #expect(
            try await run(chain(english, any), language: "es").result.get().transcript.provider == "openai")
        // With nobody else a guess is better than nothing.
        #expect(
            try await run(chain(english), language: "es").result.get().transcript.provider == "pocketsphinx")
    }

    @Test func `when all fail the last reason is told`() async {
        let outcome = await run(
            chain(
                ScriptedRecognizer("a", [.failure(.authentication)]),
                ScriptedRecognizer("b", [.failure(.tooLarge)])))
        guard case .failure(.exhausted(.exhausted, last: .tooLarge)) = outcome.result else {
            Issue.record("\(outcome.result)")
            return
        }
        #expect(outcome.calls.count == 2)
        #expect(outcome.calls.allSatisfy { $0.outcome == .failedFree && $0.costMicroUSD == 0 })
    }

    @Test func `audio that cannot be made ends the chain at once`() async {
        struct Broken: AudioSupply {
            struct Damage: Error {}
            func audio(for requirement: AudioRequirement, link: LinkSpeed?) async throws -> RecognizerAudio {
                throw Damage()
            }
        }
        let recognizer = ScriptedRecognizer("a", [.success("hi")])
        let outcome = await run(chain(recognizer), supply: Broken())
        guard case .failure(.audio(let error)) = outcome.result, error is Broken.Damage else {
            Issue.record("\(outcome.result)")
            return
        }
        #expect(recognizer.calls == 0)
    }

    @Test func `a chain without members says so`() async {
        guard case .failure(.exhausted(.exhausted, last: nil)) = await run(chain()).result else {
            Issue.record("expected exhaustion")
            return
        }
    }
}

@Suite struct CoachChainTests {
    private let client = HTTPClient()
    private let health = ProviderHealth()

    private func chain(_ openAI: FakeOpenAI, _ anthropic: FakeAnthropic? = nil) throws -> CoachChain {
        CoachChain(models: try models(openAI, anthropic), prices: Samples.prices, health: health)
    }

    private func models(_ openAI: FakeOpenAI, _ anthropic: FakeAnthropic? = nil) throws -> [any LanguageModel]
    {
        let catalog = ProviderCatalog(client: client)
        var models = [
            try #require(
                catalog.languageModel(
                    named: "openai",
                    AdapterSettings(apiKey: "sk-test", baseURL: openAI.baseURL, model: "gpt-6-luna")))
        ]
        if let anthropic {
            models.append(
                try #require(
                    catalog.languageModel(
                        named: "anthropic",
                        AdapterSettings(
                            apiKey: "sk-ant", baseURL: anthropic.baseURL, model: "claude-haiku-5-5"))))
        }
        return models
    }

    private func coach(_ chain: CoachChain, seconds: Double = 120) async -> CoachOutcome {
        await chain.coach(
            Samples.transcript(), metrics: SpeechMetrics(), language: nil,
            context: Samples.context(seconds: seconds))
    }

    @Test func `a model's valid answer is shown with times for its quotes`() async throws {
        let fake = try FakeOpenAI(apiKey: "sk-test")
        let outcome = await coach(try chain(fake))
        #expect(fake.chat.requests.count == 1)
        #expect(outcome.flaws.isEmpty)
        #expect(outcome.feedback.provider == "openai")
        #expect(outcome.feedback.model == "gpt-6-luna")
        #expect(outcome.feedback.improvements.first?.start == 0)
        #expect(outcome.calls.count == 1)
        #expect(outcome.calls.allSatisfy { $0.outcome == .success && $0.costMicroUSD > 0 })
    }

    @Test(arguments: [
        Fault.serverError, .overloaded, .quotaExhausted, .wrongSchema, .inventedQuote, .refusal, .badGateway,
        .truncatedJSON, .reset,
    ])
    func `the second provider answers when the first cannot`(fault: Fault) async throws {
        let first = try FakeOpenAI(apiKey: "sk-test")
        first.chat.failAlways(fault)
        let second = try FakeAnthropic(apiKey: "sk-ant")
        let outcome = await coach(try chain(first, second))
        // A bad answer may be mended once by its author before somebody else is asked.
        let isFlawed = [.wrongSchema, .inventedQuote].contains(fault)
        #expect(first.chat.requests.count == (isFlawed ? 2 : 1) && second.messages.requests.count == 1)
        #expect(outcome.feedback.provider == "anthropic")
        #expect(outcome.calls.map(\.provider) == (isFlawed ? ["openai"] : []) + ["openai", "anthropic"])
        #expect(outcome.flaws.count == (isFlawed ? 2 : 0))
    }

    @Test func `with every provider down the rules coach answers`() async throws {
        let first = try FakeOpenAI(apiKey: "sk-test")
        let second = try FakeAnthropic(apiKey: "sk-ant")
        first.chat.failAlways(.unauthorized)
        second.messages.failAlways(.refusal)
        let outcome = await coach(try chain(first, second))
        #expect(outcome.feedback.provider == "rules")
        #expect(!outcome.feedback.improvements.isEmpty && !outcome.feedback.rewrite.isEmpty)
        #expect(outcome.calls.count == 2)
        #expect(first.chat.requests.count == 1 && second.messages.requests.count == 1)
    }

    @Test func `a cut-off answer is asked for again with more room`() async throws {
        let fake = try FakeOpenAI(apiKey: "sk-test")
        fake.chat.failNext(.outOfTokens)
        let outcome = await coach(try chain(fake))
        #expect(outcome.feedback.provider == "openai")
        let limits = fake.chat.requests.compactMap { $0.json?["max_completion_tokens"]?.integer }
        #expect(limits.count == 2 && limits[1] > limits[0])
    }

    @Test func `a bad answer is mended by its author, who is told what was wrong and nothing else`()
        async throws
    {
        let fake = try FakeOpenAI(apiKey: "sk-test")
        fake.chat.failNext(.inventedQuote)
        let outcome = await coach(try chain(fake))
        #expect(outcome.feedback.provider == "openai" && outcome.flaws == [.inventedQuotes])
        #expect(outcome.calls.map(\.outcome) == [.failedBilled, .success])
        let instructions = fake.chat.requests.map { $0.json?["messages"]?[0]?["content"]?.string ?? "" }
        #expect(instructions[1].contains("no quote was copied exactly"))
        #expect(!instructions[1].contains("words that nobody ever said"))
    }

    @Test func `a rival answers while the first is silent, and the first is booked`() async throws {
        let first = try FakeOpenAI(apiKey: "sk-test")
        first.chat.failAlways(.silence)
        let second = try FakeAnthropic(apiKey: "sk-ant")
        var settings = ProviderBoard.Settings()
        settings.hedgeDelay = .milliseconds(50)...(.milliseconds(50))
        let chain = CoachChain(
            models: try models(first, second), prices: Samples.prices,
            health: ProviderHealth(settings: settings))
        let outcome = await coach(chain)
        #expect(outcome.feedback.provider == "anthropic")
        #expect(outcome.calls.map(\.provider) == ["anthropic", "openai"])
        #expect(outcome.calls[1].failure == "cancelled" && outcome.calls[1].costMicroUSD > 0)
    }

    @Test func `with under three seconds left nobody is asked`() async throws {
        let fake = try FakeOpenAI(apiKey: "sk-test")
        let outcome = await coach(try chain(fake), seconds: 2.5)
        #expect(outcome.feedback.provider == "rules")
        #expect(fake.chat.requests.isEmpty)
    }

    @Test func `a black hole costs its attempt and not the answer`() async throws {
        let fake = try FakeOpenAI(apiKey: "sk-test")
        fake.chat.failAlways(.silence)
        var settings = CoachChain.defaultSettings
        settings.maximumAttempts = 1
        let chain = CoachChain(
            models: try models(fake), prices: Samples.prices, health: health, settings: settings,
            // Long enough that a busy machine has sent the request by then.
            attemptLimit: .seconds(10))
        let outcome = await coach(chain)
        #expect(outcome.feedback.provider == "rules")
        #expect(fake.chat.requests.count == 1)
        #expect(outcome.calls.first?.outcome == .failedBilled)
        #expect((outcome.calls.first?.costMicroUSD ?? 0) > 0)
    }

    @Test func `cancelling leaves the local report`() async throws {
        let fake = try FakeOpenAI(apiKey: "sk-test")
        fake.chat.failAlways(.silence)
        let chain = try chain(fake)
        let work = Task { await coach(chain, seconds: 60) }
        await fake.chat.received(1)
        work.cancel()
        #expect(await work.value.feedback.provider == "rules")
        #expect(fake.chat.requests.count == 1)
    }
}
