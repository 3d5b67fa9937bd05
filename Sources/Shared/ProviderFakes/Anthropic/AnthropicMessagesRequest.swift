/// A request to Messages that Anthropic would take.
struct AnthropicMessagesRequest {
    struct Refused: Error { var response: WireResponse }

    var model: String
    /// The system text and the messages, in order.
    var prompts: [String]
    /// What the answer has to conform to; `nil` when none was asked for.
    var schema: JSONValue?
    var isStreamed: Bool

    init(_ request: WireRequest) throws(Refused) {
        guard request["content-type"]?.lowercased().hasPrefix("application/json") == true else {
            throw Self.refused("content-type: must be application/json")
        }
        guard let body = request.json, let members = body.object else {
            throw Self.refused("The request body is not valid JSON")
        }
        if let unknown = members.keys.sorted().first(where: { !Self.parameters.contains($0) }) {
            throw Self.refused("\(unknown): Extra inputs are not permitted")
        }
        guard let model = body["model"]?.string else { throw Self.refused("model: Field required") }
        self.model = model
        guard let limit = body["max_tokens"]?.integer else {
            throw Self.refused("max_tokens: Field required")
        }
        guard limit > 0 else { throw Self.refused("max_tokens: must be greater than or equal to 1") }
        for sampling in ["temperature", "top_p", "top_k"] where members[sampling] != nil {
            guard !model.hasPrefix("claude-haiku-5-5") else {
                throw Self.refused("\(sampling): is not supported by this model")
            }
        }
        if let thinking = body["thinking"] {
            guard ["disabled", "adaptive", "enabled"].contains(thinking["type"]?.string) else {
                throw Self.refused("thinking: Input tag does not match any of the expected tags")
            }
        }
        prompts = try Self.texts(body["system"], field: "system") + Self.messages(in: body)
        schema = try Self.schema(in: body)
        isStreamed = body["stream"]?.boolean ?? false
    }

    private static func messages(in body: JSONValue) throws(Refused) -> [String] {
        guard let messages = body["messages"]?.array, !messages.isEmpty else {
            throw refused("messages: at least one message is required")
        }
        var prompts: [String] = []
        for (index, message) in messages.enumerated() {
            guard let role = message["role"]?.string, ["user", "assistant"].contains(role) else {
                throw refused("messages.\(index).role: Input should be 'user' or 'assistant'")
            }
            let texts = try texts(message["content"], field: "messages.\(index).content")
            guard texts.contains(where: { !$0.isEmpty }) else {
                throw refused("messages.\(index).content: Field required")
            }
            prompts += texts
        }
        guard messages.first?["role"] == "user" else {
            throw refused("messages: first message must use the \"user\" role")
        }
        guard messages.last?["role"] == "user" else {
            throw refused("messages: this model does not support assistant message prefill")
        }
        return prompts
    }

    /// A string, or an array of text blocks.
    private static func texts(_ content: JSONValue?, field: String) throws(Refused) -> [String] {
        guard let content else { return [] }
        if let text = content.string { return [text] }
        guard let blocks = content.array else { throw refused("\(field): Input should be a valid string") }
        var texts: [String] = []
        for (index, block) in blocks.enumerated() {
            guard block["type"] == "text", let text = block["text"]?.string, !text.isEmpty else {
                throw refused("\(field).\(index): text content blocks must be non-empty")
            }
            texts.append(text)
        }
        return texts
    }

    private static func schema(in body: JSONValue) throws(Refused) -> JSONValue? {
        guard let settings = body["output_config"]?.object else { return nil }
        if let unknown = settings.keys.sorted().first(where: { !["format", "effort"].contains($0) }) {
            throw refused("output_config.\(unknown): Extra inputs are not permitted")
        }
        if let effort = settings["effort"]?.string, !["low", "medium", "high", "max"].contains(effort) {
            throw refused("output_config.effort: Input should be 'low', 'medium', 'high' or 'max'")
        }
        guard let format = settings["format"] else { return nil }
        guard format["type"] == "json_schema", let schema = format["schema"],
            format.object?.keys.allSatisfy({ ["type", "schema"].contains($0) }) == true
        else { throw refused("output_config.format: Input should be a json_schema with a schema") }
        do {
            try SchemaRules.anthropic.check(schema)
        } catch {
            let place = (["output_config", "format", "schema"] + error.path).joined(separator: ".")
            throw refused("\(place): \(error.reason)")
        }
        return schema
    }

    private static let parameters: Set<String> = [
        "model", "messages", "max_tokens", "system", "metadata", "stop_sequences", "stream", "temperature",
        "top_p", "top_k", "tools", "tool_choice", "thinking", "output_config", "service_tier",
        "cache_control",
        "container", "context_management", "inference_geo", "mcp_servers",
    ]

    private static func refused(_ message: String) -> Refused {
        Refused(response: AnthropicErrors.error(400, "invalid_request_error", message))
    }
}
