import AudioEngine
import CoachDomain
import HTTPTransport
import ProviderFakes
import Testing

@testable import Providers

/// Texts and places that the tests of synthesisers use.
enum SpokenSamples {
    static let text =
        "Our new tool saves every team an hour a day. Try it for a week, and tell me what you think of it."

    static func passage(_ text: String = text, language: String? = "en") throws -> SpokenPassage {
        try #require(SpokenPassage(text, language: language))
    }

    /// How long the sound is, as our own decoder hears it.
    static func heardSeconds(_ clip: VoiceClip) async throws -> (seconds: Double, speech: Double) {
        let prepared = try await AudioEngine(threads: 1).prepare(
            .bytes(clip.bytes), options: PreparationOptions())
        #expect(prepared.format == .oggOpus && !prepared.damage.isPartial)
        return (prepared.originalSeconds, prepared.speechSeconds)
    }
}

@Suite struct OpenAISynthesisTests {
    private let client = HTTPClient()
    private let engine = AudioEngine(threads: 1)

    private func synthesizer(
        _ fake: FakeOpenAI, model: String = "gpt-4o-mini-tts", voice: String = "alloy", key: String = "sk"
    ) -> OpenAISynthesis {
        OpenAISynthesis(
            model: model, voice: voice,
            endpoint: Endpoint(client: client, baseURL: fake.baseURL, authorization: .bearer(key)),
            engine: engine)
    }

    @Test func `speech comes as a voice message that can be played`() async throws {
        let fake = try FakeOpenAI(apiKey: "sk")
        let passage = try SpokenSamples.passage()
        let speech = try await synthesizer(fake).speak(passage, context: Samples.context())
        #expect(speech.usage == ProviderUsage(characters: passage.text.count))
        #expect(abs(speech.clip.seconds - Double(passage.text.count) / 15) < 0.1)
        let heard = try await SpokenSamples.heardSeconds(speech.clip)
        #expect(abs(heard.seconds - speech.clip.seconds) < 0.05)
        let body = try #require(fake.voice.requests.first?.json)
        #expect(body["response_format"] == "opus" && body["voice"] == "alloy")
        #expect(body["input"]?.string == passage.text && body["instructions"] != nil)
        #expect(fake.voice.requests.first?["content-type"] == "application/json")
    }

    @Test func `the older models are not told a manner that they would refuse`() async throws {
        let fake = try FakeOpenAI(apiKey: "sk")
        _ = try await synthesizer(fake, model: "tts-1").speak(
            SpokenSamples.passage(), context: Samples.context())
        #expect(fake.voice.requests.first?.json?["instructions"] == nil)
    }

