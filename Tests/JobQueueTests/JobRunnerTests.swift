import CoachDomain
import CoachStore
import Foundation
import JobQueue
import Postgres
import Redis
import Synchronization
import Testing

struct JobRunnerTests {
    @Test func `announced jobs are run once each, never more at once than allowed`() async throws {
        let fixture = try await QueueFixture()
        let ledger = fixture.ledger
        let handler = ScriptedHandler { job, _ in
            try? await Task.sleep(for: .milliseconds(20))
            return await ScriptedHandler.complete(job, ledger)
        }
        _ = try await fixture.accept(30)
        try await fixture.with([fixture.runner(handler, concurrency: 3)]) {
            try await eventually { try await fixture.states() == ["succeeded": 30] }
        }
        #expect(handler.totalRuns == 30 && handler.mostAtOnce == 3)
        #expect(try await fixture.length(of: .transcribe) == 0, "settled hints leave the stream")
        #expect(try await fixture.length(of: .coach) == 30, "each result announces the next stage")
    }

    @Test func `a hint that comes many times runs its job once`() async throws {
        let fixture = try await QueueFixture()
        let handler = ScriptedHandler.succeeding(fixture.ledger)
        let jobs = try await fixture.accept(3)
        for _ in 1...5 { try await fixture.hints.announce(jobs.map { JobHint(job: $0, stage: .transcribe) }) }
        try await fixture.with([
            fixture.runner(handler), fixture.runner(handler, consumer: "consumer-2"),
        ]) {
            try await eventually { try await fixture.length(of: .transcribe) == 0 }
        }
        #expect(handler.totalRuns == 3)
    }

    @Test func `rubbish in the stream is passed over`() async throws {
        let fixture = try await QueueFixture()
        for fields in [["job", "abc"], ["x", "1"], ["job", "999999"], ["job", ""]] {
            _ = try await fixture.client.send(RedisCommand(["XADD", "speech:transcribe", "*"] + fields))
        }
        let handler = ScriptedHandler.succeeding(fixture.ledger)
        _ = try await fixture.accept(1)
        try await fixture.with([fixture.runner(handler)]) {
            try await eventually { try await fixture.states() == ["succeeded": 1] }
            try await eventually { try await fixture.length(of: .transcribe) == 0 }
        }
    }

