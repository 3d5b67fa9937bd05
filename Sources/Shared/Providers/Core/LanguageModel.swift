import CoachDomain

/// Who a language model is.
package struct ModelDescriptor: Hashable, Sendable {
    /// Contract name, for example `anthropic`.
    package var name: String
    package var model: String

    package init(name: String, model: String) {
        self.name = name
        self.model = model
    }

    package var key: ProviderKey { ProviderKey(provider: name, model: model, operation: .coaching) }
}

/// A question whose answer is one JSON document of a known shape.
package struct StructuredRequest: Hashable, Sendable {
    /// What the model shall be and do.
    package var instructions: String
    /// The material, which is data and never instruction.
    package var input: String
    /// Name of the schema; letters, digits and `_`.
    package var schemaName: String
    /// JSON Schema text: every property required, no additional ones (the subset that all vendors take).
    package var schema: String
    /// Cap on the answer, thinking included.
    package var maximumOutputTokens: Int

    package init(
        instructions: String, input: String, schemaName: String, schema: String, maximumOutputTokens: Int
    ) {
        self.instructions = instructions
        self.input = input
        self.schemaName = schemaName
        self.schema = schema
        self.maximumOutputTokens = maximumOutputTokens
    }
}

/// What a model wrote. It has not been checked against the schema.
package struct ModelAnswer: Hashable, Sendable {
    package var text: String
    package var usage: ProviderUsage

    package init(text: String, usage: ProviderUsage) {
        self.text = text
        self.usage = usage
    }
}

/// Answers structured questions.
package protocol LanguageModel: Sendable {
    var descriptor: ModelDescriptor { get }

    /// Asks once; nothing is retried here. Returns by `context.deadline` at the latest and soon after
    /// cancellation. An answer that was cut off or declined is an error, never a shorter answer.
    func complete(
        _ request: StructuredRequest, context: CallContext
    ) async throws(ProviderError) -> ModelAnswer

    /// Finds out whether the provider is there and accepts its settings; costs nothing.
    func check(deadline: ContinuousClock.Instant) async throws(ProviderError)
}