    @Test func `a server without Opus is asked for samples, and the next time at once`() async throws {
        let fake = try FakeOpenAI(apiKey: "sk", dialect: .schemaless)
        let local = synthesizer(fake, model: "kokoro", voice: "af_heart")
        let passage = try SpokenSamples.passage()
        let first = try await local.speak(passage, context: Samples.context())
        _ = try await local.speak(passage, context: Samples.context())
        #expect(
            fake.voice.requests.map { $0.json?["response_format"]?.string } == ["opus", "wav", "wav"])
        let heard = try await SpokenSamples.heardSeconds(first.clip)
        #expect(abs(heard.seconds - Double(passage.text.count) / 15) < 0.1)
    }

    @Test(arguments: [
        (Fault.rateLimited(.seconds(7)), ProviderError.rateLimited(retryAfter: .seconds(7))),
        (.quotaExhausted, .quota), (.unauthorized, .authentication), (.serverError, .server(status: 500)),
        (.overloaded, .overloaded(retryAfter: nil)), (.badGateway, .server(status: 502)),
        (.truncatedJSON, .malformedResponse), (.wrongSchema, .malformedResponse),
        (.refusal, .malformedResponse), (.emptyBody, .malformedResponse),
        (.hangUp, .network(mayHaveActed: true)), (.cutOff, .network(mayHaveActed: true)),
        (.reset, .network(mayHaveActed: true)), (.hugeBody(bytes: 20 << 20), .malformedResponse),
    ])
    func `each failure has its class`(fault: Fault, error: ProviderError) async throws {
        let fake = try FakeOpenAI(apiKey: "sk")
        fake.voice.failAlways(fault)
        await #expect(throws: error) {
            _ = try await synthesizer(fake).speak(SpokenSamples.passage(), context: Samples.context())
        }
        #expect(fake.voice.requests.count == 1)
    }

    @Test func `half of a wave is noticed too`() async throws {
        let fake = try FakeOpenAI(apiKey: "sk", dialect: .schemaless)
        let local = synthesizer(fake, model: "kokoro", voice: "af_heart")
        let passage = try SpokenSamples.passage()
        _ = try await local.speak(passage, context: Samples.context())
        fake.voice.failNext(.refusal)
        await #expect(throws: ProviderError.malformedResponse) {
            _ = try await local.speak(passage, context: Samples.context())
        }
    }

    @Test(arguments: [Fault.stall, .silence])
    func `a stall ends with the deadline and may be billed`(fault: Fault) async throws {
        let fake = try FakeOpenAI(apiKey: "sk")
        fake.voice.failAlways(fault)
        await #expect(throws: ProviderError.timedOut(mayHaveActed: true)) {
            _ = try await synthesizer(fake).speak(
                SpokenSamples.passage(), context: Samples.context(seconds: 2))
        }
    }

    @Test func `a check is free and tells a wrong key`() async throws {
        let fake = try FakeOpenAI(apiKey: "sk")
        try await synthesizer(fake).check(deadline: .now + .seconds(30))
        await #expect(throws: ProviderError.authentication) {
            try await synthesizer(fake, key: "wrong").check(deadline: .now + .seconds(30))
        }
        #expect(fake.voice.requests.isEmpty)
    }
}

@Suite struct ElevenLabsSynthesisTests {
    private let client = HTTPClient()
    private let engine = AudioEngine(threads: 1)

    private func synthesizer(
        _ fake: FakeElevenLabs, model: String = "eleven_flash_v2_5", voice: String = FakeElevenLabs.voiceID
    ) -> ElevenLabsSynthesis {
        ElevenLabsSynthesis(
            model: model, voice: voice, client: client, baseURL: fake.baseURL, apiKey: "xi", engine: engine)
    }

    @Test func `speech comes as a voice message in the language that was asked for`() async throws {
        let fake = try FakeElevenLabs(apiKey: "xi")
        let passage = try SpokenSamples.passage("Das ist ein guter Anfang für uns alle.", language: "de-AT")
        let speech = try await synthesizer(fake).speak(passage, context: Samples.context())
        #expect(speech.usage.characters == passage.text.count)
        _ = try await SpokenSamples.heardSeconds(speech.clip)
        let request = try #require(fake.voice.requests.first)
        #expect(request.query("output_format") == "opus_48000_32")
        #expect(request.json?["language_code"] == "de" && request.json?["model_id"] == "eleven_flash_v2_5")
        _ = try await synthesizer(fake, model: "eleven_multilingual_v2").speak(
            passage, context: Samples.context())
        #expect(fake.voice.requests.last?.json?["language_code"] == nil)
    }

