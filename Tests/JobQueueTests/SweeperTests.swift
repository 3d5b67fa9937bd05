import CoachDomain
import CoachStore
import JobQueue
import Redis
import Testing

struct SweeperTests {
    @Test func `jobs whose hints were lost with Redis are all announced again`() async throws {
        let fixture = try await QueueFixture()
        _ = try await fixture.accept(1_200)
        try await fixture.sweeper.sweep(audit: true)
        _ = try await fixture.client.send(RedisCommand("FLUSHDB"))
        try await fixture.sweeper.sweep(audit: true)
        #expect(try await fixture.length(of: .transcribe) == 1_200)
    }

    @Test func `a long queue with all its hints is left alone`() async throws {
        let fixture = try await QueueFixture()
        _ = try await fixture.accept(40)
        try await fixture.sweeper.sweep(audit: true)
        let before = try await fixture.length(of: .transcribe)
        try await fixture.execute("update jobs set announced_at = now() - interval '10 minutes'")
        try await fixture.sweeper.sweep(audit: true)
        #expect(try await fixture.length(of: .transcribe) == before)
    }

    @Test func `a hint that was never sent is made up for`() async throws {
        let fixture = try await QueueFixture()
        try await fixture.sweeper.sweep(audit: true)
        _ = try await fixture.accept(3, announced: false)
        try await fixture.sweeper.sweep(audit: true)
        #expect(try await fixture.length(of: .transcribe) == 0, "a fresh job's hint may be on its way")
        try await fixture.execute("update jobs set announced_at = now() - interval '31 seconds'")
        try await fixture.sweeper.sweep(audit: true)
        #expect(try await fixture.length(of: .transcribe) == 3)
    }

    @Test func `the jobs of a silent worker are given to others`() async throws {
        let fixture = try await QueueFixture()
        let jobs = try await fixture.accept(2, announced: false)
        _ = try await fixture.ledger.claim(jobs, lease: .milliseconds(1))
        try await eventually {
            try await fixture.sweeper.sweep(audit: false)
            return try await fixture.states() == ["ready": 2]
        }
        #expect(try await fixture.length(of: .transcribe) == 2)
    }

    @Test func `only one of many is told that Redis was emptied`() async throws {
        let fixture = try await QueueFixture()
        let told = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 1...10 { group.addTask { try await fixture.hints.wasEmptied() } }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(told == 1)
    }

    @Test func `hints of a dead worker go on, and its name is forgotten`() async throws {
        let fixture = try await QueueFixture()
        _ = try await fixture.accept(3)
        let reader = RedisStreamReader(
            configuration: fixture.redis, streams: ["speech:transcribe"], group: HintStream.group,
            consumer: "dead")
        #expect(try await reader.read(count: 2, block: .seconds(5)).count == 2)
        await reader.close()
        #expect(try await fixture.hints.forgetDead(.transcribe, silence: .zero) == 0, "two are pending")
        try await HintStream(redis: fixture.client, consumer: "dead").leave(.transcribe)
        #expect(try await fixture.length(of: .transcribe) == 3)
        let next = RedisStreamReader(
            configuration: fixture.redis, streams: ["speech:transcribe"], group: HintStream.group,
            consumer: "next")
        let hints = try await next.read(count: 5, block: .seconds(5))
        #expect(hints.count == 3)
        _ = try await fixture.hints.settle(hints.map(\.id), of: .transcribe)
        #expect(try await fixture.hints.forgetDead(.transcribe, silence: .zero) == 1)
        #expect(try await fixture.hints.forgetDead(.deliver, silence: .zero) == 0, "no such stream")
        await next.close()
    }

    @Test func `retries stand back behind fresh work, but not for long`() async throws {
        let fixture = try await QueueFixture()
        _ = try await fixture.accept(30)
        let late = try await fixture.accept(1, announced: false, from: 100)
        try await fixture.execute("update jobs set state = 'retrying', run_at = now() where id = \(late[0])")
        try await fixture.sweeper.sweep(audit: false)
        #expect(try await fixture.states() == ["ready": 30, "retrying": 1])
        try await fixture.execute(
            "update jobs set run_at = now() - interval '31 seconds' where id = \(late[0])")
        try await fixture.sweeper.sweep(audit: false)
        #expect(try await fixture.states() == ["ready": 31])
    }

    @Test func `ten thousand waiting notes of many people are told of in batches, once`() async throws {
        let fixture = try await QueueFixture()
        for batch in 0..<10 { _ = try await fixture.accept(1_000, announced: false, from: batch * 1_000 + 1) }
        let sweepers = (1...3).map { _ in fixture.sweeper }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for sweeper in sweepers { group.addTask { try await sweeper.sweep(audit: true) } }
            try await group.waitForAll()
        }
        #expect(try await fixture.length(of: .transcribe) == 10_000)
    }
}
