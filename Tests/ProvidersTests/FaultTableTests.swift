import CoachDomain
import Foundation
import HTTPTransport
import ProviderFakes
import Testing

@testable import Providers

/// One adapter and the fake vendor that it talks to.
private struct Wire: Sendable {
    var endpoint: FakeEndpoint
    var stop: @Sendable () -> Void
    var call: @Sendable (Double) async throws(ProviderError) -> Void
}

/// Every wire that an adapter speaks.
enum WireFamily: String, CaseIterable, Sendable {
    case openAISpeech, localSpeech, deepgram, elevenLabs, assemblyAI
    case openAIChat, localChat, anthropic, gemini

    /// - Parameter address: Instead of the fake's own.
    fileprivate func wire(client: HTTPClient, address: String? = nil) throws -> Wire {
        let catalog = ProviderCatalog(client: client)
        func speech(
            _ name: String, _ key: String?, _ base: String, _ model: String, _ endpoint: FakeEndpoint,
            _ stop: @escaping @Sendable () -> Void
        ) throws -> Wire {
            let adapter = try #require(
                catalog.recognizer(
                    named: name, AdapterSettings(apiKey: key, baseURL: address ?? base, model: model)))
            return Wire(endpoint: endpoint, stop: stop) { seconds throws(ProviderError) in
                _ = try await adapter.transcribe(Samples.audio(), context: Samples.context(seconds: seconds))
            }
        }
        func chat(
            _ name: String, _ key: String?, _ base: String, _ model: String, _ endpoint: FakeEndpoint,
            _ stop: @escaping @Sendable () -> Void
        ) throws -> Wire {
            let adapter = try #require(
                catalog.languageModel(
                    named: name, AdapterSettings(apiKey: key, baseURL: address ?? base, model: model)))
            let request = CoachPrompt.request(Samples.material())
            return Wire(endpoint: endpoint, stop: stop) { seconds throws(ProviderError) in
                let answer = try await adapter.complete(request, context: Samples.context(seconds: seconds))
                // Whatever an adapter lets through meets this check before anybody sees it.
                do {
                    _ = try FeedbackValidator(Samples.material()).validate(
                        answer.text, from: adapter.descriptor)
                } catch {
                    throw ProviderError.malformedResponse
                }
            }
        }
        switch self {
        case .openAISpeech:
            let fake = try FakeOpenAI(apiKey: "sk")
            return try speech("openai", "sk", fake.baseURL, "whisper-1", fake.speech) { fake.stop() }
        case .localSpeech:
            let fake = try FakeOpenAI(apiKey: nil, dialect: .compatible)
            return try speech("local-stt", nil, fake.baseURL, "whisper-1", fake.speech) { fake.stop() }
        case .deepgram:
            let fake = try FakeDeepgram(apiKey: "dg")
            return try speech("deepgram", "dg", fake.baseURL, "nova-3", fake.listen) { fake.stop() }
        case .elevenLabs:
            let fake = try FakeElevenLabs(apiKey: "xi")
            return try speech("elevenlabs", "xi", fake.baseURL, "scribe_v2", fake.speech) { fake.stop() }
        case .assemblyAI:
            let fake = try FakeAssemblyAI(apiKey: "aai")
            return try speech("assemblyai", "aai", fake.baseURL, "universal-2", fake.upload) { fake.stop() }
        case .openAIChat:
            let fake = try FakeOpenAI(apiKey: "sk")
            return try chat("openai", "sk", fake.baseURL, "gpt-6-luna", fake.chat) { fake.stop() }
        case .localChat:
            let fake = try FakeOpenAI(apiKey: nil, dialect: .compatible)
            return try chat("local-llm", nil, fake.baseURL, "llama3.2", fake.chat) { fake.stop() }
        case .anthropic:
            let fake = try FakeAnthropic(apiKey: "ant")
            return try chat("anthropic", "ant", fake.baseURL, "claude-haiku-5-5", fake.messages) {
                fake.stop()
            }
        case .gemini:
            let fake = try FakeGemini(apiKey: "goog")
            return try chat("gemini", "goog", fake.baseURL, "gemini-3.5-flash-lite", fake.generate) {
                fake.stop()
            }
        }
    }
}

/// Every fault of a connection or a server, at every wire, over the real libcurl.
@Suite struct FaultTableTests {
    private let client = HTTPClient()

    /// Answers that come at once and are none.
    private static let useless: [(Fault, String)] = [
        (.badGateway, "server"), (.emptyBody, "malformedResponse"),
        (.wrongContentType, "malformedResponse"), (.invalidUTF8, "malformedResponse"),
        (.hugeBody(bytes: 20 << 20), "malformedResponse"), (.reset, "network"), (.cutOff, "network"),
        (.hangUp, "network"),
    ]

    @Test(arguments: WireFamily.allCases, useless.indices)
    func `no broken answer is taken for one, and each has its class`(family: WireFamily, index: Int)
        async throws
    {
        let (fault, name) = Self.useless[index]
        let wire = try family.wire(client: client)
        wire.endpoint.failAlways(fault)
        let error = await #expect(throws: ProviderError.self) { try await wire.call(30) }
        #expect(error?.name == name, "\(family) \(fault)")
        wire.stop()
    }

    @Test(arguments: WireFamily.allCases)
    func `silence, a stall and a trickle end with the deadline`(family: WireFamily) async throws {
        for fault in [Fault.silence, .stall, .trickle(bytes: 1, every: .milliseconds(200))] {
            let wire = try family.wire(client: client)
            wire.endpoint.failAlways(fault)
            let error = await #expect(throws: ProviderError.self) { try await wire.call(1.5) }
            #expect(error?.name == "timedOut", "\(family) \(fault)")
            wire.stop()
        }
    }

    @Test(arguments: WireFamily.allCases)
    func `a refused connection cost nothing`(family: WireFamily) async throws {
        let wire = try family.wire(client: client)
        wire.stop()
        await #expect(throws: ProviderError.network(mayHaveActed: false)) { try await wire.call(10) }
    }

    @Test(arguments: WireFamily.allCases, TLSFault.allCases)
    func `nothing is sent to a server whose certificate is not right`(family: WireFamily, fault: TLSFault)
        async throws
    {
        let server = try await BadTLSServer.of(fault)
        let client = HTTPClient(configuration: .init(certificateBundlePath: server.trusted))
        let wire = try family.wire(client: client, address: server.url)
        let error = await #expect(throws: ProviderError.self) { try await wire.call(20) }
        #expect(error == .misconfigured(code: "certificate_rejected"), "\(family) \(fault)")
        #expect(error?.mayBeBilled == false)
        await client.shutdown()
    }
}