    @Test func `a job that fails for a while succeeds in the end`() async throws {
        let fixture = try await QueueFixture()
        let ledger = fixture.ledger
        let handler = ScriptedHandler { job, run in
            run < 3
                ? .failed(JobFailure(.transient, code: "test.flaky", detail: ""), calls: [])
                : await ScriptedHandler.complete(job, ledger)
        }
        let jobs = try await fixture.accept(1)
        try await fixture.with([fixture.runner(handler), fixture.sweeper]) {
            try await eventually { try await fixture.states() == ["succeeded": 1] }
        }
        let history = try await fixture.ledger.dossier(jobs[0]).history
            .filter { $0.stage == .transcribe }.map(\.event)
        #expect(
            history == [
                "accepted", "claimed", "failed", "due", "claimed", "failed", "due", "claimed", "completed",
            ])
    }

    @Test func `a job that cannot succeed dies at once and its speaker is told`() async throws {
        let fixture = try await QueueFixture()
        let handler = ScriptedHandler { _, _ in
            .failed(JobFailure(.permanent, code: "test.hopeless", detail: ""), calls: [])
        }
        _ = try await fixture.accept(1)
        try await fixture.with([fixture.runner(handler)]) {
            try await eventually { try await fixture.states() == ["dead": 1] }
            try await eventually { try await fixture.length(of: .deliver) == 1 }
        }
        #expect(handler.totalRuns == 1)
    }

    @Test func `work whose lease was taken away is stopped and writes nothing`() async throws {
        let fixture = try await QueueFixture()
        let handler = ScriptedHandler { _, _ in
            try? await Task.sleep(for: .seconds(600))
            return .failed(JobFailure(.transient, code: "test.cancelled", detail: ""), calls: [])
        }
        let jobs = try await fixture.accept(1)
        let runner = fixture.runner(handler) { $0.renewEvery = .milliseconds(50) }
        try await fixture.with([runner]) {
            try await eventually { handler.running == 1 }
            _ = try await fixture.ledger.cancel(jobs, reason: "test", advice: ["en": RichText(text: "Gone.")])
            try await eventually { handler.running == 0 }
        }
        #expect(try await fixture.states() == ["cancelled": 1])
        #expect(
            try await fixture.ledger.dossier(jobs[0]).history.map(\.event).last == "cancelled-by-operator")
    }

    @Test func `an attempt without end is stopped and tried again`() async throws {
        let fixture = try await QueueFixture()
        let ledger = fixture.ledger
        let handler = ScriptedHandler(longestAttempt: .milliseconds(200)) { job, run in
            if run > 1 { return await ScriptedHandler.complete(job, ledger) }
            try? await Task.sleep(for: .seconds(600))
            return .failed(JobFailure(.permanent, code: "test.cancelled", detail: ""), calls: [])
        }
        let jobs = try await fixture.accept(1)
        let runner = fixture.runner(handler) { $0.renewEvery = .milliseconds(50) }
        try await fixture.with([runner, fixture.sweeper]) {
            try await eventually { try await fixture.states() == ["succeeded": 1] }
        }
        let failed = try await fixture.ledger.dossier(jobs[0]).history.first { $0.event == "failed" }
        #expect(failed?.detail?.contains("stage.stuck") == true)
    }

    @Test func `a stopping worker finishes what it can and hands back the rest`() async throws {
        let fixture = try await QueueFixture()
        let ledger = fixture.ledger
        let handler = ScriptedHandler { job, _ in
            if job.lease.job.rawValue % 2 == 0 {
                try? await Task.sleep(for: .milliseconds(300))
                return await ScriptedHandler.complete(job, ledger)
            }
            try? await Task.sleep(for: .seconds(600))
            return .failed(JobFailure(.transient, code: "test.cancelled", detail: ""), calls: [])
        }
        let jobs = try await fixture.accept(4)
        let runner = fixture.runner(handler) { $0.grace = .seconds(2) }
        try await fixture.with([runner]) { try await eventually { handler.running == 4 } }
        #expect(try await fixture.states() == ["succeeded": 2, "ready": 2])
        let returned = try await fixture.ledger.claim(jobs, lease: .seconds(30))
        #expect(returned.count == 2 && returned.allSatisfy { $0.lifeCycle.attempts == 1 })
        #expect(try await fixture.length(of: .transcribe) == 2, "the next worker is told at once")
    }

    @Test func `a worker whose places are all taken stops in its grace too`() async throws {
        let fixture = try await QueueFixture()
        let handler = ScriptedHandler { _, _ in
            try? await Task.sleep(for: .seconds(600))
            return .failed(JobFailure(.transient, code: "test.cancelled", detail: ""), calls: [])
        }
        _ = try await fixture.accept(5)
        let runner = fixture.runner(handler, concurrency: 2) { $0.grace = .milliseconds(200) }
        try await fixture.with([runner]) { try await eventually { handler.running == 2 } }
        #expect(try await fixture.states() == ["ready": 5])
    }

    @Test func `hints that were read while the ledger was away are not forgotten`() async throws {
        let fixture = try await QueueFixture()
        let handler = ScriptedHandler.succeeding(fixture.ledger)
        _ = try await fixture.accept(3)
        try await fixture.execute("alter table jobs rename to jobs_away")
        try await fixture.with([fixture.runner(handler)]) {
            // Read, but not answered for.
            try await eventually {
                let pending = try? await fixture.client.send(
                    RedisCommand("XPENDING", "speech:transcribe", "workers"))
                return pending?.array?.first?.integer == 3
            }
            try await fixture.execute("alter table jobs_away rename to jobs")
            try await eventually { try await fixture.states() == ["succeeded": 3] }
        }
    }

    @Test func `a worker survives a Redis that is emptied under it`() async throws {
        let fixture = try await QueueFixture()
        let handler = ScriptedHandler.succeeding(fixture.ledger)
        try await fixture.with([fixture.runner(handler), fixture.sweeper]) {
            _ = try await fixture.accept(2)
            try await eventually { try await fixture.states() == ["succeeded": 2] }
            _ = try await fixture.client.send(RedisCommand("FLUSHDB"))
            try await fixture.execute(
                "update voice_messages set update_id = update_id + 100, message_id = message_id + 100")
            _ = try await fixture.accept(2)
            try await eventually { try await fixture.states() == ["succeeded": 4] }
        }
    }

    @Test func `a thousand notes of one person do not stand before those of others`() async throws {
        let fixture = try await QueueFixture()
        let order = Mutex<[Int64]>([])
        let ledger = fixture.ledger
        let handler = ScriptedHandler { job, _ in
            order.withLock { $0.append(job.lease.job.rawValue) }
            try? await Task.sleep(for: .milliseconds(5))
            return await ScriptedHandler.complete(job, ledger)
        }
        let flood = try await fixture.accept(200, of: 7)
        let others = try await fixture.accept(20, from: 1_000)
        try await fixture.with([fixture.runner(handler), fixture.sweeper]) {
            try await eventually { try await fixture.states() == ["succeeded": 220] }
        }
        let ran = order.withLock { $0 }.map { JobID($0) }
        #expect(Set(ran.prefix(40)).isSuperset(of: others), "they are through long before the flood is")
        let heard = ran.filter(flood.contains)
        #expect(heard == flood, "a person's notes keep their order")
    }

    @Test func `a paused stage starts nothing until it is resumed`() async throws {
        let fixture = try await QueueFixture()
        let handler = ScriptedHandler.succeeding(fixture.ledger)
        _ = try await fixture.ledger.pause(.transcribe, reason: "test", for: nil)
        let runner = fixture.runner(handler) { $0.pauseCheckEvery = .milliseconds(50) }
        try await fixture.with([runner, fixture.sweeper]) {
            _ = try await fixture.accept(3)
            try await Task.sleep(for: .milliseconds(300))
            #expect(handler.totalRuns == 0)
            _ = try await fixture.ledger.resume(.transcribe, reason: nil)
            try await eventually { try await fixture.states() == ["succeeded": 3] }
        }
    }

    @Test func `a rolling restart under load lets no lease run out`() async throws {
        let fixture = try await QueueFixture()
        let ledger = fixture.ledger
        let handler = ScriptedHandler { job, _ in
            try? await Task.sleep(for: .milliseconds(job.lease.job.rawValue % 7 == 0 ? 60_000 : 10))
            if Task.isCancelled {
                return .failed(JobFailure(.transient, code: "test.cancelled", detail: ""), calls: [])
            }
            return await ScriptedHandler.complete(job, ledger)
        }
        _ = try await fixture.accept(120)
        for round in 1...6 {
            let runners = (1...2).map { number in
                fixture.runner(handler, consumer: "round-\(round)-\(number)") { $0.grace = .milliseconds(50) }
            }
            try await fixture.with([JobRunners(runners)]) { try await Task.sleep(for: .milliseconds(120)) }
        }
        let rest = fixture.runner(ScriptedHandler.succeeding(ledger), consumer: "last")
        try await fixture.with([rest]) {
            try await eventually { try await fixture.states() == ["succeeded": 120] }
        }
        #expect(try await fixture.integer("select sum(crashes)::int8 from jobs") == 0)
        #expect(
            try await fixture.integer("select count(*) from job_events where event = 'lease-expired'") == 0)
    }

    @Test func `leases are renewed while every thread of the pool is busy`() async throws {
        let fixture = try await QueueFixture()
        let ledger = fixture.ledger
        let busy = Mutex(true)
        let handler = ScriptedHandler { job, _ in
            // A decoder that never lets go of its thread.
            while busy.withLock({ $0 }) {}
            return await ScriptedHandler.complete(job, ledger)
        }
        _ = try await fixture.accept(ProcessInfo.processInfo.activeProcessorCount + 2)
        let runner = fixture.runner(handler, concurrency: 16) {
            $0.renewEvery = .milliseconds(100)
            $0.lease = .milliseconds(600)
        }
        // Threads of their own, because the pool has none left for the test.
        let watch = Thread {
            Thread.sleep(forTimeInterval: 1.5)
            busy.withLock { $0 = false }
        }
        watch.start()
        try await fixture.with([runner]) {
            try await eventually { try await fixture.states()["succeeded"] ?? 0 >= 2 }
        }
        #expect(try await fixture.integer("select count(*) from jobs where crashes > 0") == 0)
        #expect(
            try await fixture.integer("select count(*) from job_events where event = 'lease-expired'") == 0)
    }
}
