/// A chat request that OpenAI would take.
struct OpenAIChatRequest {
    struct Refused: Error { var response: WireResponse }

    var model: String
    /// Texts of all messages, in order.
    var prompts: [String]
    /// What the answer has to conform to; `nil` when none was asked for.
    var schema: JSONValue?
    var isStreamed: Bool
    var wantsUsage: Bool

    init(_ request: WireRequest, dialect: FakeOpenAI.Dialect) throws(Refused) {
        guard request["content-type"]?.lowercased().hasPrefix("application/json") == true else {
            throw Self.refused("Unsupported content type.", status: 415)
        }
        guard let body = request.json, let members = body.object else {
            throw Self.refused("We could not parse the JSON body of your request.")
        }
        guard let model = body["model"]?.string, !model.isEmpty else {
            throw Self.refused("you must provide a model parameter")
        }
        self.model = model
        prompts = try Self.prompts(in: body)
        isStreamed = body["stream"]?.boolean ?? false
        wantsUsage = body["stream_options"]?["include_usage"]?.boolean ?? false
        if dialect == .schemaless, body["response_format"]?["type"] == "json_schema" {
            throw Self.refused(
                "'response_format.type' must be 'text' or 'json_object'", param: "response_format")
        }
        schema = try Self.schema(in: body)
        guard dialect == .openAI else { return }
        if let unknown = members.keys.sorted().first(where: { !Self.parameters.contains($0) }) {
            throw Self.refused("Unknown parameter: '\(unknown)'.", param: unknown, code: "unknown_parameter")
        }
        try Self.checkModel(model, members)
    }

    private static func prompts(in body: JSONValue) throws(Refused) -> [String] {
        guard let messages = body["messages"]?.array, !messages.isEmpty else {
            throw refused(
                "Missing required parameter: 'messages'.", param: "messages",
                code: "missing_required_parameter")
        }
        var prompts: [String] = []
        for (index, message) in messages.enumerated() {
            guard let role = message["role"]?.string,
                ["system", "developer", "user", "assistant"].contains(role)
            else {
                throw refused(
                    "Invalid value for 'messages[\(index)].role'.", param: "messages[\(index)].role")
            }
            if let text = message["content"]?.string {
                prompts.append(text)
            } else if let parts = message["content"]?.array, !parts.isEmpty {
                for part in parts {
                    guard part["type"] == "text", let text = part["text"]?.string else {
                        throw refused("Invalid content part.", param: "messages[\(index)].content")
                    }
                    prompts.append(text)
                }
            } else {
                throw refused("Invalid value for 'content'.", param: "messages[\(index)].content")
            }
        }
        return prompts
    }

    private static func schema(in body: JSONValue) throws(Refused) -> JSONValue? {
        guard let format = body["response_format"] else { return nil }
        switch format["type"]?.string {
        case "text", "json_object": return nil
        case "json_schema": break
        default: throw refused("Invalid value for 'response_format.type'.", param: "response_format.type")
        }
        guard let name = format["json_schema"]?["name"]?.string,
            name.wholeMatch(of: #/[A-Za-z0-9_-]{1,64}/#) != nil
        else {
            throw refused(
                "Invalid 'response_format.json_schema.name'.", param: "response_format.json_schema.name")
        }
        guard let schema = format["json_schema"]?["schema"] else {
            throw refused(
                "Missing required parameter: 'response_format.json_schema.schema'.",
                param: "response_format.json_schema.schema", code: "missing_required_parameter")
        }
        guard format["json_schema"]?["strict"]?.boolean == true else { return schema }
        do {
            try SchemaRules.openAI.check(schema)
        } catch {
            let place = error.path.map { "'\($0)'" }.joined(separator: ", ")
            throw refused(
                "Invalid schema for response_format '\(name)': In context=(\(place)), \(error.reason).",
                param: "response_format")
        }
        return schema
    }

    /// The families differ in what they take; see each model's page.
    private static func checkModel(_ model: String, _ members: [String: JSONValue]) throws(Refused) {
        guard model.hasPrefix("gpt-6") else {
            // Groq's and others' models, reached over the same wire, take the classic parameters.
            return
        }
        if members["max_tokens"] != nil {
            throw refused(
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
                    + "'max_completion_tokens' instead.", param: "max_tokens", code: "unsupported_parameter")
        }
        for parameter in ["temperature", "top_p"] {
            guard let value = members[parameter]?.double, value != 1 else { continue }
            throw refused(
                "Unsupported value: '\(parameter)' does not support \(value) with this model. Only the default "
                    + "(1) value is supported.", param: parameter, code: "unsupported_value")
        }
        guard let effort = members["reasoning_effort"]?.string else { return }
        let allowed = ["low", "medium", "high"] + (takesNoEffort.contains(model) ? ["none"] : [])
        guard allowed.contains(effort) else {
            throw refused(
                "Unsupported value: 'reasoning_effort' does not support '\(effort)' with this model.",
                param: "reasoning_effort", code: "unsupported_value")
        }
    }

    private static let takesNoEffort: Set<String> = ["gpt-6-luna", "gpt-6.1-terra"]

    private static let parameters: Set<String> = [
        "messages", "model", "audio", "frequency_penalty", "logit_bias", "logprobs", "max_completion_tokens",
        "max_tokens", "metadata", "modalities", "n", "parallel_tool_calls", "prediction", "presence_penalty",
        "prompt_cache_key", "prompt_cache_retention", "reasoning_effort", "response_format",
        "safety_identifier", "seed", "service_tier", "stop", "store", "stream", "stream_options",
        "temperature", "tool_choice", "tools", "top_logprobs", "top_p", "user", "verbosity",
        "web_search_options",
    ]

    private static func refused(
        _ message: String, param: String? = nil, code: String? = nil, status: Int = 400
    ) -> Refused {
        Refused(response: OpenAIErrors.error(status, message, param: param, code: code))
    }
}