    @Test func `without Opus in the plan the samples are encoded here`() async throws {
        let fake = try FakeElevenLabs(apiKey: "xi", hasOpus: false)
        let vendor = synthesizer(fake)
        let passage = try SpokenSamples.passage()
        let speech = try await vendor.speak(passage, context: Samples.context())
        _ = try await vendor.speak(passage, context: Samples.context())
        #expect(
            fake.voice.requests.map { $0.query("output_format") }
                == ["opus_48000_32", "pcm_24000", "pcm_24000"])
        let heard = try await SpokenSamples.heardSeconds(speech.clip)
        #expect(abs(heard.seconds - Double(passage.text.count) / 15) < 0.1)
        fake.voice.failNext(.wrongSchema)
        await #expect(throws: ProviderError.malformedResponse) {
            _ = try await vendor.speak(passage, context: Samples.context())
        }
    }

    @Test(arguments: [
        (Fault.rateLimited(.none), ProviderError.rateLimited(retryAfter: nil)),
        (.rateLimited(.seconds(3)), .rateLimited(retryAfter: .seconds(3))),
        (.quotaExhausted, .quota), (.unauthorized, .authentication), (.serverError, .server(status: 500)),
        (.overloaded, .overloaded(retryAfter: nil)), (.badGateway, .server(status: 502)),
        (.truncatedJSON, .malformedResponse), (.wrongSchema, .malformedResponse),
        (.emptyBody, .malformedResponse), (.cutOff, .network(mayHaveActed: true)),
    ])
    func `each failure has its class`(fault: Fault, error: ProviderError) async throws {
        let fake = try FakeElevenLabs(apiKey: "xi")
        fake.voice.failAlways(fault)
        await #expect(throws: error) {
            _ = try await synthesizer(fake).speak(SpokenSamples.passage(), context: Samples.context())
        }
        #expect(fake.voice.requests.count == 1)
    }

    @Test func `a voice that is not there is an operator's matter, and cannot leave its place in the path`()
        async throws
    {
        let fake = try FakeElevenLabs(apiKey: "xi")
        for voice in ["nobody", "../models", "a?b=c", ""] {
            await #expect(throws: ProviderError.self) {
                _ = try await synthesizer(fake, voice: voice).speak(
                    SpokenSamples.passage(), context: Samples.context())
            }
        }
        #expect(fake.models.requests.isEmpty)
        #expect(fake.voice.requests.allSatisfy { $0.query.map(\.name) == ["output_format"] })
    }
}

@Suite struct EspeakSynthesisTests {
    private let engine = AudioEngine(threads: 1)

    /// Lasts as long as people need for it, and is mostly speech.
    @Test(arguments: [
        ("en", "Our new tool saves every team an hour a day. Try it for a week, and tell me what you think."),
        ("es", "Nuestra herramienta ahorra una hora al día a cada equipo. Pruébala una semana y cuéntame."),
        ("de", "Unser Werkzeug spart jedem Team eine Stunde am Tag. Probier es eine Woche lang aus."),
        ("fr", "Notre outil fait gagner une heure par jour à chaque équipe. Essaie-le pendant une semaine."),
        ("ru", "Наш инструмент экономит каждой команде час в день. Попробуй его неделю и расскажи мне."),
        ("pt", "Nossa ferramenta poupa uma hora por dia a cada equipe. Teste por uma semana e me conte."),
    ])
    func `it speaks every language of ours`(language: String, text: String) async throws {
        let passage = try SpokenSamples.passage(text, language: language)
        let speech = try await EspeakSynthesis(engine: engine).speak(passage, context: Samples.context())
        let heard = try await SpokenSamples.heardSeconds(speech.clip)
        #expect(abs(heard.seconds - speech.clip.seconds) < 0.05)
        #expect((4...9).contains(heard.seconds), "\(heard.seconds)")
        #expect(heard.speech > 0.6 * heard.seconds, "\(heard.speech) of \(heard.seconds)")
    }

