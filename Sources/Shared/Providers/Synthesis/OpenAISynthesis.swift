package import AudioEngine
import CoachDomain
import HTTPTransport

/// Text to speech over OpenAI's `POST /audio/speech`: OpenAI itself, and servers that speak its wire.
package struct OpenAISynthesis: SpeechSynthesizer {
    /// Only models that are no plain `tts-…` take a description of the manner.
    private static let manner =
        "Speak like a good coach who shows how it could be said: warm, clear, unhurried, with natural stress."

    package let descriptor: SynthesizerDescriptor
    private let voice: String
    private let endpoint: Endpoint
    private let workshop: SynthesisWorkshop
    /// Set once a server has refused or spoilt Opus; shared by all copies of this adapter.
    private let refusesOpus = Flag()

    /// - Parameters:
    ///   - endpoint: Base URL with the version, as `https://api.openai.com/v1`.
    ///   - engine: Makes voice messages of what comes.
    package init(
        name: String = "openai", model: String, voice: String, endpoint: Endpoint, engine: AudioEngine
    ) {
        self.voice = voice
        self.endpoint = endpoint
        workshop = SynthesisWorkshop(engine: engine)
        let manner = Self.takesManner(model) ? "/1" : ""
        descriptor = SynthesizerDescriptor(name: name, model: model, voice: voice + manner)
    }

    package func speak(
        _ passage: SpokenPassage, context: CallContext
    ) async throws(ProviderError) -> ProviderSpeech {
        let opus = !refusesOpus.isSet
        do throws(ProviderError) {
            return try await speak(passage, format: opus ? "opus" : "wav", context)
        } catch .requestInvalid where opus {
            // Not every server has an Opus encoder. A refused request costs nothing.
            let speech = try await speak(passage, format: "wav", context)
            refusesOpus.set()
            return speech
        } catch .malformedResponse where opus {
            // It may have been billed, so it is not asked for again now, but differently next time.
            refusesOpus.set()
            throw .malformedResponse
        }
    }

    private func speak(
        _ passage: SpokenPassage, format: String, _ context: CallContext
    ) async throws(ProviderError) -> ProviderSpeech {
        var fields: [String: JSONValue] = [
            "model": .string(descriptor.model), "input": .string(passage.text), "voice": .string(voice),
            "response_format": .string(format),
        ]
        if Self.takesManner(descriptor.model) { fields["instructions"] = .string(Self.manner) }
        let bytes = try await endpoint.post(
            "/audio/speech", body: .bytes(JSONValue.object(fields).bytes), contentType: "application/json",
            accept: "audio/*", context: context)
        return try await workshop.speech(of: .file(bytes), saying: passage, deadline: context.deadline)
    }

    private static func takesManner(_ model: String) -> Bool { model.lowercased().hasPrefix("gpt-") }

    package func check(deadline: ContinuousClock.Instant) async throws(ProviderError) {
        _ = try await endpoint.get("/models", deadline: deadline)
    }
}
