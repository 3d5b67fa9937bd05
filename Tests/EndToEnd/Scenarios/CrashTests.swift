import Foundation
import ProviderFakes
import Testing

/// Workers die, are stopped, or share the work; every note is answered exactly once.
struct CrashTests {
    private func send(_ chat: Chat) async throws {
        try await chat.send("voice", try await Fixtures.shortTalk.bytes, seconds: 4)
    }

    @Test func `an audio worker killed in the middle is replaced by its neighbour`() async throws {
        var plan = Deployment.Plan()
        plan.audioWorkers = 2
        try await Deployment.run(plan) { coach in
            coach.openAI.speech.failNext(.silence)
            let chat = coach.chat()
            try await send(chat)
            await coach.openAI.speech.received(1)
            let victim = try await holder(of: "transcribe", coach)
            await victim.program.destroy()
            try await expectRescue(of: "transcribe", coach, chat)
            #expect(coach.openAI.speech.requests.count == 2)
        }
    }

    @Test func `a feedback worker killed while it asks a model is replaced by its neighbour`() async throws {
        var plan = Deployment.Plan()
        plan.feedbackWorkers = 2
        try await Deployment.run(plan) { coach in
            coach.openAI.chat.failNext(.silence)
            let chat = coach.chat()
            try await send(chat)
            await coach.openAI.chat.received(1)
            let victim = try await holder(of: "coach", coach)
            await victim.program.destroy()
            try await coach.ledger.expireLeases()
            try await expectRescue(of: "coach", coach, chat)
            #expect(coach.openAI.speech.requests.count == 1)
        }
    }

