package import HTTPTransport

/// A language model over Anthropic's Messages wire.
package struct AnthropicMessages: LanguageModel {
    package let descriptor: ModelDescriptor
    private let endpoint: Endpoint

    /// - Parameters:
    ///   - client: Shared by all adapters.
    ///   - baseURL: Without the version, as `https://api.anthropic.com`.
    package init(
        name: String = "anthropic", model: String, client: HTTPClient, baseURL: String, apiKey: String
    ) {
        descriptor = ModelDescriptor(name: name, model: model)
        endpoint = Endpoint(
            client: client, baseURL: baseURL, authorization: .header(name: "x-api-key", value: apiKey),
            headers: [("anthropic-version", "2023-06-01")])
    }

    package func complete(
        _ request: StructuredRequest, context: CallContext
    ) async throws(ProviderError) -> ModelAnswer {
        guard let body = body(of: request) else { throw .requestInvalid(code: "schema") }
        let answer = try await endpoint.post(
            "/v1/messages", body: .bytes(body.bytes), contentType: "application/json", context: context)
        return try Self.read(answer)
    }

    package func check(deadline: ContinuousClock.Instant) async throws(ProviderError) {
        _ = try await endpoint.get("/v1/models", deadline: deadline)
    }

    /// `nil` when the request's schema is not JSON.
    func body(of request: StructuredRequest) -> JSONValue? {
        guard let schema = JSONValue(parsing: request.schema) else { return nil }
        return [
            "model": .string(descriptor.model),
            "max_tokens": .number(Double(request.maximumOutputTokens)),
            "system": .string(request.instructions),
            "messages": [["role": "user", "content": .string(request.input)]],
            "output_config": ["format": ["type": "json_schema", "schema": schema]],
            // Thinking would spend the deadline and the token cap before the first word of the answer.
            "thinking": ["type": "disabled"],
        ]
    }

    static func read(_ bytes: [UInt8]) throws(ProviderError) -> ModelAnswer {
        guard let document = JSONValue(parsing: bytes) else { throw .malformedResponse }
        if document["type"]?.string == "error" {
            throw .embedded(in: document, body: bytes)
        }
        switch document["stop_reason"]?.string {
        case "end_turn", "stop_sequence": break
        case "max_tokens", "model_context_window_exceeded": throw .truncated
        case "refusal": throw .contentBlocked
        default: throw .malformedResponse
        }
        let text = (document["content"]?.array ?? [])
            .filter { $0["type"]?.string == "text" }
            .compactMap { $0["text"]?.string }
            .joined()
        guard !text.isEmpty else { throw .malformedResponse }
        let usage = document["usage"]
        let fresh = usage?["input_tokens"]?.count
        let written = usage?["cache_creation_input_tokens"]?.count
        let cached = usage?["cache_read_input_tokens"]?.count
        return ModelAnswer(
            text: text,
            usage: ProviderUsage(
                inputTokens: fresh.map { $0 + (written ?? 0) + (cached ?? 0) }, cachedInputTokens: cached,
                outputTokens: usage?["output_tokens"]?.count))
    }
}
