import EmbeddedStack
import Foundation
import ProviderFakes
import Redis
import Testing

/// Servers go away and come back; nothing that was acknowledged is lost.
struct OutageTests {
    private static let plan = Deployment.Plan(ownServers: true)

    private func post(_ coach: Deployment, update: Int64) async throws -> HTTP.Answer {
        try await HTTP.post(
            try coach.process(.webhook).origin + "/telegram/webhook",
            headers: [("X-Telegram-Bot-Api-Secret-Token", Deployment.Secrets.webhook)],
            body: Updates.voice(update, chat: 5, message: update).bytes)
    }

    /// What a role says about one of its dependencies.
    private func dependency(_ name: String, of process: Deployment.Process) async throws -> (Int, String?) {
        let answer = try await HTTP.get(process.origin + "/health/ready")
        return (answer.status, answer.json?["dependencies"]?[name]?["status"]?.string)
    }

    @Test func `without Postgres an update is refused, and Telegram brings it again`() async throws {
        try await Deployment.run(Self.plan) { coach in
            let webhook = try coach.process(.webhook)
            await coach.postgres.stop()
            let refused = try await post(coach, update: 1)
            #expect(refused.status == 503)
            #expect(refused["Retry-After"].flatMap { Int($0) } ?? 0 > 0)
            try await eventually("the webhook admits the outage") {
                try await dependency("postgres", of: webhook) == (503, "down")
            }
            #expect(try await HTTP.get(webhook.origin + "/health/live").status == 200)

            let chat = coach.chat()
            try await chat.send("voice", try await Fixtures.shortTalk.bytes)
            try await eventually("Telegram has tried in vain") {
                await coach.deliveryStatuses().contains(503)
            }
            try await coach.postgres.startAgain()
            let reply = try await chat.answer()
            try await coach.ledger.settled(expecting: 3)
            #expect(await chat.results() == [reply])
            #expect(coach.processes.allSatisfy { $0.program.isRunning })
            #expect(try await coach.ledger.notes().map(\.chat) == [chat.id])
        }
    }

    @Test func `without Redis an update is taken, and answered when Redis is back and empty`() async throws {
        try await Deployment.run(Self.plan) { coach in
            await coach.redis.stop()
            let chat = coach.chat()
            try await chat.send("voice", try await Fixtures.shortTalk.bytes)
            try await eventually("the ledger has the note") {
                try await coach.ledger.note(in: chat.id) != nil
            }
            #expect(await coach.deliveryStatuses().allSatisfy { $0 == 200 })
            try await eventually("a worker admits the outage") {
                try await dependency("redis", of: try coach.process(.audioWorker)) == (503, "down")
            }
            #expect(try await dependency("redis", of: try coach.process(.webhook)).0 == 200)
            #expect(try await coach.ledger.jobs().map(\.state) == ["ready"])

            try await coach.redis.startAgain()
            let reply = try await chat.answer()
            try await coach.ledger.settled(expecting: 3)
            #expect(await chat.results() == [reply])
            #expect(coach.processes.allSatisfy { $0.program.isRunning })
        }
    }

    @Test func `a frozen Redis holds up no update`() async throws {
        try await Deployment.run(Self.plan) { coach in
            await coach.redis.freeze()
            let chat = coach.chat()
            try await chat.send("voice", try await Fixtures.shortTalk.bytes)
            try await eventually("the update is acknowledged", within: .seconds(30)) {
                await coach.deliveryStatuses() == [200]
            }
            await coach.redis.thaw()
            _ = try await chat.answer()
            try await coach.ledger.settled(expecting: 3)
            #expect(await chat.results().count == 1)
        }
    }

    @Test func `a frozen Postgres leads to a refusal, and to one answer in the end`() async throws {
        try await Deployment.run(Self.plan) { coach in
            await coach.postgres.freeze()
            let chat = coach.chat()
            try await chat.send("voice", try await Fixtures.shortTalk.bytes)
            try await eventually("the update is refused") { await coach.deliveryStatuses() == [503] }
            await coach.postgres.thaw()
            _ = try await chat.answer()
            try await coach.ledger.settled(expecting: 3)
            #expect(await chat.results().count == 1)
            #expect(try await coach.ledger.notes().count == 1)
        }
    }

    @Test func `roles may start before their servers, and stop without them`() async throws {
        var plan = Self.plan
        (plan.webhooks, plan.audioWorkers, plan.feedbackWorkers) = (0, 0, 0)
        plan.telegramDelivers = false
        try await Deployment.run(plan) { coach in
            await coach.postgres.stop()
            await coach.redis.stop()
            var early: [Deployment.Process] = []
            for role in [Deployment.Role.webhook, .audioWorker, .feedbackWorker] {
                early.append(try await coach.startUnready(role))
            }
            for process in early {
                #expect(try await dependency("postgres", of: process) == (503, "down"))
            }
            let impatient = try await coach.startUnready(.audioWorker)
            impatient.program.send(SIGTERM)
            #expect(try await impatient.program.ended(within: .seconds(40)) == .code(0))

            try await coach.postgres.startAgain()
            try await coach.redis.startAgain()
            for process in early {
                try await eventually("\(process.program.name) is ready") {
                    try await HTTP.get(process.origin + "/health/ready").status == 200
                }
            }
            try await coach.connectWebhook()
            let chat = coach.chat()
            try await chat.send("voice", try await Fixtures.shortTalk.bytes)
            _ = try await chat.answer()
        }
    }

    @Test func `FLUSHALL costs nothing but a moment`() async throws {
        try await Deployment.run(Self.plan) { coach in
            let redis = RedisClient(configuration: try RedisConfiguration(uri: coach.redisURI))
            // A note that waits in the stream while nobody reads, and one that comes afterwards.
            for process in coach.processes(.audioWorker) { await process.program.destroy() }
            let waiting = coach.chat()
            try await waiting.send("voice", try await Fixtures.shortTalk.bytes)
            try await eventually("the hint is in the stream") {
                try await redis.send(RedisCommand("XLEN", "speech:transcribe")) == .integer(1)
            }
            _ = try await redis.send(RedisCommand("FLUSHALL"))
            try await coach.start(.audioWorker)
            _ = try await waiting.answer()

            // The feedback worker was blocked in a read when its group vanished.
            _ = try await redis.send(RedisCommand("FLUSHALL"))
            let next = coach.chat()
            try await next.send("voice", try await Fixtures.shortTalk.bytes)
            _ = try await next.answer()
            try await coach.ledger.settled(expecting: 6)
            for chat in [waiting, next] { #expect(await chat.results().count == 1) }
            await redis.close()
        }
    }

    @Test func `Postgres restarts in the middle of the work`() async throws {
        try await Deployment.run(Self.plan) { coach in
            coach.openAI.speech.failNext(.slow(.seconds(3)))
            let chat = coach.chat()
            try await chat.send("voice", try await Fixtures.shortTalk.bytes)
            await coach.openAI.speech.received(1)
            await coach.postgres.kill(signal: SIGKILL)
            try await coach.postgres.startAgain()
            let reply = try await chat.answer()
            try await coach.ledger.settled(expecting: 3)
            #expect(await chat.results() == [reply])
            // What was paid for is not paid for again.
            #expect(coach.openAI.speech.requests.count == 1)
            #expect(try await coach.ledger.jobs().allSatisfy { $0.crashes == 0 })
        }
    }
}
