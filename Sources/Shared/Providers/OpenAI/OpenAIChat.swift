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
    /// Set once a server has refused a schema; shared by all copies of this adapter.
    private let refusesSchemas = Flag()

    /// - Parameter endpoint: Base URL with the version, as `https://api.openai.com/v1`.
    package init(name: String, model: String, endpoint: Endpoint, dialect: Dialect) {
        descriptor = ModelDescriptor(name: name, model: model)
        self.endpoint = endpoint
        self.dialect = dialect
    }

    package func complete(
        _ request: StructuredRequest, context: CallContext
    ) async throws(ProviderError) -> ModelAnswer {
        if !refusesSchemas.isSet {
            do throws(ProviderError) {
                return try await ask(request, hasSchema: true, context)
            } catch .requestInvalid where dialect == .compatible {
                // Older local servers know no schemas. A refused request costs nothing, and the next one asks
                // the right way at once; what comes back is checked in either case.
                let answer = try await ask(request, hasSchema: false, context)
                refusesSchemas.set()
                return answer
            }
        }
        return try await ask(request, hasSchema: false, context)
    }

    private func ask(
        _ request: StructuredRequest, hasSchema: Bool, _ context: CallContext
    ) async throws(ProviderError) -> ModelAnswer {
        guard let body = body(of: request, hasSchema: hasSchema) else {
            throw .requestInvalid(code: "schema")
        }
        return try await endpoint.postForEvents(
            "/chat/completions", json: body.bytes, into: OpenAIChatAnswer(), context: context,
            isPatient: dialect == .compatible)
    }

    package func check(deadline: ContinuousClock.Instant) async throws(ProviderError) {
        _ = try await endpoint.get("/models", deadline: deadline)
    }

    /// `nil` when the request's schema is not JSON.
    func body(of request: StructuredRequest, hasSchema: Bool = true) -> JSONValue? {
        guard let schema = JSONValue(parsing: request.schema) else { return nil }
        let instructions =
            hasSchema
            ? request.instructions
            : request.instructions
                + "\n\nAnswer with one JSON document of this JSON Schema and nothing else:\n"
                + request.schema
        var body: [String: JSONValue] = [
            "model": .string(descriptor.model),
            "messages": [
                ["role": "system", "content": .string(instructions)],
                ["role": "user", "content": .string(request.input)],
            ],
            "response_format": hasSchema
                ? [
                    "type": "json_schema",
                    "json_schema": ["name": .string(request.schemaName), "strict": true, "schema": schema],
                ] : ["type": "json_object"],
            "stream": true,
            // Without it a stream says nothing about what it cost.
            "stream_options": ["include_usage": true],
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
}
