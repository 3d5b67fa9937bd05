import Synchronization

/// What has been uploaded and ordered.
final class AssemblyAIDesk: Sendable {
    struct Order: Sendable {
        var seconds: Double
        var keepsHesitations: Bool
        var isDetecting: Bool
        var language: String?
        var questions = 0
    }

    private struct State {
        var uploads: [String: Double] = [:]
        var orders: [String: Order] = [:]
        var failure: String?
    }

    let recognition: Recognition
    private let rounds: Int
    private let state = Mutex(State())

    init(recognition: Recognition, rounds: Int) {
        self.recognition = recognition
        self.rounds = rounds
    }

    func failJobs(_ text: String?) { state.withLock { $0.failure = text } }

    func keep(seconds: Double) -> String {
        state.withLock { state in
            let place = "https://cdn.assemblyai.com/upload/\(state.uploads.count)"
            state.uploads[place] = seconds
            return place
        }
    }

    func seconds(of place: String) -> Double? { state.withLock { $0.uploads[place] } }

    func take(_ order: Order) -> String {
        state.withLock { state in
            let id = "order-\(state.orders.count)"
            state.orders[id] = order
            return id
        }
    }

    /// - Returns: `nil` for an order that nobody gave.
    func ask(_ id: String) -> (order: Order, isDone: Bool, failure: String?)? {
        state.withLock { state in
            guard var order = state.orders[id] else { return nil }
            order.questions += 1
            state.orders[id] = order
            return (order, order.questions > rounds, state.failure)
        }
    }
}

/// AssemblyAI's error shape: a text and nothing else.
enum AssemblyAIErrors {
    static func error(_ status: Int, _ text: String) -> WireResponse {
        .json(["error": .string(text)], status: status)
    }

    static func answer(_ error: VendorError) -> WireResponse {
        switch error {
        case .rateLimited: Self.error(429, "Too many requests")
        case .quotaExhausted:
            Self.error(
                400, "Your current account balance is negative. Please top up to continue using the API.")
        case .unauthorized: Self.error(401, "Authentication error, API token missing/invalid")
        case .serverError: Self.error(500, "Server error, developers have been alerted.")
        case .overloaded: Self.error(503, "Service unavailable")
        }
    }

    static func checkKey(_ key: String, of request: WireRequest) -> WireResponse? {
        request["authorization"] == key ? nil : answer(.unauthorized)
    }
}

/// `POST /v2/upload`.
struct AssemblyAIUploadAPI: FakeAPI {
    let path = "/v2/upload"
    let apiKey: String
    let desk: AssemblyAIDesk

    func refusal(_ error: VendorError) -> WireResponse { AssemblyAIErrors.answer(error) }

    func answer(_ request: WireRequest, flaw: AnswerFlaw?) -> WireResponse {
        if let refused = AssemblyAIErrors.checkKey(apiKey, of: request) { return refused }
        // What is no audio is taken all the same; the job fails later.
        return .json(["upload_url": .string(desk.keep(seconds: AudioProbe(request.body)?.seconds ?? 0))])
    }
}

/// `POST /v2/transcript`.
struct AssemblyAIOrderAPI: FakeAPI {
    let path = "/v2/transcript"
    let apiKey: String
    let desk: AssemblyAIDesk

    func refusal(_ error: VendorError) -> WireResponse { AssemblyAIErrors.answer(error) }

    func answer(_ request: WireRequest, flaw: AnswerFlaw?) -> WireResponse {
        if let refused = AssemblyAIErrors.checkKey(apiKey, of: request) { return refused }
        guard let body = request.json, let members = body.object else {
            return AssemblyAIErrors.error(400, "Invalid JSON")
        }
        if let unknown = members.keys.sorted().first(where: { !Self.parameters.contains($0) }) {
            return AssemblyAIErrors.error(
                400, "Invalid endpoint schema, please refer to documentation: \(unknown)")
        }
        guard let models = body["speech_models"]?.array?.compactMap(\.string), !models.isEmpty,
            models.allSatisfy({ $0.hasPrefix("universal") })
        else { return AssemblyAIErrors.error(400, "speech_models must be a non-empty list") }
        guard let seconds = body["audio_url"]?.string.flatMap(desk.seconds) else {
            return AssemblyAIErrors.error(400, "audio_url is required")
        }
        let isDetecting = body["language_detection"]?.boolean ?? false
        let language = body["language_code"]?.string
        guard !isDetecting || language == nil else {
            return AssemblyAIErrors.error(
                400, "`language_code` cannot be set when `language_detection` is enabled")
        }
        let keeps = body["disfluencies"]?.boolean ?? false
        guard !keeps || language == nil || language?.hasPrefix("en") == true else {
            return AssemblyAIErrors.error(
                400, "The following models are not available in this language: disfluencies")
        }
        if flaw == .wrongSchema { return .json(["queued": true]) }
        let id = desk.take(
            .init(seconds: seconds, keepsHesitations: keeps, isDetecting: isDetecting, language: language))
        return .json(["id": .string(id), "status": "queued", "text": .null, "words": .null, "error": .null])
    }

    private static let parameters: Set<String> = [
        "audio_url", "speech_models", "language_code", "language_detection", "language_confidence_threshold",
        "punctuate", "format_text", "disfluencies", "dual_channel", "multichannel", "speaker_labels",
        "keyterms_prompt", "prompt", "filter_profanity", "audio_start_from", "audio_end_at",
        "speech_threshold",
        "webhook_url", "redact_pii", "temperature",
    ]
}

/// `GET /v2/transcript/{id}`, and the list that costs nothing.
struct AssemblyAIPollAPI: FakeAPI {
    let method = "GET"
    let path = "/v2/transcript"
    let apiKey: String
    let desk: AssemblyAIDesk

    func serves(path: String) -> Bool { path == self.path || path.hasPrefix(self.path + "/") }

    func refusal(_ error: VendorError) -> WireResponse { AssemblyAIErrors.answer(error) }

    func answer(_ request: WireRequest, flaw: AnswerFlaw?) -> WireResponse {
        if let refused = AssemblyAIErrors.checkKey(apiKey, of: request) { return refused }
        if request.path == path { return .json(["transcripts": [], "page_details": ["limit": 1]]) }
        let id = String(request.path.dropFirst(path.count + 1))
        guard let (order, isDone, failure) = desk.ask(id) else {
            return AssemblyAIErrors.error(400, "Transcript lookup error, transcript id not found")
        }
        if flaw == .wrongSchema { return .json(["state": "done"]) }
        guard isDone else { return .json(["id": .string(id), "status": "processing", "text": .null]) }
        if let failure { return .json(["id": .string(id), "status": "error", "error": .string(failure)]) }
        var heard = desk.recognition
        if flaw == .refusal { heard.text = "" }
        if !order.keepsHesitations { heard = heard.withoutHesitations }
        let words = heard.words(over: order.seconds).map { word -> JSONValue in
            [
                "text": .string(word.text), "start": .integer(Int(word.start * 1_000)),
                "end": .integer(Int(word.end * 1_000)), "confidence": 0.97, "speaker": .null,
            ]
        }
        return .json([
            "id": .string(id), "status": "completed", "text": .string(heard.text), "words": .array(words),
            "language_code": .string(order.language ?? (order.isDetecting ? heard.language : "en_us")),
            "audio_duration": .integer(Int(order.seconds.rounded(.up))), "confidence": 0.96, "error": .null,
        ])
    }
}
