import CoachDomain
import CoachStore
import Testing

struct OperatorTests {
    private func deadJob(_ fixture: LedgerFixture, update: Int64 = 1) async throws -> JobID {
        let job = try await fixture.claimedNote(update: update)
        _ = try await fixture.ledger.fail(
            job.lease, failure: JobFailure(.permanent, code: "audio.damaged", detail: "cut off at 3 s"),
            next: JobLifeCycle(state: .dead, attempts: 1), delay: .zero, advice: advice)
        return job.lease.job
    }

    @Test func `two operators who retry the same job at once make one run`() async throws {
        let fixture = try await LedgerFixture()
        let id = try await deadJob(fixture)
        let results = try await withThrowingTaskGroup(of: OperatorOutcome.Result?.self) { group in
            for name in ["ann", "bob", "cat"] {
                group.addTask { try await fixture.another(name).retry([id], reason: "fixed").first?.result }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(results.count { $0 == .changed } == 1 && results.count { $0 == .refused } == 2)
        #expect(
            try await fixture.integer("select count(*) from job_events where event = 'retried-by-operator'")
                == 1)
        #expect(try await fixture.ledger.claim([id], lease: .seconds(30)).first?.lifeCycle.attempts == 1)
    }

    @Test func `a running job is not retried and an unknown one is named`() async throws {
        let fixture = try await LedgerFixture()
        let running = try await fixture.claimedNote().lease.job
        let outcomes = try await fixture.ledger.retry([running, JobID(999_999)], reason: nil)
        #expect(outcomes.map(\.result) == [.refused, .notFound])
        #expect(outcomes[0].state == .leased)
    }

    @Test func `cancelling a running job fences its worker`() async throws {
        let fixture = try await LedgerFixture()
        let job = try await fixture.claimedNote()
        #expect(try await fixture.ledger.cancel([job.lease.job], reason: "spam").first?.result == .changed)
        await #expect(throws: StoreError.fenced(job.lease.job)) {
            _ = try await fixture.ledger.completeTranscription(
                job.lease, .sample, coachWithin: .seconds(1), calls: [])
        }
        #expect(try await fixture.ledger.cancel([job.lease.job], reason: nil).first?.result == .refused)
    }

    @Test func `a listing can be narrowed by every filter`() async throws {
        let fixture = try await LedgerFixture()
        let dead = try await deadJob(fixture, update: 1)
        _ = try await fixture.ledger.accept([fixture.note(update: 2, user: 8)], botID: 1, deadline: nil)
        func ids(_ narrow: (inout JobFilter) -> Void) async throws -> [Int64] {
            var filter = JobFilter()
            narrow(&filter)
            return try await fixture.ledger.jobs(filter).map(\.id)
        }
        #expect(try await ids { _ in }.count == 3)
        #expect(try await ids { $0.state = .dead } == [dead.rawValue])
        #expect(try await ids { $0.error = "DAMAGED" } == [dead.rawValue])
        #expect(try await ids { $0.error = "3 s" } == [dead.rawValue])
        #expect(try await ids { $0.error = "%" }.isEmpty)
        #expect(try await ids { $0.userID = 8 }.count == 1)
        #expect(try await ids { $0.stage = .deliver }.count == 1)
        #expect(try await ids { $0.ids = [dead] } == [dead.rawValue])
        #expect(try await ids { $0.limit = 2 }.count == 2)
        #expect(try await ids { $0.since = .seconds(3600) }.count == 3)
        try await fixture.execute("update jobs set created_at = now() - interval '2 hours'")
        #expect(try await ids { $0.since = .seconds(3600) }.isEmpty)
    }

    @Test func `counts show every stage and state`() async throws {
        let fixture = try await LedgerFixture()
        _ = try await deadJob(fixture)
        let counts = try await fixture.ledger.jobCounts()
        #expect(counts.map(\.stage) == [.deliver, .transcribe])
        #expect(counts.map(\.state) == [.ready, .dead])
        #expect(counts.allSatisfy { $0.count == 1 })
    }

    @Test func `an unknown job has no dossier`() async throws {
        let fixture = try await LedgerFixture()
        await #expect(throws: StoreError.notFound("job 12345")) {
            _ = try await fixture.ledger.dossier(JobID(12345))
        }
    }
}
