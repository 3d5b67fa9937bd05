/// Google's `generateContent` on a loopback port, strict about what it is sent.
///
/// Stops when it is released.
package final class FakeGemini: Sendable {
    package let generate: FakeEndpoint
    package let models: FakeEndpoint
    private let server: FakeServer

    /// - Parameters:
    ///   - apiKey: What requests must carry in `x-goog-api-key`.
    ///   - author: Signs what the model writes.
    package init(apiKey: String, author: String = "gemini") throws {
        generate = FakeEndpoint(GeminiGenerateAPI(apiKey: apiKey, author: author))
        models = FakeEndpoint(GeminiModelsAPI(apiKey: apiKey))
        server = try FakeServer([generate, models]) { _ in
            GeminiErrors.error(404, "NOT_FOUND", "models/unknown is not found for API version v1beta")
        }
    }

    deinit { server.stop() }

    /// For `GEMINI_BASE_URL`: without the version.
    package var baseURL: String { server.origin }

    /// Refuses connections from now on and breaks off those that are open.
    package func stop() { server.stop() }
}

/// Google's error shape.
enum GeminiErrors {
    static func error(_ status: Int, _ name: String, _ message: String, details: JSONValue = [])
        -> WireResponse
    {
        .json(
            [
                "error": [
                    "code": .integer(status), "message": .string(message), "status": .string(name),
                    "details": details,
                ]
            ], status: status)
    }

    static func answer(_ error: VendorError) -> WireResponse {
        switch error {
        case .rateLimited:
            limited("GenerateRequestsPerMinutePerProjectPerModel", delay: "34.4s")
        case .quotaExhausted:
            limited("GenerateRequestsPerDayPerProjectPerModel", delay: "36000s")
        // Not 401.
        case .unauthorized:
            Self.error(
                400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.",
                details: [
                    ["@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"]
                ])
        case .serverError: Self.error(500, "INTERNAL", "An internal error has occurred.")
        case .overloaded: Self.error(503, "UNAVAILABLE", "The model is overloaded. Please try again later.")
        }
    }

    private static func limited(_ quota: String, delay: String) -> WireResponse {
        error(
            429, "RESOURCE_EXHAUSTED", "You exceeded your current quota.",
            details: [
                [
                    "@type": "type.googleapis.com/google.rpc.QuotaFailure",
                    "violations": [["quotaId": .string(quota)]],
                ],
                ["@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": .string(delay)],
            ])
    }

    static func checkKey(_ key: String, of request: WireRequest) -> WireResponse? {
        request["x-goog-api-key"] == key ? nil : answer(.unauthorized)
    }
}

/// `POST /v1beta/models/{model}:generateContent` and `:streamGenerateContent`.
struct GeminiGenerateAPI: FakeAPI {
    let path = "/v1beta/models/"
    let apiKey: String
    let author: String

    func serves(path: String) -> Bool {
        path.hasPrefix(self.path)
            && (path.hasSuffix(":generateContent") || path.hasSuffix(":streamGenerateContent"))
    }

    func refusal(_ error: VendorError) -> WireResponse { GeminiErrors.answer(error) }

    func answer(_ request: WireRequest, flaw: AnswerFlaw?) -> WireResponse {
        if let refused = GeminiErrors.checkKey(apiKey, of: request) { return refused }
        let model = String(request.path.dropFirst(path.count).prefix { $0 != ":" })
        guard let body = request.json, let members = body.object else {
            return invalid("Invalid JSON payload")
        }
        if let unknown = members.keys.sorted().first(where: { !Self.parameters.contains($0) }) {
            return invalid("Invalid JSON payload received. Unknown name \"\(unknown)\": Cannot find field.")
        }
        guard let generation = body["generationConfig"]?.object else {
            return invalid("the fake wants a configuration")
        }
        if let unknown = generation.keys.sorted().first(where: { !Self.generation.contains($0) }) {
            return invalid("Unknown name \"\(unknown)\" at 'generation_config': Cannot find field.")
        }
        if let level = generation["thinkingConfig"]?["thinkingLevel"]?.string {
            let levels = model.contains("pro") ? ["low", "high"] : ["minimal", "low", "medium", "high"]
            guard model.hasPrefix("gemini-3"), levels.contains(level.lowercased()) else {
                return invalid("Thinking level \(level) is not supported for this model.")
            }
        }
        guard generation["responseJsonSchema"] == nil || generation["responseMimeType"] == "application/json"
        else { return invalid("response_json_schema needs response_mime_type application/json") }
        let contents = (body["contents"]?.array ?? []) + [body["systemInstruction"] ?? .null]
        let prompts = contents.flatMap { $0["parts"]?.array ?? [] }.compactMap { $0["text"]?.string }
        guard body["contents"]?[0]?["role"] == "user", !prompts.isEmpty else {
            return invalid("contents are required")
        }
        let reply = reply(
            prompts: prompts, schema: generation["responseJsonSchema"], model: model, flaw: flaw)
        guard request.path.hasSuffix(":streamGenerateContent") else { return .json(reply.whole) }
        guard request.query("alt") == "sse" else { return .json(.array(reply.chunks)) }
        let events = reply.chunks.map { "data: \($0.text)\r\n\r\n" }.joined()
        return WireResponse(status: 200, contentType: "text/event-stream", body: Array(events.utf8))
    }

