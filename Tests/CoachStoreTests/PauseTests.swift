import CoachDomain
import CoachStore
import Testing

struct PauseTests {
    @Test func `a paused stage gives out no job, and its pause ends by hand or by time`() async throws {
        let fixture = try await LedgerFixture()
        let ledger = fixture.ledger
        let jobs = try await ledger.accept([fixture.note()], botID: 1, deadline: nil).values.map(\.job)
        let pause = try await ledger.pause(.transcribe, reason: "key expired", for: .seconds(600))
        #expect(pause.stage == .transcribe && pause.reason == "key expired" && pause.pausedBy == ledger.actor)
        #expect(try await ledger.pauses() == [pause])
        #expect(try await ledger.claim(jobs, lease: .seconds(30)).isEmpty)

        try await fixture.execute("update stage_pauses set expires_at = now()")
        #expect(try await ledger.pauses().isEmpty)
        #expect(try await ledger.resume(.transcribe, reason: nil) == false, "it had run out")
        let claimed = try await ledger.claim(jobs, lease: .seconds(30))
        #expect(claimed.count == 1)
        _ = try await ledger.handBack(claimed.map(\.lease))

        _ = try await ledger.pause(.transcribe, reason: nil, for: nil)
        _ = try await ledger.pause(.coach, reason: nil, for: nil)
        #expect(try await ledger.claim(jobs, lease: .seconds(30)).isEmpty)
        #expect(try await ledger.resume(.transcribe, reason: "new key"))
        #expect(try await ledger.claim(jobs, lease: .seconds(30)).count == 1)
        #expect(try await ledger.pauses().map(\.stage) == [.coach])
    }

    @Test func `who paused and resumed, and why, is kept`() async throws {
        let fixture = try await LedgerFixture()
        _ = try await fixture.another("operator:ann").pause(
            .deliver, reason: "Telegram is down", for: .seconds(60))
        _ = try await fixture.another("operator:bob").resume(.deliver, reason: "it is back")
        _ = try await fixture.ledger.resume(.deliver, reason: nil)
        #expect(
            try await fixture.text(
                """
                select string_agg(action || ' ' || actor || ' ' || (detail->>'stage') || ' ' || (detail->>'reason'),
                    '; ' order by id) from operator_actions
                """)
                == "stage-paused operator:ann deliver Telegram is down; "
                + "stage-resumed operator:bob deliver it is back")
    }

    @Test func `work that was begun ends in spite of a pause`() async throws {
        let fixture = try await LedgerFixture()
        let job = try await fixture.claimedNote()
        _ = try await fixture.ledger.pause(.transcribe, reason: nil, for: nil)
        #expect(try await fixture.ledger.renew([job.lease], for: .seconds(30)) == [job.lease.job])
        _ = try await fixture.ledger.completeTranscription(
            job.lease, .sample, coachWithin: .seconds(25), calls: [])
    }
}
