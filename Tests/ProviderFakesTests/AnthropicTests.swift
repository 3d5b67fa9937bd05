import Foundation
import HTTPTransport
import ProviderFakes
import Testing

struct AnthropicTests {
    private func body(_ changes: [String: JSONValue] = [:], schema: JSONValue = coachSchema) -> JSONValue {
        let base: [String: JSONValue] = [
            "model": "claude-haiku-5-5", "max_tokens": 900, "system": "You are a coach.",
            "thinking": ["type": "disabled"],
            "messages": [
                ["role": "user", "content": "<transcript>\nHello everyone, my name is Anna.\n</transcript>"]
            ],
            "output_config": ["format": ["type": "json_schema", "schema": schema]],
        ]
        return .object(base.merging(changes) { _, new in new })
    }

    private func send(
        _ fake: FakeAnthropic, _ body: JSONValue, headers: [(String, String)] = Client.anthropic
    ) async throws -> HTTPResponse {
        try await Client.post(fake.baseURL + "/v1/messages", headers: headers, json: body)
    }

    @Test func `the answer is one text block that conforms to the schema`() async throws {
        let answer = try await send(try FakeAnthropic(apiKey: Client.key), body())
        #expect(answer.status == 200)
        #expect(answer.json?["stop_reason"] == "end_turn")
        let block = try #require(answer.json?["content"]?[0])
        #expect(block["type"] == "text")
        let coaching = try #require(block["text"]?.string.flatMap { JSONValue(text: $0) })
        #expect(coaching["improvements"]?[0]?["quote"] == "Hello everyone, my name")
        #expect(answer.json?["usage"]?["output_tokens"]?.integer ?? 0 > 0)
    }

    @Test func `key and version are headers of their own`() async throws {
        let fake = try FakeAnthropic(apiKey: Client.key)
        #expect(try await send(fake, body(), headers: []).status == 401)
        #expect(try await send(fake, body(), headers: Client.bearer).status == 401)
        let noVersion = try await send(fake, body(), headers: [("x-api-key", Client.key)])
        #expect(noVersion.status == 400)
        #expect(noVersion.json?["type"] == "error")
        #expect(noVersion.json?["error"]?["type"] == "invalid_request_error")
    }

    @Test(
        arguments: [
            ["temperature": 0.2], ["max_tokens": 0], ["response_format": ["type": "json_schema"]],
            ["messages": [["role": "user", "content": "Hi"], ["role": "assistant", "content": "{"]]],
            ["messages": [["role": "system", "content": "Hi"]]],
            ["output_config": ["format": ["type": "json_object"]]],
        ] as [[String: JSONValue]])
    func `what the model does not take is refused`(changes: [String: JSONValue]) async throws {
        let answer = try await send(try FakeAnthropic(apiKey: Client.key), body(changes))
        #expect(answer.status == 400)
        #expect(answer.json?["error"]?["message"]?.string?.isEmpty == false)
    }

    @Test func `a schema with bounds is refused`() async throws {
        let schema: JSONValue = [
            "type": "object", "additionalProperties": false, "required": ["a"],
            "properties": ["a": ["type": "string", "maxLength": 20]],
        ]
        let answer = try await send(try FakeAnthropic(apiKey: Client.key), body(schema: schema))
        #expect(answer.status == 400)
        #expect(answer.text.contains("maxLength"))
    }

    @Test func `a stream carries its usage cumulatively and stops with message_stop`() async throws {
        let answer = try await send(try FakeAnthropic(apiKey: Client.key), body(["stream": true]))
        let events = answer.text.components(separatedBy: "\n\n").filter { !$0.isEmpty }
        #expect(events.first?.hasPrefix("event: message_start\n") == true)
        #expect(events.last?.hasPrefix("event: message_stop\n") == true)
        #expect(events.contains { $0.hasPrefix("event: ping") })
        let text = events.compactMap { event in
            event.components(separatedBy: "data: ").last.flatMap { JSONValue(text: $0) }?["delta"]?["text"]?
                .string
        }.joined()
        #expect(JSONValue(text: text)?["tone"] == "warm")
    }
}
