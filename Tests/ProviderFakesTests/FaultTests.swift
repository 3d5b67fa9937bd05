import HTTPTransport
import ProviderFakes
import Testing

struct FaultTests {
    private let fake: FakeAnthropic

    init() throws { fake = try FakeAnthropic(apiKey: Client.key) }

    private func send(
        within limit: Duration = .seconds(10), firstByte: Duration? = nil, idle: Duration? = nil
    )
        async throws -> HTTPResponse
    {
        try await Client.post(
            fake.baseURL + "/v1/messages", headers: Client.anthropic,
            json: [
                "model": "claude-haiku-5-5", "max_tokens": 100,
                "messages": [["role": "user", "content": "Transcript: one two three four five"]],
                "output_config": ["format": ["type": "json_schema", "schema": coachSchema]],
            ], within: limit, firstByte: firstByte, idle: idle)
    }

    @Test func `queued faults come first and in order, then what stands, then health`() async throws {
        fake.messages.failAlways(.serverError)
        fake.messages.failNext(.rateLimited(.seconds(7)), nil, .overloaded)
        let first = try await send()
        #expect(first.status == 429)
        #expect(first.headers["retry-after"] == "7")
        var statuses: [Int] = []
        for _ in 0..<4 { statuses.append(try await send().status) }
        #expect(statuses == [200, 529, 500, 500])
        fake.messages.heal()
        #expect(try await send().status == 200)
        #expect(fake.messages.exchanges.map(\.fault).prefix(2) == [.rateLimited(.seconds(7)), nil])
    }

    @Test(arguments: [
        (RetryAdvice.none, "retry-after", String?.none), (.fraction(1.5), "retry-after", "1.5"),
        (.milliseconds(1500), "retry-after-ms", "1500"), (.unreadable("later"), "retry-after", "later"),
        (.resetDuration("6m0s"), "x-ratelimit-reset-requests", "6m0s"),
    ])
    func `a wait is advised in the spelling that was asked for`(
        advice: RetryAdvice, header: String, value: String?
    ) async throws {
        fake.messages.failNext(.rateLimited(advice))
        let answer = try await send()
        #expect(answer.headers[header] == value)
    }

    @Test func `a date in Retry-After is an HTTP date`() async throws {
        fake.messages.failNext(.rateLimited(.httpDate(in: .seconds(90))))
        let value = try #require(try await send().headers["retry-after"])
        #expect(
            value.wholeMatch(of: #/[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT/#) != nil)
    }

    @Test(arguments: [
        (Fault.unauthorized, 401), (.serverError, 500), (.overloaded, 529), (.quotaExhausted, 400),
        (.badGateway, 502),
    ])
    func `a refusal has the vendor's status`(fault: Fault, status: Int) async throws {
        fake.messages.failNext(fault)
        let answer = try await send()
        #expect(answer.status == status)
        #expect((answer.json == nil) == (fault == .badGateway))
    }

    @Test func `an answer of no use is a success all the same`() async throws {
        fake.messages.failNext(
            .truncatedJSON, .emptyBody, .wrongSchema, .refusal, .outOfTokens, .inventedQuote)
        #expect(try await send().json == nil)
        #expect(try await send().body.isEmpty)
        #expect(try await send().text.contains("verdict"))
        let declined = try await send()
        #expect(declined.json?["stop_reason"] == "refusal")
        #expect(declined.json?["content"] == [])
        let cut = try await send()
        #expect(cut.json?["stop_reason"] == "max_tokens")
        #expect(cut.json?["content"]?[0]?["text"]?.string.flatMap { JSONValue(text: $0) } == nil)
        #expect(try await send().text.contains("nobody ever said"))
        #expect(fake.messages.exchanges.allSatisfy { $0.status == 200 })
    }

    @Test func `a stream may fail after it has begun`() async throws {
        let openAI = try FakeOpenAI(apiKey: nil, dialect: .compatible)
        openAI.chat.failNext(.errorMidStream)
        fake.messages.failNext(.errorMidStream)
        let messages: JSONValue = [["role": "user", "content": "Transcript: one two three four five"]]
        let chat = try await Client.post(
            openAI.baseURL + "/chat/completions", headers: [],
            json: ["model": "llama3.2", "stream": true, "messages": messages])
        #expect(chat.status == 200)
        #expect(chat.text.contains(#""error""#))
        #expect(!chat.text.contains("[DONE]"))
        let message = try await Client.post(
            fake.baseURL + "/v1/messages", headers: Client.anthropic,
            json: [
                "model": "claude-haiku-5-5", "max_tokens": 100, "stream": true, "messages": messages,
            ])
        #expect(message.status == 200)
        #expect(message.text.contains("event: error\n"))
        #expect(!message.text.contains("message_stop"))
    }

    @Test func `a huge body meets the client's limit`() async throws {
        fake.messages.failNext(.hugeBody(bytes: 9 << 20))
        await #expect(throws: HTTPError.responseTooLarge(limit: 8 << 20)) { try await send() }
    }

    @Test(arguments: [Fault.hangUp, .cutOff, .reset])
    func `a connection that ends early interrupts the client`(fault: Fault) async throws {
        fake.messages.failNext(fault)
        let error = await #expect(throws: HTTPError.self) { try await send() }
        guard case .interrupted = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `silence lasts until the client gives up`() async throws {
        fake.messages.failNext(.silence, .stall)
        await #expect(throws: HTTPError.timedOut(phase: .firstByte)) {
            try await send(firstByte: .milliseconds(100))
        }
        await #expect(throws: HTTPError.timedOut(phase: .idle)) { try await send(idle: .milliseconds(100)) }
        #expect(fake.messages.exchanges.map(\.status) == [nil, 200])
    }

    @Test func `slow and trickling answers arrive whole`() async throws {
        fake.messages.failNext(.slow(.milliseconds(30)), .trickle(bytes: 40, every: .milliseconds(1)))
        #expect(try await send().json?["stop_reason"] == "end_turn")
        #expect(try await send().json?["stop_reason"] == "end_turn")
    }

    @Test func `whoever waits for a request is told when it arrives`() async throws {
        fake.messages.failAlways(.silence)
        let waiting = Task { await fake.messages.received(2) }
        let calls = (0..<2).map { _ in Task { try await send() } }
        await waiting.value
        #expect(fake.messages.requests.count == 2)
        fake.stop()
        for call in calls { await #expect(throws: HTTPError.self) { try await call.value } }
    }

    @Test func `a stopped vendor refuses connections`() async throws {
        fake.stop()
        await #expect(throws: HTTPError.self) { try await send() }
    }
}
