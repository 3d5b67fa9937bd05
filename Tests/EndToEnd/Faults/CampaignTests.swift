import EmbeddedStack
import Foundation
import ProviderFakes
import Redis
import Testing

/// Notes under a seeded mix of faults. `FAULTS_NOTES` and `FAULTS_SEED` choose how many and which.
struct CampaignTests {
    private static func setting(_ name: String, _ usual: UInt64) -> UInt64 {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) } ?? usual
    }

    @Test func `a seeded mix of faults loses and doubles nothing`() async throws {
        let notes = Int(Self.setting("FAULTS_NOTES", 24))
        let seed = Self.setting("FAULTS_SEED", 1)
        try await FaultRange.run { range in
            var campaign = Campaign(range: range, seed: seed)
            let (sent, chats) = try await campaign.run(notes: notes)
            do {
                let (verdict, took) = try await range.verdict(sent, chats, within: .seconds(180))
                let report =
                    "seed \(seed), \(campaign.faults.count) faults, settled \(took) after healing: \(verdict)"
                print(report)
                #expect(verdict.isClean, "\(report)\nrepeat: FAULTS_SEED=\(seed) FAULTS_NOTES=\(notes)")
            } catch {
                throw NeverHappened(
                    description: "FAULTS_SEED=\(seed) FAULTS_NOTES=\(notes): \(error)\n\(campaign.faults)")
            }
        }
    }
}

/// Draws faults from a seed while notes arrive, and heals everything at the end.
struct Campaign {
    enum Fault: Hashable, Sendable {
        case kill(Deployment.Role), freeze(Deployment.Role), terminate(Deployment.Role)
        case link(FaultRange.Link, LinkTests.Trouble)
        case flushRedis, restartRedis, freezeRedis, restartPostgres, crashPostgres
        case rateLimitTelegram, loseAnswer, breakGateway
        case recognizer(ProviderFakes.Fault), model(ProviderFakes.Fault)
    }

    private let range: FaultRange
    private var random: SplitMix
    private(set) var faults: [Fault] = []

    init(range: FaultRange, seed: UInt64) {
        self.range = range
        random = SplitMix(state: seed)
    }

    /// - Returns: What was sent, and the people who sent it.
    mutating func run(notes: Int) async throws -> (sent: [FaultOracle.Sent], chats: [Chat]) {
        var sent: [FaultOracle.Sent] = []
        var chats: [Chat] = []
        // Vendors take their time, so that faults find work in hand.
        range.coach.openAI.speech.failAlways(.slow(.milliseconds(700)))
        range.coach.openAI.chat.failAlways(.slow(.milliseconds(400)))
        while sent.count < notes {
            let count = min(notes - sent.count, Int.random(in: 2...6, using: &random))
            let pause = Duration.milliseconds(Int.random(in: 0...900, using: &random))
            let length = Duration.milliseconds(Int.random(in: 500...4_000, using: &random))
            let fault = draw()
            faults.append(fault)
            let (range, striker) = (range, self)
            async let striking: Void = striker.strike(fault, after: pause, for: length)
            for _ in 0..<count {
                let more = try await range.send(1)
                sent += more.sent
                chats += more.chats
                try await Task.sleep(for: .milliseconds(100))
            }
            try await striking
        }
        await range.coach.healTelegram()
        range.coach.openAI.speech.heal()
        range.coach.openAI.chat.heal()
        return (sent, chats)
    }

    private mutating func draw() -> Fault {
        let roles = [Deployment.Role.webhook, .audioWorker, .feedbackWorker]
        let vendor: [ProviderFakes.Fault] = [
            .rateLimited(), .serverError, .badGateway, .truncatedJSON, .hangUp, .reset, .slow(.seconds(2)),
            .emptyBody,
        ]
        let role = roles.randomElement(using: &random) ?? .webhook
        let link = FaultRange.Link.allCases.randomElement(using: &random) ?? .redis
        let trouble = LinkTests.Trouble.allCases.randomElement(using: &random) ?? .cut
        let failure = vendor.randomElement(using: &random) ?? .hangUp
        let all: [Fault] = [
            .kill(role), .freeze(role), .terminate(role), .link(link, trouble), .link(link, trouble),
            .flushRedis,
            .restartRedis, .freezeRedis, .restartPostgres, .crashPostgres, .rateLimitTelegram, .loseAnswer,
            .breakGateway, .recognizer(failure), .model(failure),
        ]
        return all.randomElement(using: &random) ?? .flushRedis
    }

    private func strike(_ fault: Fault, after pause: Duration, for duration: Duration) async throws {
        try await Task.sleep(for: pause)
        let coach = range.coach
        let victims = coach.processes.filter { $0.program.isRunning }
        switch fault {
        case .kill(let role): victims.first { $0.role == role }?.program.send(SIGKILL)
        case .terminate(let role): victims.first { $0.role == role }?.program.send(SIGTERM)
        case .freeze(let role):
            let victim = victims.first { $0.role == role }
            victim?.program.send(SIGSTOP)
            try await Task.sleep(for: duration)
            victim?.program.send(SIGCONT)
        case .link(let link, let trouble): try await range.afflict(link, trouble, for: duration) {}
        case .flushRedis:
            let client = RedisClient(configuration: try RedisConfiguration(uri: coach.redisURI))
            _ = try? await client.send(RedisCommand("FLUSHALL"))
            await client.close()
        case .restartRedis:
            await coach.redis.stop()
            try await Task.sleep(for: duration)
            try await coach.redis.startAgain()
        case .freezeRedis:
            await coach.redis.freeze()
            try await Task.sleep(for: duration)
            await coach.redis.thaw()
        case .restartPostgres:
            await coach.postgres.stop()
            try await Task.sleep(for: duration)
            try await coach.postgres.startAgain()
        case .crashPostgres:
            try await coach.postgres.crash()
            try await Task.sleep(for: duration)
            try await coach.postgres.startAgain()
        case .rateLimitTelegram: await coach.limitRate(of: "*", seconds: 2, times: 2)
        case .loseAnswer: await coach.loseAnswer(of: "*", times: 2)
        case .breakGateway: await coach.breakGateway(before: "*", times: 2)
        case .recognizer(let fault): coach.openAI.speech.failNext(fault)
        case .model(let fault): coach.openAI.chat.failNext(fault)
        }
    }
}

/// Steele, Lea and Flood's SplitMix64: small, and the same everywhere.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
