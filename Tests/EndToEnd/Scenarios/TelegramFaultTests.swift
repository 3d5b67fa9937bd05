import ProviderFakes
import Testing

/// Telegram fails, and every speaker sees one answer.
struct TelegramFaultTests {
    private func send(_ chat: Chat) async throws {
        try await chat.send("voice", try await Fixtures.shortTalk.bytes, seconds: 4)
    }

    /// One answer in the chat, all jobs at their end.
    private func expectOneAnswer(_ coach: Deployment, _ chat: Chat) async throws {
        let reply = try await chat.answer()
        try await coach.ledger.settled(expecting: 3)
        #expect(try await coach.ledger.jobs().map(\.state) == ["succeeded", "succeeded", "succeeded"])
        #expect(await chat.results() == [reply])
    }

    @Test func `a flood limit is waited out and costs no attempt`() async throws {
        try await Deployment.run { coach in
            await coach.limitRate(of: "sendMessage", seconds: 1)
            await coach.limitRate(of: "editMessageText", seconds: 1, times: 2)
            let chat = coach.chat()
            try await send(chat)
            try await expectOneAnswer(coach, chat)
            let delivery = try #require(try await coach.ledger.jobs().last)
            #expect(delivery.attempts == 1)
        }
    }

    @Test(arguments: ["getFile", "file", "sendMessage", "editMessageText"])
    func `a broken gateway is tried again`(method: String) async throws {
        try await Deployment.run { coach in
            await coach.breakGateway(before: method, times: 2)
            let chat = coach.chat()
            try await send(chat)
            try await expectOneAnswer(coach, chat)
            #expect(await chat.botMessages().count == 1)
        }
    }

    @Test(arguments: ["getFile", "editMessageText"])
    func `a lost answer is asked for again and shows nothing twice`(method: String) async throws {
        try await Deployment.run { coach in
            await coach.loseAnswer(of: method)
            let chat = coach.chat()
            try await send(chat)
            try await expectOneAnswer(coach, chat)
            #expect(await chat.botMessages().count == 1)
        }
    }

    @Test func `a placeholder whose fate is unknown leaves at most one orphan`() async throws {
        try await Deployment.run { coach in
            await coach.loseAnswer(of: "sendMessage")
            let chat = coach.chat()
            try await send(chat)
            try await expectOneAnswer(coach, chat)
            let messages = await chat.botMessages()
            #expect(messages.filter { $0.text == Chat.placeholder }.count == 1)
            let ambiguous = try await withThrowingTaskGroup(of: Double.self) { group in
                for process in coach.processes {
                    group.addTask { try await process.metrics["speechcoach_ambiguous_sends_total"] }
                }
                return try await group.reduce(0, +)
            }
            #expect(ambiguous == 1)
        }
    }

    @Test func `an answer to a text is not sent twice when its fate is unknown`() async throws {
        try await Deployment.run { coach in
            await coach.loseAnswer(of: "sendMessage")
            let chat = coach.chat()
            try await chat.say("/start")
            _ = try await chat.answer()
            try await coach.ledger.settled()
            #expect(await chat.botMessages().count == 1)
        }
    }

    @Test func `a deleted placeholder is replaced by a fresh one`() async throws {
        try await Deployment.run { coach in
            coach.openAI.speech.failNext(.slow(.seconds(2)))
            let chat = coach.chat()
            try await send(chat)
            let first = try await chat.placeholder()
            try await coach.delete(first.id, in: chat)
            try await expectOneAnswer(coach, chat)
            let messages = await chat.botMessages()
            #expect(messages.count == 1)
            #expect(messages.first?.id != first.id)
            #expect(try await coach.ledger.note(in: chat.id)?.placeholder == messages.first?.id)
        }
    }

    @Test func `who blocks the bot is left alone until the next message`() async throws {
        try await Deployment.run { coach in
            coach.openAI.speech.failNext(.slow(.seconds(2)))
            let chat = coach.chat()
            try await send(chat)
            _ = try await chat.placeholder()
            try await chat.block()
            try await coach.ledger.settled(expecting: 3)
            #expect(try await coach.ledger.isUnreachable(user: chat.id))
            let edits = await chat.actions().filter { $0.method == "editMessageText" }
            #expect(edits.map(\.status) == [403])
            #expect(try await coach.ledger.jobs().map(\.stage) == ["transcribe", "coach", "deliver"])
            #expect(try await coach.ledger.jobs().last?.attempts == 1)
            #expect(await chat.results().isEmpty)

            try await chat.unblock()
            try await chat.say("/start")
            #expect(try await chat.answer().text == Texts.answer("start"))
            #expect(try await coach.ledger.isUnreachable(user: chat.id) == false)
        }
    }

    @Test func `a revoked link to the file is asked for anew`() async throws {
        try await Deployment.run { coach in
            await coach.refuse("file", code: 404, "Not Found", times: 1)
            let chat = coach.chat()
            try await send(chat)
            try await expectOneAnswer(coach, chat)
        }
    }
}
