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
        return try await endpoint.postForEvents(
            "/v1/messages", json: body.bytes, into: AnthropicAnswer(), context: context)
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
            "stream": true,
        ]
    }
}
