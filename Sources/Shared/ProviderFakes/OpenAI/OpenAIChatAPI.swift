/// `POST /v1/chat/completions`.
struct OpenAIChatAPI: FakeAPI {
    let path = "/v1/chat/completions"
    let apiKey: String?
    let dialect: FakeOpenAI.Dialect
    let author: String

    func refusal(_ error: VendorError) -> WireResponse { OpenAIErrors.answer(error) }

    func answer(_ request: WireRequest, flaw: AnswerFlaw?) -> WireResponse {
        if let refused = OpenAIErrors.checkKey(apiKey, of: request) { return refused }
        let chat: OpenAIChatRequest
        do {
            chat = try OpenAIChatRequest(request, dialect: dialect)
        } catch {
            return error.response
        }
        let reply = reply(to: chat, flaw: flaw)
        guard chat.isStreamed else { return flaw == .errorMidStream ? refusal(.overloaded) : reply.whole }
        return reply.streamed(includingUsage: chat.wantsUsage, failing: flaw == .errorMidStream)
    }

    private func reply(to chat: OpenAIChatRequest, flaw: AnswerFlaw?) -> OpenAIChatReply {
        let spoken = SpokenText.find(in: chat.prompts.reversed()) ?? ""
        let quote =
            flaw == .inventedQuote ? "words that nobody ever said" : SpokenText.quote(from: spoken)
        var content = "Noted."
        if let schema = chat.schema {
            content = SchemaSampler(schema: schema, quote: quote, spoken: spoken, author: author).sample.text
        }
        if flaw == .wrongSchema { content = #"{"verdict":"good","score":"ninety"}"# }
        if flaw == .outOfTokens { content = String(content.prefix(content.count / 2)) }
        return OpenAIChatReply(
            model: chat.model, content: flaw == .refusal ? nil : content,
            finishReason: flaw == .outOfTokens ? "length" : "stop",
            promptTokens: chat.prompts.reduce(0) { $0 + $1.count } / 4, completionTokens: content.count / 4)
    }
}

/// A chat answer in both of its forms.
struct OpenAIChatReply {
    private static let id = "chatcmpl-000000000000000000000000000000"
    private static let created: JSONValue = 1_795_219_200

    var model: String
    /// `nil` when the model declines.
    var content: String?
    var finishReason: String
    var promptTokens: Int
    var completionTokens: Int

    private var refusal: JSONValue { content == nil ? "I'm sorry, but I can't assist with that." : .null }

    private var usage: JSONValue {
        [
            "prompt_tokens": .integer(promptTokens), "completion_tokens": .integer(completionTokens),
            "total_tokens": .integer(promptTokens + completionTokens),
            "prompt_tokens_details": ["cached_tokens": 0, "audio_tokens": 0],
            "completion_tokens_details": [
                "reasoning_tokens": 0, "audio_tokens": 0, "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
            ],
        ]
    }

    var whole: WireResponse {
        .json(
            [
                "id": .string(Self.id), "object": "chat.completion", "created": Self.created,
                "model": .string(model), "service_tier": "default", "usage": usage,
                "choices": [
                    [
                        "index": 0, "finish_reason": .string(finishReason), "logprobs": .null,
                        "message": [
                            "role": "assistant", "content": content.map { .string($0) } ?? .null,
                            "refusal": refusal, "annotations": [],
                        ],
                    ]
                ],
            ], headers: OpenAIErrors.standardHeaders)
    }

    /// Server-sent events; the usage comes last, in a chunk without choices, and only when asked for.
    ///
    /// - Parameter failing: Ends in the middle with an error instead of a finish reason.
    func streamed(includingUsage: Bool, failing: Bool) -> WireResponse {
        var chunks = [chunk(["role": "assistant", "content": "", "refusal": .null], finish: .null)]
        if let content {
            chunks += Self.pieces(of: content).map { chunk(["content": .string($0)], finish: .null) }
        } else {
            chunks.append(chunk(["refusal": refusal], finish: .null))
        }
        chunks.append(chunk([:], finish: .string(finishReason)))
        if includingUsage { chunks.append(envelope(choices: [], usage: usage)) }
        if failing {
            chunks.removeLast(chunks.count / 2)
            chunks.append(
                [
                    "error": [
                        "message": "The server had an error while processing your request.",
                        "type": "server_error", "param": .null, "code": .null,
                    ]
                ])
        }
        let events = chunks.map { "data: \($0.text)\n\n" } + (failing ? [] : ["data: [DONE]\n\n"])
        return WireResponse(
            status: 200, headers: OpenAIErrors.standardHeaders,
            contentType: "text/event-stream; charset=utf-8",
            body: Array(events.joined().utf8))
    }

    private func chunk(_ delta: JSONValue, finish: JSONValue) -> JSONValue {
        envelope(
            choices: [["index": 0, "delta": delta, "logprobs": .null, "finish_reason": finish]], usage: nil)
    }

    private func envelope(choices: JSONValue, usage: JSONValue?) -> JSONValue {
        var members: [String: JSONValue] = [
            "id": .string(Self.id), "object": "chat.completion.chunk", "created": Self.created,
            "model": .string(model), "choices": choices,
        ]
        if let usage { members["usage"] = usage }
        return .object(members)
    }

    /// A model speaks in tokens of about four letters.
    static func pieces(of text: String) -> [String] {
        var rest = text[...]
        var pieces: [String] = []
        while !rest.isEmpty {
            pieces.append(String(rest.prefix(4)))
            rest = rest.dropFirst(4)
        }
        return pieces
    }
}
