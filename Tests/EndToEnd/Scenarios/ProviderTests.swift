import ProviderFakes
import Testing

/// Vendors fail, and the speaker gets an answer all the same.
struct ProviderTests {
    /// Sends one note and returns who heard it and who coached it, with the calls that were booked.
    private func travel(
        _ coach: Deployment, within limit: Duration = .seconds(120)
    ) async throws -> (recognizer: String?, coach: String?, calls: [LedgerView.Call], reply: Chat.BotMessage)
    {
        let chat = coach.chat()
        try await chat.send("voice", try await Fixtures.shortTalk.bytes, seconds: 4)
        let reply = try await chat.answer(within: limit)
        try await coach.ledger.settled()
        #expect(await chat.results() == [reply])
        let note = try #require(try await coach.ledger.note(in: chat.id)).id
        let jobs = try await coach.ledger.jobs(of: note)
        #expect(jobs.map(\.state) == ["succeeded", "succeeded", "succeeded"])
        // Failover happens inside an attempt.
        #expect(jobs.map(\.attempts) == [1, 1, 1])
        return (
            try await coach.ledger.recognizer(of: note), try await coach.ledger.coach(of: note),
            try await coach.ledger.calls(of: note), reply
        )
    }

    @Test(arguments: [Fault.serverError, .wrongSchema, .reset, .unauthorized, .silence])
    func `when the recogniser fails, PocketSphinx listens`(fault: Fault) async throws {
        try await Deployment.run { coach in
            coach.openAI.speech.failAlways(fault)
            let result = try await travel(coach)
            #expect(result.recognizer == "pocketsphinx")
            #expect(result.coach == "openai")
            let failed = result.calls.filter { $0.outcome != "success" }
            #expect(!failed.isEmpty)
            #expect(failed.allSatisfy { $0.operation == "speech" && $0.provider == "openai" })
            #expect(failed.allSatisfy { $0.failure?.isEmpty == false })
        }
    }

    /// Ways in which a model fails; each group shares a deployment.
    enum Failing: String, CaseIterable, Sendable {
        case refusing, answeringInVain, breakingOff, holdingOut

        var faults: [Fault] {
            switch self {
            case .refusing:
                [
                    .serverError, .overloaded, .badGateway, .rateLimited(.seconds(20)),
                    .rateLimited(.unreadable("later")), .quotaExhausted, .unauthorized,
                ]
            case .answeringInVain:
                [
                    .truncatedJSON, .emptyBody, .wrongSchema, .inventedQuote, .refusal, .outOfTokens,
                    .errorMidStream,
                ]
            case .breakingOff: [.hangUp, .cutOff, .reset, .hugeBody(bytes: 20 << 20)]
            case .holdingOut: [.silence, .stall]
            }
        }
    }

    @Test(arguments: Failing.allCases)
    func `when the first model fails, the second coaches`(group: Failing) async throws {
        try await Deployment.run { coach in
            for fault in group.faults {
                // Whoever knows of the last fault may not ask the first model again at once.
                try await coach.replace(.feedbackWorker, forgetting: true)
                coach.openAI.chat.heal()
                coach.openAI.chat.failAlways(fault)
                let result = try await travel(coach)
                #expect(result.recognizer == "openai")
                #expect(result.coach == "anthropic", "\(fault)")
                #expect(result.reply.text.contains("that anthropic wrote"), "\(fault)")
                let coaching = result.calls.filter { $0.operation == "coaching" }
                // A rival may have answered before the slow one was given up, so the order says nothing.
                let succeeded = coaching.filter { $0.outcome == "success" }
                #expect(succeeded.map(\.provider) == ["anthropic"], "\(fault)")
                let failed = coaching.filter { $0.outcome != "success" }
                #expect(!failed.isEmpty, "\(fault)")
                #expect(failed.allSatisfy { $0.provider == "openai" }, "\(fault)")
            }
            #expect(coach.anthropic.messages.requests.count == group.faults.count)
        }
    }

    @Test(arguments: [
        Fault.rateLimited(.seconds(60)), .rateLimited(.resetDuration("1m0s")), .quotaExhausted, .unauthorized,
    ])
    func `a vendor that says when, or never, is not asked again before`(fault: Fault) async throws {
        try await Deployment.run { coach in
            coach.openAI.chat.failNext(fault)
            for _ in 0..<2 {
                let result = try await travel(coach)
                #expect(result.coach == "anthropic")
            }
            #expect(coach.openAI.chat.requests.count == 1)
        }
    }

    @Test func `models that never answer leave the speaker with the rules, in time`() async throws {
        try await Deployment.run(Deployment.Plan(settings: ["FEEDBACK_DEADLINE_SECONDS": "20"])) { coach in
            coach.openAI.chat.failAlways(.silence)
            coach.anthropic.messages.failAlways(.trickle(bytes: 1, every: .seconds(1)))
            let result = try await travel(coach, within: .seconds(60))
            #expect(result.coach == "rules")
            #expect(result.reply.text.contains("Hello everyone"))
        }
    }

    @Test func `with every vendor out of reach a note is heard and coached at home`() async throws {
        try await Deployment.run { coach in
            coach.openAI.stop()
            coach.anthropic.stop()
            let result = try await travel(coach)
            #expect(result.recognizer == "pocketsphinx")
            #expect(result.coach == "rules")
            #expect(result.calls.allSatisfy { $0.microUSD == 0 })
        }
    }

    @Test func `a vendor that is down is left alone, and taken back when it is well`() async throws {
        try await Deployment.run { coach in
            coach.openAI.chat.failAlways(.serverError)
            for _ in 0..<5 { #expect(try await travel(coach).coach == "anthropic") }
            let asked = coach.openAI.chat.requests.count
            #expect(asked < 5, "the breaker never opened")
            coach.openAI.chat.heal()
            try await eventually("the first model coaches again", within: .seconds(60), every: .seconds(2)) {
                try await travel(coach).coach == "openai"
            }
        }
    }

    @Test func `nothing is configured, and it works`() async throws {
        let keys = ["OPENAI_API_KEY": "", "ANTHROPIC_API_KEY": "", "STT_PROVIDERS": "", "LLM_PROVIDERS": ""]
        try await Deployment.run(Deployment.Plan(settings: keys)) { coach in
            let result = try await travel(coach)
            #expect(result.recognizer == "pocketsphinx")
            #expect(result.coach == "rules")
            #expect(coach.openAI.speech.requests.isEmpty)
        }
    }
}
