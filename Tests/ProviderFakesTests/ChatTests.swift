import Foundation
import HTTPTransport
import ProviderFakes
import Testing

struct ChatTests {
    private func body(
        _ changes: [String: JSONValue] = [:], schema: JSONValue = coachSchema
    ) -> JSONValue {
        let base: [String: JSONValue] = [
            "model": "gpt-6-luna", "max_completion_tokens": 900, "reasoning_effort": "none",
            "messages": [
                ["role": "system", "content": "You are a coach."],
                ["role": "user", "content": "Transcript:\nHello everyone, my name is Anna and I speak."],
            ],
            "response_format": [
                "type": "json_schema",
                "json_schema": ["name": "coaching", "strict": true, "schema": schema],
            ],
        ]
        return .object(base.merging(changes) { _, new in new }.filter { $0.value != .null })
    }

    private func send(_ fake: FakeOpenAI, _ body: JSONValue) async throws -> HTTPResponse {
        try await Client.post(fake.baseURL + "/chat/completions", headers: Client.bearer, json: body)
    }

    @Test func `the answer conforms to the schema and quotes the transcript`() async throws {
        let answer = try await send(try FakeOpenAI(apiKey: Client.key), body())
        #expect(answer.status == 200)
        let choice = try #require(answer.json?["choices"]?[0])
        #expect(choice["finish_reason"] == "stop")
        #expect(choice["message"]?["refusal"] == .null)
        let content = try #require(choice["message"]?["content"]?.string)
        let coaching = try #require(JSONValue(text: content))
        #expect(coaching["improvements"]?[0]?["quote"] == "Hello everyone, my name")
        #expect(coaching["tone"] == "warm")
        #expect(coaching["summary"]?.string?.contains("openai") == true)
        #expect(answer.json?["usage"]?["prompt_tokens"]?.integer ?? 0 > 0)
    }

    @Test(
        arguments: [
            (["max_tokens": 100], "max_tokens"), (["temperature": 0.2], "temperature"),
            (["reasoning_effort": "enormous"], "reasoning_effort"), (["format": "json"], "format"),
            (["messages": []], "messages"), (["model": "gpt-6.1-sol"], "reasoning_effort"),
        ] as [([String: JSONValue], String)])
    func `what the model does not take is refused by name`(
        changes: [String: JSONValue], param: String
    ) async throws {
        let answer = try await send(try FakeOpenAI(apiKey: Client.key), body(changes))
        #expect(answer.status == 400)
        #expect(answer.json?["error"]?["param"]?.string == param)
    }

    @Test func `a compatible server takes classic parameters and any model`() async throws {
        let fake = try FakeOpenAI(apiKey: nil, dialect: .compatible)
        let answer = try await Client.post(
            fake.baseURL + "/chat/completions", headers: [],
            json: body(["model": "llama3.2", "max_tokens": 100, "temperature": 0.2]))
        #expect(answer.status == 200)
    }

    @Test(
        arguments: [
            ["type": "object", "properties": ["a": ["type": "string"]], "required": ["a"]],
            ["type": "object", "properties": ["a": ["type": "string"]], "additionalProperties": false],
            [
                "type": "object", "additionalProperties": false, "required": ["a"],
                "properties": ["a": ["oneOf": [["type": "string"]]]],
            ],
            ["type": "array", "items": ["type": "string"]],
        ] as [JSONValue])
    func `a schema that strict mode cannot enforce is refused`(schema: JSONValue) async throws {
        let answer = try await send(try FakeOpenAI(apiKey: Client.key), body(schema: schema))
        #expect(answer.status == 400)
        #expect(answer.json?["error"]?["param"] == "response_format")
    }

    @Test func `a stream ends with usage, when asked for, and DONE`() async throws {
        let fake = try FakeOpenAI(apiKey: Client.key)
        let answer = try await send(
            fake, body(["stream": true, "stream_options": ["include_usage": true]]))
        let events = answer.text.components(separatedBy: "\n\n").filter { !$0.isEmpty }
        #expect(events.last == "data: [DONE]")
        let chunks = events.dropLast().compactMap { JSONValue(text: String($0.dropFirst(6))) }
        #expect(chunks.last?["choices"] == [])
        #expect(chunks.last?["usage"]?["total_tokens"] != nil)
        let text = chunks.compactMap { $0["choices"]?[0]?["delta"]?["content"]?.string }.joined()
        #expect(JSONValue(text: text)?["tone"] == "warm")
    }
}
