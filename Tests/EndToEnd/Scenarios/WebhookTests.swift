import Foundation
import ProviderFakes
import Testing

/// The webhook on its own: what it answers, and what it leaves in the ledger.
struct WebhookTests {
    private static let secret = ("X-Telegram-Bot-Api-Secret-Token", Deployment.Secrets.webhook)

    private func with(_ scenario: (Deployment, String) async throws -> Void) async throws {
        try await Deployment.run(.webhookOnly) { coach in
            try await scenario(coach, try coach.process(.webhook).origin + "/telegram/webhook")
        }
    }

    private func post(_ url: String, _ update: JSON) async throws -> HTTP.Answer {
        try await HTTP.post(url, headers: [Self.secret], body: update.bytes)
    }

    @Test func `only who knows the secret is heard`() async throws {
        try await with { (coach, url) async throws in
            let update = Updates.voice(1, chat: 5, message: 10).bytes
            let attempts = [
                [], [("X-Telegram-Bot-Api-Secret-Token", "")],
                [("X-Telegram-Bot-Api-Secret-Token", "wrong")],
                [("X-Telegram-Bot-Api-Secret-Token", Deployment.Secrets.webhook + "x")],
                [("X-Telegram-Bot-Api-Secret-Token", String(Deployment.Secrets.webhook.dropLast()))],
                [("Authorization", "Bearer " + Deployment.Secrets.webhook)],
            ]
            for headers in attempts {
                #expect(try await HTTP.post(url, headers: headers, body: update).status == 401)
            }
            #expect(try await coach.ledger.count("voice_messages") == 0)
            let metrics = try await coach.process(.webhook).metrics
            #expect(metrics[#"speechcoach_webhook_requests_total{outcome="unauthorized"}"#] == 6)
            #expect(try await HTTP.post(url, headers: [Self.secret], body: update).status == 200)
            #expect(try await coach.ledger.count("voice_messages") == 1)
        }
    }

    @Test func `a body over one MiB is refused, declared or not`() async throws {
        try await with { (coach, url) async throws in
            let mebibyte = [UInt8](repeating: 0x20, count: 1 << 20)
            let declared = try await HTTP.post(url, headers: [Self.secret], body: mebibyte + [0x7B])
            #expect(declared.status == 413)
            let chunked = try await HTTP.postChunked(
                url, headers: [Self.secret], chunks: [mebibyte, Updates.voice(1, chat: 5, message: 1).bytes])
            #expect(chunked.status == 413)
            // White space is JSON too: exactly one MiB is still read.
            let update = Updates.voice(1, chat: 5, message: 1).bytes
            let exact = update + [UInt8](repeating: 0x20, count: (1 << 20) - update.count)
            #expect(try await HTTP.post(url, headers: [Self.secret], body: exact).status == 200)
            #expect(try await coach.ledger.count("voice_messages") == 1)
        }
    }

    @Test func `what can never be read is acknowledged and counted, so that it blocks nobody`() async throws {
        try await with { (coach, url) async throws in
            let poison = [
                "", "not json", "{", "[]", "null", "42", #"{"update_id":"seven"}"#, #"{"message":{}}"#,
                "\u{FEFF}{}",
                String(repeating: "[", count: 20_000), #"{"update_id":1e400}"#,
            ]
            for body in poison {
                let answer = try await HTTP.post(url, headers: [Self.secret], body: Array(body.utf8))
                #expect(answer.status == 200, "\(body.prefix(30))")
            }
            #expect(try await HTTP.post(url, headers: [Self.secret], body: [0xFF, 0xFE, 0x00]).status == 200)
            let metrics = try await coach.process(.webhook).metrics
            #expect(
                metrics[#"speechcoach_webhook_requests_total{outcome="unparseable"}"#]
                    == Double(poison.count + 1))
            #expect(try await coach.ledger.count("jobs") == 0)
        }
    }

    @Test func `unknown kinds and missing fields are acknowledged and lead to nothing`() async throws {
        try await with { (coach, url) async throws in
            let updates: [JSON] = [
                ["update_id": 1], ["update_id": 2, "message": .null], ["update_id": 3, "message": []],
                ["update_id": 4, "message": ["message_id": 1]],
                ["update_id": 5, "message": ["message_id": 1, "chat": ["type": "private"]]],
                ["update_id": 6, "telepathy": ["strength": 9]],
                [
                    "update_id": 7,
                    "edited_message": ["message_id": 1, "chat": ["id": 5, "type": "private"]],
                ],
                ["update_id": 8, "callback_query": ["id": "1", "data": "x"]],
                ["update_id": 9, "my_chat_member": ["chat": ["id": 5, "type": "private"]]],
                ["update_id": 10, "poll_answer": ["poll_id": "1"]],
            ]
            for update in updates {
                #expect(try await post(url, update).status == 200, "\(update)")
            }
            #expect(try await coach.ledger.count("jobs") == 0)
        }
    }

    @Test func `a note with the least that Telegram promises is taken`() async throws {
        try await with { (coach, url) async throws in
            let bare: JSON = [
                "update_id": 1,
                "message": [
                    "message_id": 3, "date": 1, "chat": ["id": 5, "type": "private"],
                    "voice": ["file_id": "f", "unknown": ["deep": [1, 2, 3]]],
                ],
            ]
            #expect(try await post(url, bare).status == 200)
            let note = try #require(try await coach.ledger.note(in: 5))
            #expect(note.kind == "voice")
            #expect(note.message == 3)
        }
    }

    @Test func `an update that comes again is one job`() async throws {
        try await with { (coach, url) async throws in
            let update = Updates.voice(77, chat: 5, message: 10)
            for _ in 0..<3 { #expect(try await post(url, update).status == 200) }
            // The ids of updates start anew after a quiet week: the same message is the same note.
            #expect(try await post(url, Updates.voice(9_000, chat: 5, message: 10)).status == 200)
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<20 {
                    group.addTask { try await self.post(url, Updates.voice(78, chat: 5, message: 11)).status }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses == Array(repeating: 200, count: 20))
            #expect(try await coach.ledger.jobs().map(\.stage) == ["transcribe", "transcribe"])
            #expect(try await coach.ledger.notes().map(\.message) == [10, 11])
            #expect(try await coach.process(.webhook).metrics["speechcoach_duplicate_updates_total"] == 22)
        }
    }

    @Test func `a question that comes again is answered once`() async throws {
        try await with { (coach, url) async throws in
            for _ in 0..<3 {
                #expect(try await post(url, Updates.text(5, chat: 5, message: 1, "/start")).status == 200)
            }
            #expect(try await coach.ledger.jobs().map(\.stage) == ["converse"])
        }
    }

    @Test func `two webhooks share one ledger`() async throws {
        var plan = Deployment.Plan.webhookOnly
        plan.webhooks = 2
        try await Deployment.run(plan) { coach in
            let urls = coach.processes(.webhook).map { $0.origin + "/telegram/webhook" }
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<40 {
                    let update = Updates.voice(Int64(number / 2), chat: 5, message: Int64(number / 2 + 1))
                    group.addTask { try await self.post(urls[number % 2], update).status }
                }
                return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
            }
            #expect(statuses == [200])
            #expect(try await coach.ledger.count("jobs") == 20)
        }
    }
}
