import Foundation
import ProviderFakes
import Testing

/// All roles in one process: `demo` and `up`.
struct WholeBotTests {
    /// Nothing of the tests' settings.
    private func bare(_ coach: Deployment) -> [String: String] {
        Dictionary(uniqueKeysWithValues: coach.environment().keys.map { ($0, "") })
    }

    @Test func `the demonstration ends with a reply and a table, and leaves nothing behind`() async throws {
        try await Deployment.run(.noRoles) { coach in
            var settings = bare(coach)
            settings["TMPDIR"] = coach.directory.appending(path: "tmp").path
            let sample = Fixtures.repository.appending(path: "Samples/voice-note.ogg").path
            let result = try await coach.command(["demo", sample], settings: settings).expect(.code(0))
            #expect(result.output.contains("You said"))
            for stage in ["transcribe", "coach", "deliver", "succeeded"] {
                #expect(result.output.contains(stage))
            }
            let left = try FileManager.default.contentsOfDirectory(
                atPath: coach.directory.appending(path: "tmp").path)
            // An initialized database is kept there, so that the next demonstration starts faster.
            #expect(left.allSatisfy { $0.hasPrefix("speechcoach-initdb-") }, "\(left)")
        }
    }

    @Test func `a demonstration of a file that is no audio fails and says why`() async throws {
        try await Deployment.run(.noRoles) { coach in
            let letter = coach.directory.appending(path: "letter.ogg")
            try Data(Fixtures.text).write(to: letter)
            let result = try await coach.command(["demo", letter.path], settings: bare(coach))
            #expect(result.end == .code(1))
            #expect(result.output.contains(Texts.advice("notAudio").prefix(40)))
        }
    }

    @Test func `up asks Telegram for updates, keeps its data, and stops cleanly`() async throws {
        try await Deployment.run(.noRoles) { coach in
            let data = coach.directory.appending(path: "data")
            let settings = [
                "DATABASE_URL": "", "REDIS_URL": "", "TELEGRAM_WEBHOOK_SECRET": "",
                "SPEECHCOACH_DATA": data.path,
            ]
            for round in 1...2 {
                let bot = try await coach.startUp(settings)
                let chat = coach.chat()
                let sent = try await chat.send("voice", try await Fixtures.shortTalk.bytes)
                let reply = try await chat.answer()
                #expect(reply.answers == sent)
                #expect(reply.text.contains("that openai wrote"))
                try await eventually("the update is confirmed") {
                    await coach.pendingUpdates() == 0
                }
                #expect(await chat.botMessages().count == 1)
                bot.program.send(SIGTERM)
                #expect(try await bot.program.ended(within: .seconds(40)) == .code(0), "round \(round)")
            }
            #expect(coach.openAI.speech.requests.count == 2)
        }
    }

    @Test func `up with a public address has Telegram deliver there`() async throws {
        try await Deployment.run(.noRoles) { coach in
            let port = "\(Ports.free())"
            let bot = try await coach.startUp(["PORT": port, "PUBLIC_URL": "http://127.0.0.1:\(port)"])
            let chat = coach.chat()
            try await chat.send("voice", try await Fixtures.shortTalk.bytes)
            _ = try await chat.answer()
            #expect(await coach.deliveryStatuses() == [200])
            let metrics = try await bot.metrics
            #expect(metrics[#"speechcoach_webhook_requests_total{outcome="accepted"}"#] == 1)
        }
    }

    @Test func `up does not take updates away from a webhook`() async throws {
        try await Deployment.run(.webhookOnly) { coach in
            let origin = try coach.process(.webhook).origin
            try await coach.command(["telegram", "set-webhook"], settings: ["PUBLIC_URL": origin]).expect(
                .code(0))
            let refused = try await coach.command(["up"], within: .seconds(60))
            #expect(refused.end == .code(4))
            #expect(refused.errors.contains("delete-webhook"))
        }
    }
}
