import AudioEngine
import CoachDomain
import Foundation
import HTTPTransport
import ProviderFakes
import Synchronization
import Testing

@testable import Providers

/// A cache in memory that counts.
private final class MemoryCache: SpokenTextCache {
    private let kept = Mutex<[SpokenTextKey: [UInt8]]>([:])

    var count: Int { kept.withLock { $0.count } }

    func lookup(_ key: SpokenTextKey) async -> [UInt8]? { kept.withLock { $0[key] } }

    func store(_ clip: VoiceClip, under key: SpokenTextKey) async { kept.withLock { $0[key] = clip.bytes } }

    func spoil() { kept.withLock { $0 = $0.mapValues { Array($0.dropLast(40)) } } }
}

@Suite struct SynthesisChainTests {
    private let openAI: FakeOpenAI
    private let elevenLabs: FakeElevenLabs
    private let engine = AudioEngine(threads: 1)
    private let remote: [any SpeechSynthesizer]

    init() throws {
        openAI = try FakeOpenAI(apiKey: "sk")
        elevenLabs = try FakeElevenLabs(apiKey: "xi")
        let catalog = ProviderCatalog(client: HTTPClient())
        remote = [
            try #require(
                catalog.synthesizer(
                    named: "openai",
                    AdapterSettings(apiKey: "sk", baseURL: openAI.baseURL, model: "gpt-4o-mini-tts"),
                    voice: "alloy", engine: engine)),
            try #require(
                catalog.synthesizer(
                    named: "elevenlabs",
                    AdapterSettings(apiKey: "xi", baseURL: elevenLabs.baseURL, model: "eleven_flash_v2_5"),
                    voice: FakeElevenLabs.voiceID, engine: engine)),
        ]
        #expect(
            catalog.synthesizer(
                named: "nobody", AdapterSettings(baseURL: "", model: ""), voice: "", engine: engine) == nil)
    }

    private func chain(
        _ synthesizers: [any SpeechSynthesizer]? = nil, purse: any SpendingGate = OpenPurse()
    ) -> SynthesisChain {
        SynthesisChain(
            synthesizers: synthesizers ?? remote + [EspeakSynthesis(engine: engine)], prices: Samples.prices,
            health: ProviderHealth(), purse: purse)
    }

    @Test func `the first one speaks and its characters are booked`() async throws {
        let passage = try SpokenSamples.passage()
        let outcome = await chain().speak(passage, context: Samples.context())
        let spoken = try outcome.result.get()
        #expect(spoken.provider == "openai" && !spoken.isFromCache)
        let call = try #require(outcome.calls.first)
        #expect(outcome.calls.count == 1 && call.operation == .voice && call.outcome == .success)
        #expect(call.units == ["character": Double(passage.text.count)])
        #expect(call.costMicroUSD == Int64(passage.text.count * 20))
    }

    @Test func `the same sentence is paid for once, whoever speaks it`() async throws {
        let cache = MemoryCache()
        let chain = chain()
        let passage = try SpokenSamples.passage()
        openAI.voice.failNext(.serverError)
        let first = await chain.speak(passage, cache: cache, context: Samples.context())
        #expect(try first.result.get().provider == "elevenlabs" && first.calls.count == 2)
        let second = await chain.speak(passage, cache: cache, context: Samples.context())
        let spoken = try second.result.get()
        #expect(spoken.isFromCache && spoken.provider == "elevenlabs" && second.calls.isEmpty)
        #expect(spoken.clip == (try first.result.get().clip))
        #expect(openAI.voice.requests.count == 1 && elevenLabs.voice.requests.count == 1)
        let other = try SpokenSamples.passage("Another sentence, never heard before.")
        _ = await chain.speak(other, cache: cache, context: Samples.context())
        #expect(openAI.voice.requests.count == 2)
    }

    @Test func `what was spoilt in the cache is spoken again`() async throws {
        let cache = MemoryCache()
        let passage = try SpokenSamples.passage()
        _ = await chain().speak(passage, cache: cache, context: Samples.context())
        cache.spoil()
        let outcome = await chain().speak(passage, cache: cache, context: Samples.context())
        #expect(try !outcome.result.get().isFromCache)
        #expect(openAI.voice.requests.count == 2)
    }

    @Test(arguments: [
        Fault.unauthorized, .quotaExhausted, .rateLimited(.seconds(60)), .truncatedJSON, .hangUp,
    ])
    func `with every vendor down this machine speaks`(fault: Fault) async throws {
        let cache = MemoryCache()
        openAI.voice.failAlways(fault)
        elevenLabs.voice.failAlways(fault)
        let passage = try SpokenSamples.passage()
        let outcome = await chain().speak(passage, cache: cache, context: Samples.context())
        #expect(try outcome.result.get().provider == "espeak")
        #expect(outcome.calls.last?.provider == "espeak" && outcome.calls.last?.costMicroUSD == 0)
        // It is no reason not to ask the vendors again once they are well.
        openAI.voice.heal()
        elevenLabs.voice.heal()
        let better = await chain().speak(passage, cache: cache, context: Samples.context())
        #expect(try better.result.get().provider == "openai")
    }

    @Test func `vendors that stall leave time for this machine`() async throws {
        openAI.voice.failAlways(.stall)
        elevenLabs.voice.failAlways(.stall)
        var settings = SynthesisChain.defaultSettings
        settings.reserve = .seconds(20)
        let deadline = ContinuousClock.now + .seconds(23)
        let chain = SynthesisChain(
            synthesizers: remote + [EspeakSynthesis(engine: engine)], prices: Samples.prices,
            health: ProviderHealth(), settings: settings)
        let outcome = try await chain.speak(
            SpokenSamples.passage(), context: CallContext(deadline: deadline))
        #expect(try outcome.result.get().provider == "espeak")
        #expect(outcome.calls.first?.failure == "timedOut")
        #expect(outcome.calls.first?.outcome == .failedBilled)
    }

    @Test(arguments: [SpendingLevel.exhausted, .normal])
    func `without money this machine speaks`(level: SpendingLevel) async throws {
        let outcome = try await chain(purse: NotedPurse(SpendingOutlook(level: level), pays: { _ in false }))
            .speak(
                SpokenSamples.passage(), context: Samples.context())
        #expect(try outcome.result.get().provider == "espeak")
        #expect(openAI.voice.requests.isEmpty && elevenLabs.voice.requests.isEmpty)
    }

    @Test func `this machine alone keeps what it spoke`() async throws {
        let cache = MemoryCache()
        let alone = chain([EspeakSynthesis(engine: engine)])
        let passage = try SpokenSamples.passage()
        _ = await alone.speak(passage, cache: cache, context: Samples.context())
        #expect(
            try await alone.speak(passage, cache: cache, context: Samples.context()).result.get().isFromCache)
    }

    @Test func `nobody to speak and cancellation are told apart`() async throws {
        let passage = try SpokenSamples.passage()
        let nobody = await chain([]).speak(passage, context: Samples.context())
        #expect(throws: SynthesisOutcome.Failure.exhausted(.exhausted, last: nil)) {
            try nobody.result.get()
        }
        openAI.voice.failAlways(.silence)
        let chain = chain([remote[0]])
        let task = Task { await chain.speak(passage, context: Samples.context()) }
        await openAI.voice.received(1)
        task.cancel()
        let outcome = await task.value
        #expect(throws: SynthesisOutcome.Failure.cancelled) { try outcome.result.get() }
    }
}

