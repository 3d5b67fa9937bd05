import HTTPTransport
import ProviderFakes
import Testing

@testable import Providers

@Suite struct ModelAdapterTests {
    private let client = HTTPClient()
    private let request = CoachPrompt.request(Samples.material())

    private func openAI(
        _ fake: FakeOpenAI, name: String = "openai", model: String = "gpt-6-luna"
    ) throws -> any LanguageModel {
        try #require(
            ProviderCatalog(client: client).languageModel(
                named: name, AdapterSettings(apiKey: "sk-test", baseURL: fake.baseURL, model: model)))
    }

    private func anthropic(_ fake: FakeAnthropic) throws -> any LanguageModel {
        try #require(
            ProviderCatalog(client: client).languageModel(
                named: "anthropic",
                AdapterSettings(apiKey: "sk-ant", baseURL: fake.baseURL + "/", model: "claude-haiku-5-5")))
    }

    @Test(arguments: ["gpt-6-luna", "gpt-6.1-sol", "gpt-6.1-terra"])
    func `OpenAI takes the request and its answer is read`(model: String) async throws {
        let fake = try FakeOpenAI(apiKey: "sk-test")
        let answer = try await openAI(fake, model: model).complete(request, context: Samples.context())
        #expect(JSONValue(parsing: answer.text)?["rewrite"] != nil)
        #expect((answer.usage.inputTokens ?? 0) > 0 && (answer.usage.outputTokens ?? 0) > 0)
        let body = try #require(fake.chat.requests.first?.json)
        #expect(
            body["max_completion_tokens"] != nil && body["max_tokens"] == nil && body["temperature"] == nil)
        #expect((body["reasoning_effort"] != nil) == (model != "gpt-6.1-sol"))
    }

    @Test func `a compatible server gets the older name of the limit`() async throws {
        let fake = try FakeOpenAI(apiKey: "sk-test", dialect: .compatible)
        _ = try await openAI(fake, name: "local-llm", model: "llama3.2").complete(
            request, context: Samples.context())
        let body = try #require(fake.chat.requests.first?.json)
        #expect(
            body["max_tokens"] != nil && body["max_completion_tokens"] == nil
                && body["reasoning_effort"] == nil)
    }

    @Test func `Anthropic takes the request and its answer is read`() async throws {
        let fake = try FakeAnthropic(apiKey: "sk-ant")
        let answer = try await anthropic(fake).complete(request, context: Samples.context())
        #expect(JSONValue(parsing: answer.text)?["drill"] != nil)
        #expect((answer.usage.inputTokens ?? 0) > 0)
        let sent = try #require(fake.messages.requests.first)
        #expect(sent["anthropic-version"] == "2023-06-01")
        #expect(sent["x-api-key"] == "sk-ant")
        #expect(sent.json?["thinking"]?["type"] == "disabled")
    }

    private static let faults: [(Fault, ProviderError)] = [
        (.rateLimited(.milliseconds(1_500)), .rateLimited(retryAfter: .milliseconds(1_500))),
        (.quotaExhausted, .quota), (.unauthorized, .authentication), (.serverError, .server(status: 500)),
        (.overloaded, .overloaded(retryAfter: nil)), (.badGateway, .server(status: 502)),
        (.truncatedJSON, .malformedResponse), (.emptyBody, .malformedResponse), (.refusal, .contentBlocked),
        (.outOfTokens, .truncated),
        (.hangUp, .network(mayHaveActed: true)), (.cutOff, .network(mayHaveActed: true)),
        (.reset, .network(mayHaveActed: true)),
    ]

    @Test(arguments: faults)
    func `each failure of OpenAI has its class`(fault: Fault, error: ProviderError) async throws {
        let fake = try FakeOpenAI(apiKey: "sk-test")
        fake.chat.failAlways(fault)
        let model = try openAI(fake)
        let thrown = await #expect(throws: ProviderError.self) {
            _ = try await model.complete(request, context: Samples.context())
        }
        #expect(thrown == error)
        #expect(fake.chat.requests.count == 1)
    }

    @Test func `a local server that refuses schemas is asked for JSON, and from then on only for that`()
        async throws
    {
        let fake = try FakeOpenAI(apiKey: nil, dialect: .schemaless)
        let model = try #require(
            ProviderCatalog(client: client).languageModel(
                named: "local-llm", AdapterSettings(baseURL: fake.baseURL, model: "llama3.2")))
        for _ in 0..<2 { _ = try await model.complete(request, context: Samples.context()) }
        let formats = fake.chat.requests.map { $0.json?["response_format"]?["type"]?.string }
        #expect(formats == ["json_schema", "json_object", "json_object"])
        #expect(fake.chat.requests.last?.text.contains("JSON Schema") == true)
        #expect(fake.chat.requests.allSatisfy { $0.json?["max_tokens"] != nil && $0["authorization"] == nil })
    }

    @Test(arguments: faults)
    func `each failure of Anthropic has its class`(fault: Fault, error: ProviderError) async throws {
        let fake = try FakeAnthropic(apiKey: "sk-ant")
        fake.messages.failAlways(fault)
        let model = try anthropic(fake)
        let thrown = await #expect(throws: ProviderError.self) {
            _ = try await model.complete(request, context: Samples.context())
        }
        #expect(thrown == error)
        #expect(fake.messages.requests.count == 1)
    }

    @Test(arguments: [Fault.silence, .stall])
    func `no answer outlives the deadline`(fault: Fault) async throws {
        let fake = try FakeAnthropic(apiKey: "sk-ant")
        fake.messages.failAlways(fault)
        let model = try anthropic(fake)
        await #expect(throws: ProviderError.timedOut(mayHaveActed: true)) {
            _ = try await model.complete(request, context: Samples.context(seconds: 2))
        }
    }

    @Test func `a check costs nothing`() async throws {
        let fake = try FakeAnthropic(apiKey: "sk-ant")
        try await anthropic(fake).check(deadline: .now + .seconds(5))
        #expect(fake.models.requests.count == 1 && fake.messages.requests.isEmpty)
    }

    @Test(arguments: [
        #"{"choices":[{"message":{"content":"x"},"finish_reason":null}]}"#, #"{"choices":[]}"#, "[]", "",
        #"{"choices":[{"message":{"content":null},"finish_reason":"stop"}]}"#,
        #"{"choices":[{"message":{"content":""},"finish_reason":"stop"}]}"#,
    ])
    func `an answer without a proper end or content is no answer`(body: String) {
        #expect(throws: ProviderError.malformedResponse) { try answer(OpenAIChatAnswer(), Array(body.utf8)) }
    }

    @Test func `content in parts and thinking blocks are read by type`() throws {
        let parts =
            #"{"choices":[{"message":{"content":[{"type":"text","text":"{}"}]},"finish_reason":"stop"}]}"#
        #expect(try answer(OpenAIChatAnswer(), Array(parts.utf8)).text == "{}")
        let blocks = """
            {"stop_reason":"end_turn","content":[{"type":"thinking","thinking":"{no}"},{"type":"text","text":"{}"}],
             "usage":{"input_tokens":5,"cache_read_input_tokens":7,"output_tokens":2}}
            """
        let answer = try answer(AnthropicAnswer(), Array(blocks.utf8))
        #expect(answer.text == "{}")
        #expect(answer.usage == ProviderUsage(inputTokens: 12, cachedInputTokens: 7, outputTokens: 2))
    }

    @Test func `an error inside a 200 keeps its class`() {
        let openAI = #"{"error":{"message":"m","type":"insufficient_quota"}}"#
        #expect(throws: ProviderError.quota) { try answer(OpenAIChatAnswer(), Array(openAI.utf8)) }
        let ollama = #"{"error":"model crashed"}"#
        #expect(throws: ProviderError.server(status: 500)) {
            try answer(OpenAIChatAnswer(), Array(ollama.utf8))
        }
        let anthropic = #"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#
        #expect(throws: ProviderError.overloaded(retryAfter: nil)) {
            try answer(AnthropicAnswer(), Array(anthropic.utf8))
        }
    }
}
