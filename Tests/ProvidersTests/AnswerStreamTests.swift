import Foundation
import HTTPTransport
import ProviderFakes
import Testing

@testable import Providers

/// The answer in a body that is no stream.
func answer<Assembly: AnswerAssembly>(
    _ empty: Assembly, _ body: [UInt8]
) throws(ProviderError) -> ModelAnswer {
    var assembly = empty
    try assembly.readWhole(body)
    return try assembly.answer()
}

/// The answer in a stream that came in these pieces.
private func streamed<Assembly: AnswerAssembly>(
    _ empty: Assembly, _ pieces: [some Sequence<UInt8>]
) -> Result<ModelAnswer, ProviderError> {
    Result { () throws(ProviderError) in
        var reader = AnswerReader(empty)
        for piece in pieces { try reader.read(piece) }
        return try reader.answer()
    }
}

@Suite struct AnswerStreamTests {
    private static let openAI = """
        : a comment\r\n\r\ndata: {"choices":[{"delta":{"role":"assistant","content":""},"finish_reason":null}]}\r\n\r\n\
        data: {"choices":[{"delta":{"content":"{\\"ä\\":"},"finish_reason":null}]}\r\n\r\n\
        data: {"choices":[{"delta":{"content":" \\"😀\\"}"},"finish_reason":null}]}\r\n\r\n\
        data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\r\n\r\n\
        data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":2}}}\r\n\r\n\
        data: [DONE]\r\n\r\n
        """
    private static let anthropic = """
        event: message_start
        data: {"type":"message_start","message":{"usage":{"input_tokens":9,"cache_read_input_tokens":0,"output_tokens":1}}}

        event: content_block_start
        data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

        event: ping
        data: {"type":"ping"}

        event: content_block_delta
        data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"{\\"ä\\":"}}

        event: novelty
        data: {"type":"novelty"}

        event: content_block_delta
        data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" \\"😀\\"}"}}

        event: message_delta
        data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":4}}

        event: message_stop
        data: {"type":"message_stop"}


        """
    private static let gemini = """
        data: {"candidates":[{"content":{"parts":[{"text":"thinking","thought":true},{"text":"{\\"ä\\":"}]}}]}\r\n\r\n\
        data: {"candidates":[{"content":{"parts":[{"text":" \\"😀\\"}"}]},"finishReason":"STOP"}],\
        "usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":3,"thoughtsTokenCount":1}}\r\n\r\n
        """

    private func check<Assembly: AnswerAssembly>(_ empty: Assembly, _ text: String) async throws {
        let bytes = Array(text.utf8)
        let whole = streamed(empty, [bytes])
        #expect(try whole.get().text == #"{"ä": "😀"}"#)
        #expect(try whole.get().usage.inputTokens == 9 && whole.get().usage.outputTokens == 4)
        #expect(streamed(empty, bytes.map { [$0] }) == whole)
        for offset in bytes.indices {
            // Hundreds of parses in a row would keep other tests from meeting their deadlines.
            await Task.yield()
            #expect(streamed(empty, [bytes[..<offset], bytes[offset...]]) == whole, "split at \(offset)")
        }
    }

    @Test func `OpenAI's stream is the same whole, by bytes and split anywhere`() async throws {
        try await check(OpenAIChatAnswer(), Self.openAI)
    }

    @Test func `Anthropic's stream is the same whole, by bytes and split anywhere`() async throws {
        try await check(AnthropicAnswer(), Self.anthropic)
    }

    @Test func `Gemini's stream is the same whole, by bytes and split anywhere`() async throws {
        try await check(GeminiAnswer(), Self.gemini)
    }

