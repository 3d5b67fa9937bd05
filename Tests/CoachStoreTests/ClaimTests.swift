import CoachDomain
import CoachStore
import Testing

struct ClaimTests {
    @Test func `a job is claimed by one of many`() async throws {
        let fixture = try await LedgerFixture()
        let accepted = try await fixture.ledger.accept(
            (1...40).map { fixture.note(update: Int64($0), user: Int64($0)) }, botID: 1, deadline: nil)
        let ids = accepted.values.map(\.job)
        let claims = try await withThrowingTaskGroup(of: [ClaimedJob].self) { group in
            for worker in 1...8 {
                group.addTask {
                    try await fixture.another("worker-\(worker)").claim(ids.shuffled(), lease: .seconds(30))
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        // Skipping locked rows may leave some for the next hint, but never gives one out twice.
        #expect(Set(claims.map(\.lease.job)).count == claims.count)
        let rest = try await fixture.ledger.claim(ids, lease: .seconds(30))
        #expect(claims.count + rest.count == 40)
        #expect(claims.allSatisfy { $0.lifeCycle.attempts == 1 && $0.lease.token == 1 })
    }

    @Test func `a job that is not due yet cannot be claimed`() async throws {
        let fixture = try await LedgerFixture()
        let accepted = try await fixture.ledger.accept([fixture.note()], botID: 1, deadline: nil)
        try await fixture.execute("update jobs set state = 'retrying', run_at = now() + interval '1 hour'")
        #expect(try await fixture.ledger.claim(accepted.values.map(\.job), lease: .seconds(30)).isEmpty)
    }

    @Test func `a clock that was set back starves nobody`() async throws {
        let fixture = try await LedgerFixture()
        let waiting = try await fixture.ledger.accept([fixture.note()], botID: 1, deadline: nil)
        // As a clock that went back by three hours leaves them.
        try await fixture.execute("update jobs set run_at = now() + interval '3 hours'")
        let job = try #require(
            try await fixture.ledger.claim(waiting.values.map(\.job), lease: .seconds(30)).first)
        try await fixture.execute("update jobs set lease_expires_at = now() + interval '3 hours'")
        try await fixture.ledger.clampToClock(lease: .seconds(30), wait: .seconds(3_600))
        #expect(
            try await fixture.integer(
                "select count(*) from jobs where lease_expires_at <= now() + interval '31 seconds'") == 1)
        #expect(try await fixture.ledger.renew([job.lease], for: .seconds(30)) == [job.lease.job])
        _ = try await fixture.ledger.fail(
            job.lease, failure: JobFailure(.transient, code: "x", detail: ""),
            next: JobLifeCycle(state: .retrying, attempts: 1), delay: .seconds(14_400), advice: advice)
        try await fixture.ledger.clampToClock(lease: .seconds(30), wait: .seconds(3_600))
        #expect(
            try await fixture.integer("select count(*) from jobs where run_at <= now() + interval '1 hour'")
                == 1)
    }

    @Test func `a stale token can write nothing`() async throws {
        let fixture = try await LedgerFixture()
        let zombie = try await fixture.claimedNote()
        try await fixture.execute("update jobs set lease_expires_at = now() - interval '1 second'")
        _ = try await fixture.ledger.rescueExpired(limit: 10, crashLimit: 3, advice: advice)
        let owner = try #require(
            try await fixture.ledger.claim([zombie.lease.job], lease: .seconds(30)).first)
        #expect(owner.lease.token > zombie.lease.token)

        await #expect(throws: StoreError.fenced(zombie.lease.job)) {
            _ = try await fixture.ledger.completeTranscription(
                zombie.lease, .sample, coachWithin: .seconds(25), calls: [.sample])
        }
        await #expect(throws: StoreError.fenced(zombie.lease.job)) {
            _ = try await fixture.ledger.fail(
                zombie.lease, failure: JobFailure(.permanent, code: "x", detail: ""),
                next: JobLifeCycle(state: .dead), delay: .zero, advice: advice)
        }
        #expect(try await fixture.ledger.renew([zombie.lease], for: .seconds(30)).isEmpty)
        #expect(try await fixture.ledger.handBack([zombie.lease]).isEmpty)
        for table in ["transcripts", "speech_metrics", "provider_calls", "outbound_messages"] {
            #expect(try await fixture.integer("select count(*) from \(table)") == 0)
        }
        #expect(try await fixture.text("select state from jobs") == "leased")
        _ = try await fixture.ledger.completeTranscription(
            owner.lease, .sample, coachWithin: .seconds(25), calls: [])
    }

    @Test func `renewing moves the end of a lease and handing back frees it at once`() async throws {
        let fixture = try await LedgerFixture()
        let job = try await fixture.claimedNote()
        try await fixture.execute("update jobs set lease_expires_at = now() + interval '1 second'")
        #expect(try await fixture.ledger.renew([job.lease], for: .seconds(30)) == [job.lease.job])
        #expect(
            try await fixture.integer(
                "select count(*) from jobs where lease_expires_at > now() + interval '20 seconds'") == 1)
        #expect(try await fixture.ledger.handBack([job.lease]) == [job.lease.job])
        let again = try #require(try await fixture.ledger.claim([job.lease.job], lease: .seconds(30)).first)
        #expect(again.lifeCycle.attempts == 1, "a handed-back attempt is not counted")
    }
}
