/// An answer of Messages, whole or as the events of a stream.
struct AnthropicAnswer: AnswerAssembly {
    private var text = ""
    private var stopReason: String?
    private var fresh: Int?
    private var written: Int?
    private var cached: Int?
    private var output: Int?

    mutating func read(_ event: ServerSentEvent) throws(ProviderError) -> Bool {
        guard let document = JSONValue(parsing: event.data) else { throw .malformedResponse }
        switch document["type"]?.string ?? event.name {
        case "error": throw .embedded(in: document, body: event.data)
        case "message_start": count(document["message"]?["usage"])
        case "content_block_start":
            // A block may begin with its first words.
            if document["content_block"]?["type"]?.string == "text" {
                text += document["content_block"]?["text"]?.string ?? ""
            }
        case "content_block_delta":
            if document["delta"]?["type"]?.string == "text_delta" {
                text += document["delta"]?["text"]?.string ?? ""
            }
        case "message_delta":
            if let reason = document["delta"]?["stop_reason"]?.string { stopReason = reason }
            // Cumulative, so the last one stands.
            count(document["usage"])
        case "message_stop": return true
        // `ping`, and whatever is added in the future.
        default: break
        }
        return false
    }

    mutating func readWhole(_ body: [UInt8]) throws(ProviderError) {
        guard let document = JSONValue(parsing: body) else { throw .malformedResponse }
        if document["type"]?.string == "error" { throw .embedded(in: document, body: body) }
        // Blocks are told apart by type: a model that thinks puts other ones before its text.
        text = (document["content"]?.array ?? []).filter { $0["type"]?.string == "text" }
            .compactMap { $0["text"]?.string }.joined()
        stopReason = document["stop_reason"]?.string
        count(document["usage"])
    }

    private mutating func count(_ usage: JSONValue?) {
        fresh = usage?["input_tokens"]?.count ?? fresh
        written = usage?["cache_creation_input_tokens"]?.count ?? written
        cached = usage?["cache_read_input_tokens"]?.count ?? cached
        output = usage?["output_tokens"]?.count ?? output
    }

    func answer() throws(ProviderError) -> ModelAnswer {
        switch stopReason {
        case "end_turn", "stop_sequence": break
        case "max_tokens", "model_context_window_exceeded": throw .truncated
        case "refusal": throw .contentBlocked
        default: throw .malformedResponse
        }
        guard !text.isEmpty else { throw .malformedResponse }
        return ModelAnswer(
            text: text,
            usage: ProviderUsage(
                inputTokens: fresh.map { $0 + (written ?? 0) + (cached ?? 0) }, cachedInputTokens: cached,
                outputTokens: output))
    }
}