@Suite struct SpokenPassageTests {
    @Test func `short texts stay whole`() throws {
        let passage = try #require(SpokenPassage(" One.\n\nTwo  three! ", language: "EN-us"))
        #expect(passage.text == "One. Two three!" && passage.language == "en" && !passage.isShortened)
        #expect(SpokenPassage("hola", language: nil)?.language == "en")
    }

    @Test(arguments: ["", "  \n", "…!?", "🎧🎧", "https://example.com/a", "***"])
    func `there may be nothing to say`(text: String) {
        #expect(SpokenPassage(text, language: "en") == nil)
    }

    @Test func `markup, pictures, links and invisible characters are not read out`() throws {
        let passage = try #require(
            SpokenPassage(
                "**Hello** `you` 🎧 <b>there</b>\u{200B}\u{0007}, see https://a.b/c [now].", language: "en"))
        #expect(passage.text == "Hello you bthere/b, see now.")
    }

    @Test func `long texts end with a sentence, else a clause, else a word`() throws {
        let room = SpokenPassage.capacity("en")
        let sentences = String(repeating: "Version 2.5 is out. ", count: 100)
        let whole = try #require(SpokenPassage(sentences, language: "en"))
        #expect(whole.isShortened && whole.text.hasSuffix("is out.") && whole.text.count <= room)
        #expect(whole.text.count > room / 2)
        let clauses = try #require(
            SpokenPassage(String(repeating: "and then we went, ", count: 100), language: "en"))
        #expect(clauses.text.hasSuffix("we went.") && clauses.text.count <= room)
        let words = try #require(SpokenPassage(String(repeating: "word ", count: 500), language: "en"))
        #expect(words.text.hasSuffix("word.") && words.text.count <= room + 1)
        let letters = try #require(SpokenPassage(String(repeating: "a", count: 5_000), language: "en"))
        #expect(letters.text.count <= room + 1 && letters.isShortened)
    }

    @Test func `no first sentence is too short to be the whole answer of a long text`() throws {
        let text = "Yes. " + String(repeating: "and then we went on and on ", count: 60)
        #expect(try #require(SpokenPassage(text, language: "en")).text.count > 500)
    }
}

