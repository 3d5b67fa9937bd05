/// `POST /v1/messages`.
struct AnthropicMessagesAPI: FakeAPI {
    let path = "/v1/messages"
    let apiKey: String
    let author: String

    func refusal(_ error: VendorError) -> WireResponse { AnthropicErrors.answer(error) }

    func answer(_ request: WireRequest, flaw: AnswerFlaw?) -> WireResponse {
        if let refused = AnthropicErrors.checkHeaders(apiKey, of: request) { return refused }
        let message: AnthropicMessagesRequest
        do {
            message = try AnthropicMessagesRequest(request)
        } catch {
            return error.response
        }
        let reply = reply(to: message, flaw: flaw)
        guard message.isStreamed else { return flaw == .errorMidStream ? refusal(.overloaded) : reply.whole }
        return reply.streamed(failing: flaw == .errorMidStream)
    }

    private func reply(to message: AnthropicMessagesRequest, flaw: AnswerFlaw?) -> AnthropicReply {
        let spoken = SpokenText.find(in: message.prompts.reversed()) ?? ""
        let quote =
            flaw == .inventedQuote ? "words that nobody ever said" : SpokenText.quote(from: spoken)
        var text = "Noted."
        if let schema = message.schema {
            text = SchemaSampler(schema: schema, quote: quote, spoken: spoken, author: author).sample.text
        }
        if flaw == .wrongSchema { text = #"{"verdict":"good","score":"ninety"}"# }
        if flaw == .outOfTokens { text = String(text.prefix(text.count / 2)) }
        let stopReason =
            switch flaw {
            case .outOfTokens: "max_tokens"
            case .refusal: "refusal"
            default: "end_turn"
            }
        return AnthropicReply(
            model: message.model, text: flaw == .refusal ? nil : text, stopReason: stopReason,
            inputTokens: message.prompts.reduce(0) { $0 + $1.count } / 3, outputTokens: text.count / 3)
    }
}

/// An answer of Messages in both of its forms.
struct AnthropicReply {
    var model: String
    /// `nil` when the model declines: then there is no content at all.
    var text: String?
    var stopReason: String
    var inputTokens: Int
    var outputTokens: Int

    private func envelope(content: JSONValue, stopReason: JSONValue, outputTokens: Int) -> JSONValue {
        [
            "id": "msg_000000000000000000000000", "type": "message", "role": "assistant",
            "model": .string(model), "content": content, "stop_reason": stopReason, "stop_sequence": .null,
            "usage": [
                "input_tokens": .integer(inputTokens), "output_tokens": .integer(outputTokens),
                "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0,
                "service_tier": "standard",
            ],
        ]
    }

    var whole: WireResponse {
        let content: JSONValue = text.map { [["type": "text", "text": .string($0)]] } ?? []
        return .json(
            envelope(content: content, stopReason: .string(stopReason), outputTokens: outputTokens),
            headers: AnthropicErrors.standardHeaders)
    }

    /// Server-sent events; the usage of `message_delta` is cumulative.
    ///
    /// - Parameter failing: Ends in the middle with an `error` event.
    func streamed(failing: Bool) -> WireResponse {
        var events: [JSONValue] = [
            [
                "type": "message_start",
                "message": envelope(content: [], stopReason: .null, outputTokens: 1),
            ],
            ["type": "ping"],
        ]
        if let text {
            events.append(
                [
                    "type": "content_block_start", "index": 0,
                    "content_block": ["type": "text", "text": ""],
                ])
            events += OpenAIChatReply.pieces(of: text).map {
                [
                    "type": "content_block_delta", "index": 0,
                    "delta": ["type": "text_delta", "text": .string($0)],
                ]
            }
            events.append(["type": "content_block_stop", "index": 0])
        }
        events.append(
            [
                "type": "message_delta",
                "delta": ["stop_reason": .string(stopReason), "stop_sequence": .null],
                "usage": ["output_tokens": .integer(outputTokens)],
            ])
        events.append(["type": "message_stop"])
        if failing {
            events.removeLast(events.count / 2)
            events.append(
                ["type": "error", "error": ["type": "overloaded_error", "message": "Overloaded"]])
        }
        let lines = events.map { "event: \($0["type"]?.string ?? "")\ndata: \($0.text)\n\n" }
        return WireResponse(
            status: 200, headers: AnthropicErrors.standardHeaders,
            contentType: "text/event-stream; charset=utf-8", body: Array(lines.joined().utf8))
    }
}
