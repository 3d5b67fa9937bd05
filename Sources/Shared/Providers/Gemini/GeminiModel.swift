package import HTTPTransport

/// A language model over Google's `generateContent`.
package struct GeminiModel: LanguageModel {
    package let descriptor: ModelDescriptor
    private let endpoint: Endpoint

    /// - Parameter baseURL: Without the version, as `https://generativelanguage.googleapis.com`.
    package init(
        name: String = "gemini", model: String, client: HTTPClient, baseURL: String, apiKey: String
    ) {
        descriptor = ModelDescriptor(name: name, model: model)
        endpoint = Endpoint(
            client: client, baseURL: baseURL,
            // Google also takes the key in the URL, which logs of proxies would keep.
            authorization: .header(name: "x-goog-api-key", value: apiKey))
    }

    package func complete(
        _ request: StructuredRequest, context: CallContext
    ) async throws(ProviderError) -> ModelAnswer {
        guard let body = body(of: request) else { throw .requestInvalid(code: "schema") }
        return try await endpoint.postForEvents(
            "/v1beta/models/\(descriptor.model):streamGenerateContent?alt=sse", json: body.bytes,
            into: GeminiAnswer(), context: context)
    }

    package func check(deadline: ContinuousClock.Instant) async throws(ProviderError) {
        _ = try await endpoint.get("/v1beta/models/\(descriptor.model)", deadline: deadline)
    }

    /// `nil` when the request's schema is not JSON.
    func body(of request: StructuredRequest) -> JSONValue? {
        guard let schema = JSONValue(parsing: request.schema) else { return nil }
        var generation: [String: JSONValue] = [
            "responseMimeType": "application/json", "responseJsonSchema": schema,
            "maxOutputTokens": .number(Double(request.maximumOutputTokens)),
        ]
        if let level = Self.thinkingLevel(descriptor.model) {
            generation["thinkingConfig"] = ["thinkingLevel": .string(level)]
        }
        return [
            "systemInstruction": ["parts": [["text": .string(request.instructions)]]],
            "contents": [["role": "user", "parts": [["text": .string(request.input)]]]],
            "generationConfig": .object(generation),
        ]
    }

    /// The least that the family takes: thinking spends the deadline and the cap before the answer begins.
    private static func thinkingLevel(_ model: String) -> String? {
        guard model.hasPrefix("gemini-3") else { return nil }
        return model.contains("pro") ? "low" : "minimal"
    }
}

/// An answer of `generateContent`, whole or as the chunks of a stream.
///
/// There is no terminator: only a finish reason tells that the answer is complete.
struct GeminiAnswer: AnswerAssembly {
    private var text = ""
    private var finish: String?
    private var usage = ProviderUsage()

    mutating func read(_ event: ServerSentEvent) throws(ProviderError) -> Bool {
        guard let document = JSONValue(parsing: event.data) else { throw .malformedResponse }
        try read(document, bytes: event.data)
        return false
    }

    mutating func readWhole(_ body: [UInt8]) throws(ProviderError) {
        guard let document = JSONValue(parsing: body) else { throw .malformedResponse }
        // Without `alt=sse` a stream is one array of chunks.
        for chunk in document.array ?? [document] { try read(chunk, bytes: body) }
    }

    private mutating func read(_ document: JSONValue, bytes: [UInt8]) throws(ProviderError) {
        if let error = document["error"], !error.isNull { throw .embedded(in: document, body: bytes) }
        if document["promptFeedback"]?["blockReason"]?.string != nil { throw .contentBlocked }
        if let counts = document["usageMetadata"] {
            usage.inputTokens = counts["promptTokenCount"]?.count ?? usage.inputTokens
            usage.cachedInputTokens = counts["cachedContentTokenCount"]?.count ?? usage.cachedInputTokens
            // Thinking is billed as output.
            if let written = counts["candidatesTokenCount"]?.count {
                usage.outputTokens = written + (counts["thoughtsTokenCount"]?.count ?? 0)
            }
        }
        guard let candidate = document["candidates"]?[0] else { return }
        for part in candidate["content"]?["parts"]?.array ?? [] {
            if case .bool(true)? = part["thought"] { continue }
            text += part["text"]?.string ?? ""
        }
        if let reason = candidate["finishReason"]?.string { finish = reason }
    }

    func answer() throws(ProviderError) -> ModelAnswer {
        switch finish {
        case "STOP": break
        case "MAX_TOKENS": throw .truncated
        case "SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "LANGUAGE":
            throw .contentBlocked
        default: throw .malformedResponse
        }
        guard !text.isEmpty else { throw .malformedResponse }
        return ModelAnswer(text: text, usage: usage)
    }
}