    private func reply(prompts: [String], schema: JSONValue?, model: String, flaw: AnswerFlaw?) -> GeminiReply
    {
        let spoken = SpokenText.find(in: prompts) ?? ""
        let quote = flaw == .inventedQuote ? "words that nobody ever said" : SpokenText.quote(from: spoken)
        var text = "Noted."
        if let schema {
            text = SchemaSampler(schema: schema, quote: quote, spoken: spoken, author: author).sample.text
        }
        if flaw == .wrongSchema { text = #"{"verdict":"good","score":"ninety"}"# }
        return GeminiReply(
            model: model,
            // A model that thinks up to its limit writes nothing at all.
            text: flaw == .outOfTokens || flaw == .refusal ? nil : text,
            finishReason: flaw == .outOfTokens ? "MAX_TOKENS" : "STOP", isBlocked: flaw == .refusal,
            inputTokens: prompts.reduce(0) { $0 + $1.count } / 4, outputTokens: text.count / 4)
    }

    private func invalid(_ message: String) -> WireResponse {
        GeminiErrors.error(400, "INVALID_ARGUMENT", message)
    }

    private static let parameters: Set<String> = [
        "contents", "systemInstruction", "generationConfig", "safetySettings", "tools", "toolConfig",
        "cachedContent", "labels",
    ]
    private static let generation: Set<String> = [
        "responseMimeType", "responseJsonSchema", "responseSchema", "maxOutputTokens", "thinkingConfig",
        "temperature", "topP", "topK", "candidateCount", "stopSequences", "seed", "presencePenalty",
        "frequencyPenalty", "responseLogprobs", "logprobs", "responseFormat",
    ]
}

/// An answer of Gemini in both of its forms.
struct GeminiReply {
    var model: String
    var text: String?
    var finishReason: String
    var isBlocked: Bool
    var inputTokens: Int
    var outputTokens: Int

    private var usage: JSONValue {
        [
            "promptTokenCount": .integer(inputTokens), "candidatesTokenCount": .integer(outputTokens),
            "thoughtsTokenCount": 3, "totalTokenCount": .integer(inputTokens + outputTokens + 3),
        ]
    }

    private func document(text: String?, finish: String?) -> JSONValue {
        if isBlocked {
            return [
                "promptFeedback": ["blockReason": "PROHIBITED_CONTENT"], "usageMetadata": usage,
                "modelVersion": .string(model),
            ]
        }
        var candidate: [String: JSONValue] = ["index": 0, "content": ["role": "model"]]
        if let text { candidate["content"] = ["role": "model", "parts": [["text": .string(text)]]] }
        if let finish { candidate["finishReason"] = .string(finish) }
        return ["candidates": [.object(candidate)], "usageMetadata": usage, "modelVersion": .string(model)]
    }

    var whole: JSONValue { document(text: text, finish: finishReason) }

    var chunks: [JSONValue] {
        guard let text, !isBlocked else { return [whole] }
        let pieces = OpenAIChatReply.pieces(of: text)
        return pieces.dropLast().map { document(text: $0, finish: nil) }
            + [document(text: pieces.last, finish: finishReason)]
    }
}

/// `GET /v1beta/models/{model}`.
struct GeminiModelsAPI: FakeAPI {
    let method = "GET"
    let path = "/v1beta/models/"
    let apiKey: String

    func serves(path: String) -> Bool { path.hasPrefix(self.path) }

    func refusal(_ error: VendorError) -> WireResponse { GeminiErrors.answer(error) }

    func answer(_ request: WireRequest, flaw: AnswerFlaw?) -> WireResponse {
        GeminiErrors.checkKey(apiKey, of: request)
            ?? .json(["name": .string(String(request.path.dropFirst("/v1beta/".count)))])
    }
}