    /// The chunk that tells the end is what makes an answer; usage and terminators behind it may be missing.
    @Test func `a stream that stops early is never an answer`() async {
        func isAnswer<Assembly: AnswerAssembly>(_ empty: Assembly, _ text: Substring) -> Bool {
            (try? streamed(empty, [Array(text.utf8)]).get()) != nil
        }
        for (text, end, check) in [
            (Self.openAI, #""finish_reason":"stop"}]}"#, { isAnswer(OpenAIChatAnswer(), $0) }),
            (Self.anthropic, #""output_tokens":4}}"#, { isAnswer(AnthropicAnswer(), $0) }),
            (Self.gemini, #""thoughtsTokenCount":1}}"#, { isAnswer(GeminiAnswer(), $0) }),
        ] as [(String, String, (Substring) -> Bool)] {
            guard let place = text.range(of: end)?.upperBound else {
                Issue.record("no end")
                continue
            }
            for cut in text.indices where cut <= place {
                await Task.yield()
                #expect(!check(text[..<cut]))
            }
        }
    }

    @Test func `an error inside a stream keeps its class`() {
        #expect(
            streamed(
                AnthropicAnswer(),
                [
                    Array(
                        "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}\n\n"
                            .utf8)
                ])
                == .failure(.overloaded(retryAfter: nil)))
        #expect(
            streamed(
                OpenAIChatAnswer(), [Array("data: {\"error\":{\"type\":\"insufficient_quota\"}}\n\n".utf8)])
                == .failure(.quota))
        #expect(
            streamed(OpenAIChatAnswer(), [Array("data: {\"error\":\"model crashed\"}\n\n".utf8)])
                == .failure(.server(status: 500)))
        #expect(
            streamed(
                GeminiAnswer(),
                [Array("data: {\"error\":{\"code\":503,\"status\":\"UNAVAILABLE\"}}\n\n".utf8)])
                == .failure(.overloaded(retryAfter: nil)))
    }

    @Test func `broken UTF-8 is no answer`() {
        let bytes = Array(Self.openAI.utf8).map { $0 == 0xF0 ? 0xFF : $0 }
        #expect(streamed(OpenAIChatAnswer(), [bytes]) == .failure(.malformedResponse))
    }

    @Test func `line ends, comments, byte-order marks and unnamed fields follow the standard`() {
        var parser = ServerSentEventParser()
        let text = "\u{FEFF}data: one\rdata:two\nid: 3\n: nothing\n\nevent: x\ndata\n\ndata: lost"
        #expect(
            parser.read(text.utf8) == [
                ServerSentEvent(name: "message", data: Array("one\ntwo".utf8)),
                ServerSentEvent(name: "x", data: []),
            ])
    }
}

@Suite struct GeminiTests {
    private let client = HTTPClient()
    private let fake: FakeGemini
    private let request = CoachPrompt.request(Samples.material())

    init() throws { fake = try FakeGemini(apiKey: "goog") }

    private func model(_ name: String = "gemini-3.5-flash-lite", key: String = "goog") -> GeminiModel {
        GeminiModel(model: name, client: client, baseURL: fake.baseURL, apiKey: key)
    }

    @Test func `a schema-bound answer comes back with usage`() async throws {
        let answer = try await model().complete(request, context: Samples.context())
        _ = try FeedbackValidator(Samples.material()).validate(answer.text, from: model().descriptor)
        #expect((answer.usage.inputTokens ?? 0) > 0 && (answer.usage.outputTokens ?? 0) > 3)
        let sent = try #require(fake.generate.requests.first)
        #expect(sent["x-goog-api-key"] == "goog" && !sent.target.contains("goog"))
        #expect(sent.json?["generationConfig"]?["thinkingConfig"]?["thinkingLevel"] == "minimal")
    }

    @Test(arguments: ["gemini-3.1-pro-preview", "gemini-3.8-flash", "gemini-2.5-flash"])
    func `every family is sent what it takes`(name: String) async throws {
        _ = try await model(name).complete(request, context: Samples.context())
    }

    @Test(arguments: [
        (Fault.rateLimited(.none), ProviderError.rateLimited(retryAfter: .seconds(34.4))),
        (.quotaExhausted, .quota), (.unauthorized, .authentication), (.serverError, .server(status: 500)),
        (.overloaded, .overloaded(retryAfter: nil)), (.badGateway, .server(status: 502)),
        (.emptyBody, .malformedResponse), (.refusal, .contentBlocked), (.outOfTokens, .truncated),
        (.truncatedJSON, .malformedResponse), (.cutOff, .network(mayHaveActed: true)),
    ])
    func `each failure has its class`(fault: Fault, error: ProviderError) async throws {
        fake.generate.failAlways(fault)
        await #expect(throws: error) {
            _ = try await model().complete(request, context: Samples.context())
        }
        #expect(fake.generate.requests.count == 1)
    }

    @Test func `a check is free`() async throws {
        try await model().check(deadline: .now + .seconds(30))
        await #expect(throws: ProviderError.authentication) {
            try await model(key: "wrong").check(deadline: .now + .seconds(30))
        }
        #expect(fake.generate.requests.isEmpty)
    }
}
