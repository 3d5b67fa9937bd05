/// ElevenLabs' speech-to-text and text-to-speech operations on a loopback port, strict about what it is sent.
///
/// Stops when it is released.
package final class FakeElevenLabs: Sendable {
    package let speech: FakeEndpoint
    package let voice: FakeEndpoint
    package let models: FakeEndpoint
    private let server: FakeServer

    /// - Parameters:
    ///   - apiKey: What requests must carry in `xi-api-key`.
    ///   - recognition: What is heard in every file.
    ///   - hasOpus: Whether speech can be had as Opus.
    package init(apiKey: String, recognition: Recognition = .sample, hasOpus: Bool = true) throws {
        speech = FakeEndpoint(ElevenLabsSpeechAPI(apiKey: apiKey, recognition: recognition))
        voice = FakeEndpoint(ElevenLabsVoiceAPI(apiKey: apiKey, hasOpus: hasOpus))
        models = FakeEndpoint(ElevenLabsModelsAPI(apiKey: apiKey))
        server = try FakeServer([speech, voice, models]) { _ in
            ElevenLabsErrors.error(404, "not_found", "Not Found")
        }
    }

    /// The one voice that it has.
    package static var voiceID: String { ElevenLabsVoiceAPI.voice }

    deinit { server.stop() }

    /// For `ELEVENLABS_BASE_URL`: without the version.
    package var baseURL: String { server.origin }

    /// Refuses connections from now on and breaks off those that are open.
    package func stop() { server.stop() }
}

/// ElevenLabs' error shape.
enum ElevenLabsErrors {
    static func error(_ status: Int, _ code: String, _ message: String) -> WireResponse {
        .json(["detail": ["status": .string(code), "message": .string(message)]], status: status)
    }

    static func answer(_ error: VendorError) -> WireResponse {
        switch error {
        case .rateLimited:
            Self.error(
                429, "too_many_concurrent_requests", "Too many concurrent requests for your subscription.")
        // Not 402 and not 429.
        case .quotaExhausted:
            Self.error(
                401, "quota_exceeded", "This request exceeds your quota. You have 0 credits remaining.")
        case .unauthorized: Self.error(401, "invalid_api_key", "Invalid API key")
        case .serverError: Self.error(500, "internal_server_error", "Something went wrong.")
        case .overloaded:
            Self.error(429, "system_busy", "Our services are experiencing high levels of traffic.")
        }
    }

    static func checkKey(_ key: String, of request: WireRequest) -> WireResponse? {
        request["xi-api-key"] == key ? nil : answer(.unauthorized)
    }
}

/// `POST /v1/speech-to-text`.
struct ElevenLabsSpeechAPI: FakeAPI {
    let path = "/v1/speech-to-text"
    let apiKey: String
    let recognition: Recognition

    func refusal(_ error: VendorError) -> WireResponse { ElevenLabsErrors.answer(error) }

    func answer(_ request: WireRequest, flaw: AnswerFlaw?) -> WireResponse {
        if let refused = ElevenLabsErrors.checkKey(apiKey, of: request) { return refused }
        guard let form = request.form else { return invalid("body", "a form is required") }
        guard form.parts.allSatisfy({ Self.fields.contains($0.name) }) else {
            return invalid("body", "unexpected field")
        }
        guard let model = form.first("model_id")?.text else { return invalid("model_id", "Field required") }
        guard ["scribe_v1", "scribe_v2"].contains(model) else {
            return ElevenLabsErrors.error(
                400, "invalid_model_id", "'\(model)' is not a valid model_id. Only 'scribe_v1', 'scribe_v2'.")
        }
        guard let file = form.first("file"), let probe = AudioProbe(file.bytes) else {
            return ElevenLabsErrors.error(
                400, "invalid_audio", "File upload is corrupted. Please ensure it is playable audio.")
        }
        if flaw == .wrongSchema { return .json(["transcripts": []]) }
        var heard = recognition
        if flaw == .refusal { heard.text = "" }
        if form.first("no_verbatim")?.text == "true" { heard = heard.withoutHesitations }
        let tagsEvents = form.first("tag_audio_events")?.text != "false"
        return .json(document(heard, seconds: probe.seconds ?? 1, tagsEvents: tagsEvents))
    }

    private func document(_ heard: Recognition, seconds: Double, tagsEvents: Bool) -> JSONValue {
        var entries: [JSONValue] = []
        if tagsEvents {
            entries.append([
                "text": "(laughter)", "start": 0.0, "end": 0.01, "type": "audio_event", "logprob": 0.0,
            ])
        }
        for word in heard.words(over: seconds) {
            if !entries.isEmpty {
                entries.append([
                    "text": " ", "start": .number(word.start), "end": .number(word.start),
                    "type": "spacing", "logprob": 0.0,
                ])
            }
            entries.append([
                "text": .string(word.text), "start": .number(word.start), "end": .number(word.end),
                "type": "word", "logprob": -0.05,
            ])
        }
        return [
            "language_code": .string(Self.longTags[heard.language] ?? heard.language),
            "language_probability": 0.99, "text": .string((tagsEvents ? "(laughter) " : "") + heard.text),
            "words": .array(entries),
        ]
    }

    private func invalid(_ field: String, _ message: String) -> WireResponse {
        // FastAPI's own shape, unlike the other errors.
        .json(
            ["detail": [["type": "missing", "loc": ["body", .string(field)], "msg": .string(message)]]],
            status: 422)
    }

    private static let longTags = ["en": "eng", "de": "deu", "es": "spa", "fr": "fra", "ru": "rus"]

    private static let fields: Set<String> = [
        "model_id", "file", "language_code", "tag_audio_events", "num_speakers", "timestamps_granularity",
        "diarize", "diarization_threshold", "additional_formats", "file_format", "cloud_storage_url",
        "source_url", "webhook", "webhook_id", "temperature", "seed", "use_multi_channel",
        "webhook_metadata", "entity_detection", "keyterms", "no_verbatim",
    ]
}

/// `GET /v1/models`.
struct ElevenLabsModelsAPI: FakeAPI {
    let method = "GET"
    let path = "/v1/models"
    let apiKey: String

    func refusal(_ error: VendorError) -> WireResponse { ElevenLabsErrors.answer(error) }

    func answer(_ request: WireRequest, flaw: AnswerFlaw?) -> WireResponse {
        ElevenLabsErrors.checkKey(apiKey, of: request) ?? .json([["model_id": "eleven_multilingual_v2"]])
    }
}