@Suite struct SpokenTextKeyTests {
    /// FIPS 180-4's own examples, and lengths on either side of a block's end.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            String(repeating: "a", count: 55),
            "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"
        ),
        (
            String(repeating: "a", count: 64),
            "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"
        ),
    ])
    func `the digest is the standard's`(text: String, digest: String) {
        #expect(SHA256.digest(Array(text.utf8)).map { String(format: "%02x", $0) }.joined() == digest)
    }

    @Test func `everything that changes the sound changes the key, and nothing else does`() throws {
        let passage = try SpokenSamples.passage()
        let voice = SynthesizerDescriptor(name: "a", model: "b", voice: "c")
        let keys = [
            SpokenTextKey(passage, by: voice),
            SpokenTextKey(try SpokenSamples.passage("Other words."), by: voice),
            SpokenTextKey(try SpokenSamples.passage(language: "de"), by: voice),
            SpokenTextKey(passage, by: SynthesizerDescriptor(name: "ab", model: "", voice: "c")),
            SpokenTextKey(passage, by: SynthesizerDescriptor(name: "a", model: "b", voice: "d")),
            SpokenTextKey(passage, by: SynthesizerDescriptor(name: "a", model: "bc", voice: "")),
            SpokenTextKey(passage, by: voice, version: 2),
        ]
        #expect(Set(keys).count == keys.count)
        #expect(SpokenTextKey(passage, by: voice) == keys[0])
        #expect(keys.allSatisfy { $0.digest.count == 64 })
    }
}

@Suite struct VoiceClipTests {
    @Test func `nothing but a whole stream of one channel is a voice message`() async throws {
        let clip = try await EspeakSynthesis(engine: AudioEngine(threads: 1)).speak(
            SpokenSamples.passage("Hello."), context: Samples.context()
        ).clip
        #expect(VoiceClip(oggOpus: clip.bytes) == clip)
        for count in 0..<clip.bytes.count where VoiceClip(oggOpus: Array(clip.bytes.prefix(count))) != nil {
            Issue.record("accepted after \(count) of \(clip.bytes.count) bytes")
        }
        #expect(VoiceClip(oggOpus: clip.bytes + [0]) == nil)
        var stereo = clip.bytes
        stereo[28 + 9] = 2
        #expect(VoiceClip(oggOpus: stereo) == nil)
        #expect(VoiceClip(oggOpus: Array("<html>".utf8)) == nil)
    }
}
