import CoachDomain
import CoachStore
import Testing

struct NoticeTests {
    private func notices(_ fixture: LedgerFixture) async throws -> [JobHint] {
        try await fixture.ledger.noticeDelays(olderThan: .seconds(120), text: advice, limit: 10)
    }

    private func failedNote(_ fixture: LedgerFixture) async throws -> ClaimedJob {
        let job = try await fixture.claimedNote()
        _ = try await fixture.ledger.fail(
            job.lease, failure: JobFailure(.transient, code: "x", detail: ""),
            next: JobLifeCycle(state: .retrying, attempts: 1), delay: .seconds(60), advice: advice)
        return job
    }

    private func message(_ fixture: LedgerFixture, _ job: JobID) async throws -> OutboundMessage {
        let claimed = try #require(try await fixture.ledger.claim([job], lease: .seconds(30)).first)
        return try await fixture.ledger.outboundMessage(try #require(claimed.outboundMessageID))
    }

    @Test func `trouble of two minutes is told once`() async throws {
        let fixture = try await LedgerFixture()
        _ = try await failedNote(fixture)
        #expect(try await notices(fixture).isEmpty, "not yet")
        try await fixture.execute("update jobs set retry_since = retry_since - interval '121 seconds'")
        let told = try await notices(fixture)
        #expect(told.map(\.stage) == [.deliver])
        #expect(try await notices(fixture).isEmpty)
        let notice = try await message(fixture, told[0].job)
        #expect(notice.kind == .notice && notice.face.body.text == "Sorry." && notice.successor == nil)
    }

    @Test func `a long note without trouble is no reason to speak`() async throws {
        let fixture = try await LedgerFixture()
        _ = try await fixture.claimedNote()
        try await fixture.execute("update jobs set retry_since = retry_since - interval '1 hour'")
        #expect(try await notices(fixture).isEmpty)
    }

    @Test func `the answer stands above the notice whenever the notice is shown`() async throws {
        let fixture = try await LedgerFixture()
        let job = try await failedNote(fixture)
        try await fixture.execute("update jobs set retry_since = retry_since - interval '121 seconds'")
        let told = try await notices(fixture)
        try await fixture.execute(
            "update jobs set state = 'ready', run_at = now() where id = \(job.lease.job)")
        let again = try #require(try await fixture.ledger.claim([job.lease.job], lease: .seconds(30)).first)
        let following = try await fixture.ledger.completeTranscription(
            again.lease, .sample, coachWithin: .seconds(25), calls: [])
        let coach = try #require(
            try await fixture.ledger.claim(following.map(\.job), lease: .seconds(30)).first)
        let answer = try await fixture.ledger.completeCoaching(
            coach.lease, feedback: .sample, reply: OutgoingMessage(RichText(text: "Answer")), calls: [])
        #expect(try await message(fixture, told[0].job).successor?.body.text == "Answer")
        #expect(try await message(fixture, answer).successor == nil)
        #expect(try await notices(fixture).isEmpty)
    }

    @Test func `a note in a paused stage is told of, too`() async throws {
        let fixture = try await LedgerFixture()
        _ = try await fixture.ledger.accept([fixture.note()], botID: 1, deadline: nil)
        try await fixture.execute("update jobs set retry_since = retry_since - interval '121 seconds'")
        #expect(try await notices(fixture).isEmpty)
        _ = try await fixture.ledger.pause(.transcribe, reason: nil, for: nil)
        #expect(try await notices(fixture).count == 1)
    }
}