    @Test(arguments: ["en", "es", "de", "fr", "ru", "pt"])
    func `the longest passage fits into a minute`(language: String) async throws {
        let sentences = [
            "en": "We learned a lot from the people who tried it first. ",
            "es": "Aprendimos mucho de las primeras personas que lo probaron. ",
            "de": "Wir haben viel von den Menschen gelernt, die es zuerst probierten. ",
            "fr": "Nous avons beaucoup appris des premières personnes qui l'ont essayé. ",
            "ru": "Мы многому научились у людей, которые попробовали это первыми. ",
            "pt": "Aprendemos muito com as primeiras pessoas que experimentaram. ",
        ]
        let text = String(repeating: try #require(sentences[language]), count: 40)
        let passage = try SpokenSamples.passage(text, language: language)
        #expect(passage.isShortened && passage.text.hasSuffix("."))
        let speech = try await EspeakSynthesis(engine: engine).speak(passage, context: Samples.context())
        #expect((35...SpokenPassage.maximumSeconds).contains(speech.clip.seconds), "\(speech.clip.seconds)")
    }

    @Test(arguments: ["9999999 ", "7,77 € ", "98% & ", "12.5.1999, "])
    func `figures and signs are words when they are spoken`(piece: String) async throws {
        let passage = try SpokenSamples.passage(String(repeating: piece, count: 200), language: "de")
        let speech = try await EspeakSynthesis(engine: engine).speak(passage, context: Samples.context())
        #expect((15...SpokenPassage.maximumSeconds).contains(speech.clip.seconds), "\(speech.clip.seconds)")
    }

    @Test func `commands that are hidden in a text are not carried out`() async throws {
        let plain = try await EspeakSynthesis(engine: engine).speak(
            SpokenSamples.passage("Hello hello world."), context: Samples.context())
        for hostile in ["Hello \u{1}+80S \u{1}40P hello world.", "Hello hello world. --version -w x"] {
            let program = try SpeechProgram(voice: "en-us", wordsPerMinute: 155)
            let clip = try await engine.voiceClip(
                speaking: hostile, with: program, maximumSeconds: 30, limit: .seconds(20))
            #expect(clip.seconds > plain.clip.seconds - 0.5)
        }
        #expect(SpokenPassage("[[h@l'oU]] <break time='9s'/>", language: "en")?.text.contains("[") == false)
    }

    @Test(arguments: ["", "../en", "-w/tmp/x", "en us", "en;id", String(repeating: "e", count: 41)])
    func `a voice is a name and nothing else`(name: String) {
        #expect(throws: SpeechProgram.Fault.voiceName) {
            try SpeechProgram(voice: name, wordsPerMinute: 155)
        }
    }

    @Test func `a voice that is not there, and a program that is not there, are told`() async throws {
        await #expect(throws: ProviderError.malformedResponse) {
            _ = try await EspeakSynthesis(voice: "nosuchvoice", engine: engine).speak(
                SpokenSamples.passage(), context: Samples.context())
        }
        let missing = try SpeechProgram(voice: "en", wordsPerMinute: 155, path: "/nowhere/espeak-ng")
        await #expect(throws: AudioError.self) {
            _ = try await engine.voiceClip(
                speaking: "Hello.", with: missing, maximumSeconds: 10, limit: .seconds(10))
        }
        try await EspeakSynthesis(engine: engine).check(deadline: .now + .seconds(30))
    }

    @Test func `more sound than allowed is stopped, and cancellation ends the program`() async throws {
        let program = try SpeechProgram(voice: "en", wordsPerMinute: 80)
        let endless = String(repeating: "This goes on and on and on. ", count: 20_000)
        await #expect(throws: AudioError.tooLong(limitSeconds: 20)) {
            _ = try await engine.voiceClip(
                speaking: endless, with: program, maximumSeconds: 20, limit: .seconds(60))
        }
        let task = Task { [engine] in
            try await engine.voiceClip(
                speaking: endless, with: program, maximumSeconds: 100_000, limit: .seconds(60))
        }
        task.cancel()
        await #expect(throws: AudioError.cancelled) { _ = try await task.value }
        await #expect(throws: ProviderError.timedOut(mayHaveActed: false)) {
            _ = try await EspeakSynthesis(engine: engine).speak(
                SpokenSamples.passage(), context: Samples.context(seconds: -1))
        }
    }
}
