package import AudioEngine
import CoachDomain
import Foundation
package import HTTPTransport

/// Text to speech over ElevenLabs' `POST /v1/text-to-speech/{voice_id}`.
package struct ElevenLabsSynthesis: SpeechSynthesizer {
    package let descriptor: SynthesizerDescriptor
    private let path: String
    private let endpoint: Endpoint
    private let workshop: SynthesisWorkshop
    /// Set once Opus was refused or came in a form that cannot be used; shared by all copies of this adapter.
    private let refusesOpus = Flag()

    /// - Parameters:
    ///   - voice: The vendor's id of a voice.
    ///   - baseURL: Without the version, as `https://api.elevenlabs.io`.
    ///   - engine: Makes voice messages of what comes.
    package init(
        name: String = "elevenlabs", model: String, voice: String, client: HTTPClient, baseURL: String,
        apiKey: String, engine: AudioEngine
    ) {
        endpoint = Endpoint(
            client: client, baseURL: baseURL, authorization: .header(name: "xi-api-key", value: apiKey))
        let id = voice.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        path = "/v1/text-to-speech/\(id)"
        workshop = SynthesisWorkshop(engine: engine)
        descriptor = SynthesizerDescriptor(name: name, model: model, voice: voice)
    }

    package func speak(
        _ passage: SpokenPassage, context: CallContext
    ) async throws(ProviderError) -> ProviderSpeech {
        let opus = !refusesOpus.isSet
        do throws(ProviderError) {
            return try await speak(passage, opus: opus, context)
        } catch .requestInvalid where opus {
            let speech = try await speak(passage, opus: false, context)
            refusesOpus.set()
            return speech
        } catch .malformedResponse where opus {
            // It may have been billed, so it is not asked for again now, but differently next time.
            refusesOpus.set()
            throw .malformedResponse
        }
    }

    private func speak(
        _ passage: SpokenPassage, opus: Bool, _ context: CallContext
    ) async throws(ProviderError) -> ProviderSpeech {
        var fields: [String: JSONValue] = [
            "text": .string(passage.text), "model_id": .string(descriptor.model),
        ]
        // Other models answer a language with an error; they hear it from the text.
        if descriptor.model.contains("_v2_5") { fields["language_code"] = .string(passage.language) }
        let format = opus ? "opus_48000_32" : "pcm_24000"
        let bytes = try await endpoint.post(
            path + "?output_format=\(format)", body: .bytes(JSONValue.object(fields).bytes),
            contentType: "application/json", accept: "audio/*", context: context)
        let sound = try Self.sound(bytes, opus: opus)
        return try await workshop.speech(of: sound, saying: passage, deadline: context.deadline)
    }

    /// Raw samples have no mark of their own, so what is plainly something else is told apart here.
    private static func sound(_ bytes: [UInt8], opus: Bool) throws(ProviderError) -> SynthesizedSound {
        guard !opus, JSONValue(parsing: bytes) == nil, !isText(bytes) else { return .file(bytes) }
        return .samples(bytes, rateHz: 24_000)
    }

    /// A page of a proxy; of samples a good part are no printable characters.
    private static func isText(_ bytes: [UInt8]) -> Bool {
        let beginning = bytes.prefix(256)
        return !beginning.isEmpty
            && beginning.allSatisfy { (32...126).contains($0) || $0 == 9 || $0 == 10 || $0 == 13 }
    }

    package func check(deadline: ContinuousClock.Instant) async throws(ProviderError) {
        _ = try await endpoint.get("/v1/models", deadline: deadline)
    }
}
