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
            #expect(left.isEmpty)
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
}
