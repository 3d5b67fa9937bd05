import HTTPTransport

/// A language model over OpenAI's Chat Completions wire: OpenAI itself and servers that speak it.
package struct OpenAIChat: LanguageModel {
    /// Where servers of this wire differ.
    package enum Dialect: Hashable, Sendable {
        /// `max_completion_tokens`; effort for the models that take it.
        case openAI
        /// `max_tokens`, as Ollama, llama.cpp and vLLM want it; nothing optional.
        case compatible
    }

    package let descriptor: ModelDescriptor
    private let endpoint: Endpoint
    private let dialect: Dialect

    /// - Parameter endpoint: Base URL with the version, as `https://api.openai.com/v1`.
    package init(name: String, model: String, endpoint: Endpoint, dialect: Dialect) {
        descriptor = ModelDescriptor(name: name, model: model)
        self.endpoint = endpoint
        self.dialect = dialect
    }

    package func complete(
        _ request: StructuredRequest, context: CallContext
    ) async throws(ProviderError) -> ModelAnswer {
        guard let body = body(of: request) else { throw .requestInvalid(code: "schema") }
        let answer = try await endpoint.post(
            "/chat/completions", body: .bytes(body.bytes), contentType: "application/json", context: context)
        return try Self.read(answer)
    }

    package func check(deadline: ContinuousClock.Instant) async throws(ProviderError) {
        _ = try await endpoint.get("/models", deadline: deadline)
    }

    /// `nil` when the request's schema is not JSON.
    func body(of request: StructuredRequest) -> JSONValue? {
        guard let schema = JSONValue(parsing: request.schema) else { return nil }
        var body: [String: JSONValue] = [
            "model": .string(descriptor.model),
            "messages": [
                ["role": "system", "content": .string(request.instructions)],
                ["role": "user", "content": .string(request.input)],
            ],
            "response_format": [
                "type": "json_schema",
                "json_schema": ["name": .string(request.schemaName), "strict": true, "schema": schema],
            ],
        ]
        let limit = JSONValue.number(Double(request.maximumOutputTokens))
        switch dialect {
        case .openAI:
            body["max_completion_tokens"] = limit
            if Self.acceptsNoEffort(descriptor.model) { body["reasoning_effort"] = "none" }
        case .compatible:
            body["max_tokens"] = limit
        }
        return .object(body)
    }

    /// Other models refuse the value, or do not reason; all of them take a request without the field.
    private static func acceptsNoEffort(_ model: String) -> Bool {
        model.hasPrefix("gpt-6-luna") || model.hasPrefix("gpt-6.1-terra")
    }

    static func read(_ bytes: [UInt8]) throws(ProviderError) -> ModelAnswer {
        guard let document = JSONValue(parsing: bytes) else { throw .malformedResponse }
        if let error = document["error"], !error.isNull {
            throw .embedded(in: document, body: bytes)
        }
        guard let choice = document["choices"]?[0], let message = choice["message"] else {
            throw .malformedResponse
        }
        switch choice["finish_reason"]?.string {
        case "length": throw .truncated
        case "content_filter": throw .contentBlocked
        case "stop", "eos", "end_turn": break
        default: throw .malformedResponse
        }
        if let refusal = message["refusal"]?.string, !refusal.isEmpty { throw .contentBlocked }
        let parts = message["content"]?.array?.compactMap { $0["text"]?.string }
        guard let text = message["content"]?.string ?? parts?.joined(), !text.isEmpty else {
            throw .malformedResponse
        }
        let usage = document["usage"]
        return ModelAnswer(
            text: text,
            usage: ProviderUsage(
                inputTokens: usage?["prompt_tokens"]?.count,
                cachedInputTokens: usage?["prompt_tokens_details"]?["cached_tokens"]?.count,
                outputTokens: usage?["completion_tokens"]?.count))
    }
}
