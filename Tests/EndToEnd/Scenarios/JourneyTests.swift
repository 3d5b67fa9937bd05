import Foundation
import ProviderFakes
import Testing

struct JourneyTests {
    private static let canary =
        "Canary sentence about xylophones, um, and nothing else at all today, my friends."

    @Test func `a voice note becomes one reply, and every trace of it adds up`() async throws {
        try await Deployment.run(Deployment.Plan(settings: ["LOG_LEVEL": "trace"])) { coach in
            coach.openAI.hear(Recognition(text: Self.canary))
            let chat = coach.chat()
            let sent = try await chat.send()
            let reply = try await chat.answer()
            try await coach.ledger.settled(expecting: 3)

            // One message, the one that was there from the beginning, edited once.
            let actions = await chat.actions().filter { $0.method != "setMessageReaction" }
            #expect(actions.map(\.method) == ["sendMessage", "editMessageText"])
            #expect(actions.first?.text == Chat.placeholder)
            #expect(actions.allSatisfy { $0.message == reply.id && $0.status == 200 })
            #expect(await chat.botMessages() == [reply])
            #expect(reply.answers == sent)
            #expect(reply.isEdited)
            #expect(reply.text.contains(Self.canary))
            #expect(reply.text.contains("openai"))
            #expect(await chat.reactions() == ["👀"])

            try await checkLedger(coach, chat, sent: sent, reply: reply)
            try await checkLogs(coach, note: try #require(try await coach.ledger.note(in: chat.id)).id)
            try await checkLeaks(coach)
        }
    }

    private func checkLedger(_ coach: Deployment, _ chat: Chat, sent: Int64, reply: Chat.BotMessage)
        async throws
    {
        let note = try #require(try await coach.ledger.note(in: chat.id))
        #expect(note.message == sent)
        #expect(note.user == chat.id)
        #expect(note.kind == "voice")
        #expect(note.placeholder == reply.id)
        #expect(note.placeholderState == "sent")

        let jobs = try await coach.ledger.jobs()
        #expect(jobs.map(\.stage) == ["transcribe", "coach", "deliver"])
        #expect(jobs.allSatisfy { $0.state == "succeeded" && $0.attempts == 1 && $0.crashes == 0 })
        #expect(jobs.allSatisfy { $0.note == note.id })
        for job in jobs {
            #expect(
                try await coach.ledger.events(of: job.id).map(\.event) == [
                    "accepted", "claimed", "completed",
                ])
        }

        let outbound = try await coach.ledger.outbound()
        #expect(outbound.map(\.kind) == ["feedback"])
        #expect(outbound.first?.state == "delivered")
        #expect(outbound.first?.message == reply.id)
        #expect(outbound.first?.text == reply.text)
        #expect(try await coach.ledger.transcript(of: note.id) == Self.canary)
        #expect(try await coach.ledger.recognizer(of: note.id) == "openai")
        #expect(try await coach.ledger.coach(of: note.id) == "openai")

        let calls = try await coach.ledger.calls(of: note.id)
        #expect(calls.map(\.operation) == ["speech", "coaching"])
        #expect(calls.allSatisfy { $0.outcome == "success" && $0.microUSD > 0 })
        #expect(coach.openAI.speech.requests.count == 1)
        #expect(coach.openAI.chat.requests.count == 1)
        #expect(coach.anthropic.messages.requests.isEmpty)
    }

    /// One id follows the note through all three processes.
    private func checkLogs(_ coach: Deployment, note: Int64) async throws {
        for process in coach.processes {
            let log = LogLines(process.program.errors)
            #expect(log.strays.isEmpty, "\(process.role)")
            #expect(!log.about(note: note).isEmpty, "\(process.role) never mentions the note")
            #expect(log.lines.allSatisfy { $0["service"]?.string == process.role.rawValue })
        }
    }

    /// Neither speech nor a secret nor a file's address leaves through metrics or health; every scenario checks
    /// the logs.
    private func checkLeaks(_ coach: Deployment) async throws {
        for process in coach.processes {
            for route in ["/metrics", "/health/ready", "/health/live"] {
                let answer = try await HTTP.get(process.origin + route)
                #expect(answer.status == 200)
                for part in Deployment.Secrets.all + ["canaryToken", "xylophone", "/file/bot", "file_1.oga"] {
                    #expect(!answer.text.localizedCaseInsensitiveContains(part), "\(process.role) \(route)")
                }
            }
        }
    }
}
