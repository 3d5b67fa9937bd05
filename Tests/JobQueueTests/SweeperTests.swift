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
        #expect(try await fixture.hints.length(of: .transcribe) == 1_200)
    }

    @Test func `a long queue with all its hints is left alone`() async throws {
        let fixture = try await QueueFixture()
        _ = try await fixture.accept(40)
        try await fixture.sweeper.sweep(audit: true)
        let before = try await fixture.hints.length(of: .transcribe)
        try await fixture.execute("update jobs set announced_at = now() - interval '10 minutes'")
        try await fixture.sweeper.sweep(audit: true)
        #expect(try await fixture.hints.length(of: .transcribe) == before)
    }

    @Test func `a hint that was never sent is made up for`() async throws {
        let fixture = try await QueueFixture()
        try await fixture.sweeper.sweep(audit: true)
        _ = try await fixture.accept(3, announced: false)
        try await fixture.sweeper.sweep(audit: true)
        #expect(try await fixture.hints.length(of: .transcribe) == 0, "a fresh job's hint may be on its way")
        try await fixture.execute("update jobs set announced_at = now() - interval '31 seconds'")
        try await fixture.sweeper.sweep(audit: true)
        #expect(try await fixture.hints.length(of: .transcribe) == 3)
    }

    @Test func `the jobs of a silent worker are given to others`() async throws {
        let fixture = try await QueueFixture()
        let jobs = try await fixture.accept(2, announced: false)
        _ = try await fixture.ledger.claim(jobs, lease: .milliseconds(1))
        try await eventually {
            try await fixture.sweeper.sweep(audit: false)
            return try await fixture.states() == ["ready": 2]
        }
        #expect(try await fixture.hints.length(of: .transcribe) == 2)
    }

    @Test func `only one of many is told that Redis was emptied`() async throws {
        let fixture = try await QueueFixture()
        let told = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 1...10 { group.addTask { try await fixture.hints.wasEmptied() } }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(told == 1)
    }
}