    @Test func `a feedback worker killed between the edit and its record shows nothing twice`() async throws {
        // Without a model to wait for, the first edit is that of the answer.
        var plan = Deployment.Plan(settings: ["LLM_PROVIDERS": "rules"])
        plan.feedbackWorkers = 2
        try await Deployment.run(plan) { coach in
            await coach.delayEdit()
            let chat = coach.chat()
            try await send(chat)
            let reply = try await chat.answer()
            let victim = try await holder(of: "deliver", coach)
            await victim.program.destroy()
            try await coach.ledger.expireLeases()
            try await expectRescue(of: "deliver", coach, chat)
            #expect(await chat.results() == [reply])
            #expect(
                await chat.actions().filter { $0.method == "editMessageText" }.map(\.status) == [200, 400])
        }
    }

    /// The job ran twice, one worker having died of it, and the speaker saw one answer.
    private func expectRescue(of stage: String, _ coach: Deployment, _ chat: Chat) async throws {
        try await coach.ledger.settled(within: .seconds(90), expecting: 3)
        let job = try #require(try await coach.ledger.jobs().first { $0.stage == stage })
        #expect(job.state == "succeeded")
        #expect(job.crashes == 1)
        #expect(job.attempts == 2)
        #expect(
            try await coach.ledger.events(of: job.id).map(\.event)
                == ["accepted", "claimed", "lease-expired", "claimed", "completed"])
        #expect(try await coach.ledger.jobs().map(\.stage) == ["transcribe", "coach", "deliver"])
        #expect(try await coach.ledger.outbound().count == 1)
        #expect(await chat.results().count == 1)
        #expect(await chat.botMessages().count == 1)
    }

    @Test func `a worker that freezes past its lease writes nothing when it wakes`() async throws {
        var plan = Deployment.Plan()
        plan.audioWorkers = 2
        try await Deployment.run(plan) { coach in
            coach.openAI.speech.failNext(.slow(.seconds(2)))
            let chat = coach.chat()
            try await send(chat)
            await coach.openAI.speech.received(1)
            let sleeper = try await holder(of: "transcribe", coach)
            sleeper.program.send(SIGSTOP)
            try await expectRescue(of: "transcribe", coach, chat)
            let reply = await chat.results()
            sleeper.program.send(SIGCONT)
            try await eventually("the late write is refused") {
                try await sleeper.metrics["speechcoach_fenced_writes_total"] > 0
                    || LogLines(sleeper.program.errors).lines.contains {
                        $0["outcome"] == "fenced" || $0["outcome"] == "released"
                    }
            }
            #expect(await chat.results() == reply)
            #expect(try await coach.ledger.jobs().count == 3)
        }
    }

    @Test func `a note that kills three workers is buried, and its speaker told`() async throws {
        try await Deployment.run { coach in
            coach.openAI.speech.failAlways(.silence)
            let chat = coach.chat()
            try await send(chat)
            for death in 1...3 {
                await coach.openAI.speech.received(death)
                await (try coach.process(.audioWorker)).program.destroy()
                try await coach.ledger.expireLeases()
                // The feedback worker sweeps as well.
                try await eventually("death \(death) is noticed") {
                    try await coach.ledger.jobs().first?.crashes == death
                }
                if death < 3 { try await coach.start(.audioWorker) }
            }
            let job = try #require(try await coach.ledger.jobs().first)
            #expect(job.state == "dead")
            #expect(job.errorCode == "worker.silent")
            #expect(try await chat.answer().text == Texts.advice("internalTrouble"))

            // Others are heard as before, and so is this one once the cause is mended.
            coach.openAI.speech.heal()
            try await coach.start(.audioWorker)
            let next = coach.chat()
            try await send(next)
            #expect(try await next.answer().text.contains("Hello everyone"))
            try await coach.command(["jobs", "retry", "\(job.id)", "--reason", "decoder mended"]).expect(
                .code(0))
            try await eventually("the apology turns into coaching") {
                await chat.results().contains { $0.text.contains("Hello everyone") }
            }
            #expect(await chat.botMessages().count == 1)
        }
    }

    @Test func `a worker told to stop finishes what it has`() async throws {
        try await Deployment.run { coach in
            coach.openAI.speech.failNext(.slow(.seconds(3)))
            let chat = coach.chat()
            try await send(chat)
            await coach.openAI.speech.received(1)
            let worker = try coach.process(.audioWorker)
            worker.program.send(SIGTERM)
            #expect(try await worker.program.ended(within: .seconds(30)) == .code(0))
            let job = try #require(try await coach.ledger.jobs().first)
            #expect(job.state == "succeeded")
            #expect(job.attempts == 1)
            _ = try await chat.answer()
        }
    }

    @Test func `a worker that cannot finish in its grace hands its job back`() async throws {
        // Two recognisers that keep it waiting for longer than any grace.
        let plan = Deployment.Plan(settings: ["STT_PROVIDERS": "openai,groq,pocketsphinx"])
        try await Deployment.run(plan) { coach in
            for process in coach.processes(.audioWorker) { await process.program.destroy() }
            let groq = ["GROQ_API_KEY": Deployment.Secrets.openAI, "GROQ_BASE_URL": coach.openAI.baseURL]
            let worker = try await coach.start(.audioWorker, settings: groq)
            coach.openAI.speech.failAlways(.silence)
            let chat = coach.chat()
            try await chat.send("voice", try await Fixtures.longTalk.bytes, seconds: 29)
            await coach.openAI.speech.received(1)
            worker.program.send(SIGTERM)
            #expect(try await worker.program.ended(within: .seconds(40)) == .code(0))
            let job = try #require(try await coach.ledger.jobs().first)
            #expect(job.state == "ready")
            #expect(job.attempts == 0)
            #expect(
                try await coach.ledger.events(of: job.id).map(\.event) == [
                    "accepted", "claimed", "handed-back",
                ])
            coach.openAI.speech.heal()
            try await coach.start(.audioWorker)
            _ = try await chat.answer()
            try await coach.ledger.settled(expecting: 3)
            #expect(try await coach.ledger.jobs().allSatisfy { $0.crashes == 0 && $0.attempts == 1 })
        }
    }

    @Test func `two workers of each kind answer thirty notes once each`() async throws {
        var plan = Deployment.Plan(settings: ["AUDIO_WORKER_CONCURRENCY": "2"])
        (plan.webhooks, plan.audioWorkers, plan.feedbackWorkers) = (1, 2, 2)
        try await Deployment.run(plan) { coach in
            let note = try await Fixtures.shortTalk.bytes
            let chats = (0..<30).map { _ in coach.chat() }
            for chat in chats { try await chat.send("voice", note, seconds: 4) }
            for chat in chats { _ = try await chat.answer() }
            try await coach.ledger.settled(expecting: 90)
            for chat in chats {
                #expect(await chat.botMessages().count == 1)
                let edits = await chat.actions().filter { $0.method == "editMessageText" }
                #expect(edits.count == 1)
            }
            let jobs = try await coach.ledger.jobs()
            #expect(jobs.count == 90)
            #expect(jobs.allSatisfy { $0.state == "succeeded" && $0.attempts == 1 })
            #expect(coach.openAI.speech.requests.count == 30)
            #expect(coach.openAI.chat.requests.count == 30)
            #expect(try await coach.ledger.outbound().count == 30)
            for role in [Deployment.Role.audioWorker, .feedbackWorker] {
                for process in coach.processes(role) {
                    let log = LogLines(process.program.errors)
                    #expect(
                        log.lines.contains { $0["message"] == "job ended" }, "\(process.program.name) idled")
                }
            }
        }
    }

    @Test(arguments: [SIGKILL, SIGTERM])
    func `a webhook that ends under load has kept what it acknowledged`(signal: Int32) async throws {
        try await Deployment.run(.webhookOnly) { coach in
            let webhook = try coach.process(.webhook)
            let url = webhook.origin + "/telegram/webhook"
            let acknowledged = await withTaskGroup(of: Int64?.self) { group in
                for number in Int64(1)...200 {
                    group.addTask {
                        let answer = try? await HTTP.post(
                            url, headers: [("X-Telegram-Bot-Api-Secret-Token", Deployment.Secrets.webhook)],
                            body: Updates.voice(number, chat: number, message: 1).bytes)
                        if number == 60 { webhook.program.send(signal) }
                        return answer?.status == 200 ? number : nil
                    }
                }
                return await group.reduce(into: Set<Int64>()) { found, number in
                    if let number { found.insert(number) }
                }
            }
            let end = try await webhook.program.ended(within: .seconds(30))
            #expect(end == (signal == SIGTERM ? .code(0) : .signal(SIGKILL)))
            #expect(!acknowledged.isEmpty)
            let kept = Set(try await coach.ledger.notes().map(\.update))
            #expect(acknowledged.isSubset(of: kept))
            #expect(try await coach.ledger.count("jobs") == kept.count)
        }
    }

    @Test func `a webhook killed while Telegram delivers costs nobody an answer`() async throws {
        try await Deployment.run { coach in
            let note = try await Fixtures.shortTalk.bytes
            let chats = (0..<8).map { _ in coach.chat() }
            let webhook = try coach.process(.webhook)
            for (number, chat) in chats.enumerated() {
                try await chat.send("voice", note, seconds: 4)
                if number == 3 { await webhook.program.destroy() }
            }
            try await eventually("Telegram has met a closed door") {
                await coach.deliveryStatuses().contains(nil)
            }
            let port = webhook.origin.split(separator: ":").last.map(String.init) ?? ""
            try await coach.start(.webhook, settings: ["PORT": port])
            for chat in chats { _ = try await chat.answer() }
            try await coach.ledger.settled(expecting: 24)
            for chat in chats { #expect(await chat.botMessages().count == 1) }
        }
    }

    /// The process that holds a job at this moment.
    private func holder(of stage: String, _ coach: Deployment) async throws -> Deployment.Process {
        try await eventually("somebody holds the \(stage) job") {
            guard let name = try await coach.ledger.jobs().first(where: { $0.stage == stage })?.leasedBy
            else {
                return nil
            }
            // role@host/process/nonce
            let parts = name.split(separator: "/")
            return coach.processes.first {
                "\($0.program.processIdentifier)" == parts.dropFirst().first ?? ""
            }
        }
    }
}
