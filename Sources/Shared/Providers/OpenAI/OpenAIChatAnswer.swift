/// An answer of Chat Completions, whole or as the chunks of a stream.
struct OpenAIChatAnswer: AnswerAssembly {
    private var text = ""
    private var refusal = ""
    private var finish: String?
    private var usage = ProviderUsage()

    mutating func read(_ event: ServerSentEvent) throws(ProviderError) -> Bool {
        if event.data == Array("[DONE]".utf8) { return true }
        guard let chunk = JSONValue(parsing: event.data) else { throw .malformedResponse }
        try read(chunk, message: "delta", bytes: event.data)
        return false
    }

    mutating func readWhole(_ body: [UInt8]) throws(ProviderError) {
        guard let document = JSONValue(parsing: body) else { throw .malformedResponse }
        try read(document, message: "message", bytes: body)
    }

    private mutating func read(
        _ document: JSONValue, message: String, bytes: [UInt8]
    ) throws(ProviderError) {
        if let error = document["error"], !error.isNull { throw .embedded(in: document, body: bytes) }
        if let counts = document["usage"], !counts.isNull {
            usage = ProviderUsage(
                inputTokens: counts["prompt_tokens"]?.count,
                cachedInputTokens: counts["prompt_tokens_details"]?["cached_tokens"]?.count,
                outputTokens: counts["completion_tokens"]?.count)
        }
        // The chunk with the usage has no choices.
        guard let choice = document["choices"]?[0] else { return }
        if let piece = choice[message] {
            text +=
                piece["content"]?.string
                ?? (piece["content"]?.array ?? []).compactMap { $0["text"]?.string }.joined()
            refusal += piece["refusal"]?.string ?? ""
        }
        if let reason = choice["finish_reason"]?.string { finish = reason }
    }

    func answer() throws(ProviderError) -> ModelAnswer {
        switch finish {
        case "length": throw .truncated
        case "content_filter": throw .contentBlocked
        case "stop", "eos", "end_turn": break
        default: throw .malformedResponse
        }
        guard refusal.isEmpty else { throw .contentBlocked }
        guard !text.isEmpty else { throw .malformedResponse }
        return ModelAnswer(text: text, usage: usage)
    }
}
