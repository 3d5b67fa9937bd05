/// Deepgram's pre-recorded operation on a loopback port, strict about what it is sent.
///
/// Stops when it is released.
package final class FakeDeepgram: Sendable {
    package let listen: FakeEndpoint
    package let projects: FakeEndpoint
    private let server: FakeServer

    /// - Parameters:
    ///   - apiKey: What requests must carry as `Authorization: Token …`.
    ///   - recognition: What is heard in every file.
    package init(apiKey: String, recognition: Recognition = .sample) throws {
        listen = FakeEndpoint(DeepgramListenAPI(apiKey: apiKey, recognition: recognition))
        projects = FakeEndpoint(DeepgramProjectsAPI(apiKey: apiKey))
        server = try FakeServer([listen, projects]) { _ in
            DeepgramErrors.error(404, "Not Found", "Resource not found.")
        }
    }

    deinit { server.stop() }

    /// For `DEEPGRAM_BASE_URL`: without the version.
    package var baseURL: String { server.origin }

    /// Refuses connections from now on and breaks off those that are open.
    package func stop() { server.stop() }
}

/// Deepgram's error shape.
enum DeepgramErrors {
    static func error(_ status: Int, _ code: String, _ message: String) -> WireResponse {
        .json(
            [
                "err_code": .string(code), "err_msg": .string(message),
                "request_id": "00000000-0000-0000-0000-000000000000",
            ], status: status)
    }

    static func answer(_ error: VendorError) -> WireResponse {
        switch error {
        case .rateLimited: Self.error(429, "TOO_MANY_REQUESTS", "Too many requests. Please try again later")
        case .quotaExhausted:
            Self.error(
                402, "ASR_PAYMENT_REQUIRED", "Project does not have enough credits for an ASR request.")
        case .unauthorized: Self.error(401, "INVALID_AUTH", "Invalid credentials.")
        case .serverError: Self.error(500, "INTERNAL_SERVER_ERROR", "Internal server error.")
        case .overloaded: Self.error(503, "SERVICE_UNAVAILABLE", "Service unavailable.")
        }
    }

    static func checkKey(_ key: String, of request: WireRequest) -> WireResponse? {
        request["authorization"] == "Token \(key)" ? nil : answer(.unauthorized)
    }
}

/// `POST /v1/listen`.
struct DeepgramListenAPI: FakeAPI {
    let path = "/v1/listen"
    let apiKey: String
    let recognition: Recognition

    func refusal(_ error: VendorError) -> WireResponse { DeepgramErrors.answer(error) }

    func answer(_ request: WireRequest, flaw: AnswerFlaw?) -> WireResponse {
        if let refused = DeepgramErrors.checkKey(apiKey, of: request) { return refused }
        if let unknown = request.query.first(where: { !Self.parameters.contains($0.name) }) {
            return DeepgramErrors.error(400, "Bad Request", "Unknown query parameter: \(unknown.name)")
        }
        // The vendor would take the request and use a model of an older generation; nobody wants that.
        guard let model = request.query("model") else {
            return DeepgramErrors.error(400, "Bad Request", "the fake insists on a model")
        }
        let isDetecting = request.query("detect_language") == "true"
        guard !isDetecting || request.query("language") == nil else {
            return DeepgramErrors.error(
                400, "Bad Request", "language and detect_language cannot be used together")
        }
        guard let probe = AudioProbe(request.body) else {
            return DeepgramErrors.error(
                400, "Bad Request", "Bad Request: failed to process audio: corrupt or unsupported data")
        }
        if flaw == .wrongSchema { return .json(["results": ["utterances": []]]) }
        var heard = recognition
        if flaw == .refusal { heard.text = "" }
        if request.query("filler_words") != "true" { heard = heard.withoutHesitations }
        return .json(
            document(
                heard, seconds: probe.seconds ?? 1, model: model, isDetecting: isDetecting))
    }

    private func document(
        _ heard: Recognition, seconds: Double, model: String, isDetecting: Bool
    ) -> JSONValue {
        let words = heard.words(over: seconds).map { word -> JSONValue in
            [
                "word": .string(word.text.lowercased().filter { $0.isLetter || $0.isNumber || $0 == "'" }),
                "start": .number(word.start), "end": .number(word.end), "confidence": 0.98,
                "punctuated_word": .string(word.text),
            ]
        }
        var channel: [String: JSONValue] = [
            "alternatives": [
                ["transcript": .string(heard.text), "confidence": 0.99, "words": .array(words)]
            ]
        ]
        if isDetecting {
            channel["detected_language"] = .string(heard.language)
            channel["language_confidence"] = 0.97
        }
        return [
            "metadata": [
                "request_id": "00000000-0000-0000-0000-000000000000", "created": "2026-11-20T10:00:00.000Z",
                "duration": .number(seconds), "channels": 1, "models": [.string(model)],
            ],
            "results": ["channels": [.object(channel)]],
        ]
    }

    private static let parameters: Set<String> = [
        "callback", "callback_method", "custom_intent", "custom_topic", "detect_entities", "detect_language",
        "diarize", "dictation", "encoding", "extra", "filler_words", "intents", "keyterm", "keywords",
        "language", "language_hint", "measurements", "mip_opt_out", "model", "multichannel", "numerals",
        "paragraphs", "profanity_filter", "punctuate", "redact", "replace", "search", "sentiment",
        "smart_format", "summarize", "tag", "topics", "utt_split", "utterances", "version",
    ]
}

/// `GET /v1/projects`.
struct DeepgramProjectsAPI: FakeAPI {
    let method = "GET"
    let path = "/v1/projects"
    let apiKey: String

    func refusal(_ error: VendorError) -> WireResponse { DeepgramErrors.answer(error) }

    func answer(_ request: WireRequest, flaw: AnswerFlaw?) -> WireResponse {
        DeepgramErrors.checkKey(apiKey, of: request) ?? .json(["projects": []])
    }
}
