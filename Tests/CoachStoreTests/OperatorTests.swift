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
        let cancelled = try await fixture.ledger.cancel([job.lease.job], reason: "spam", advice: advice)
        #expect(cancelled.outcomes.first?.result == .changed)
        await #expect(throws: StoreError.fenced(job.lease.job)) {
            _ = try await fixture.ledger.completeTranscription(
                job.lease, .sample, coachWithin: .seconds(1), calls: [])
        }
        let again = try await fixture.ledger.cancel([job.lease.job], reason: nil, advice: advice)
        #expect(again.outcomes.first?.result == .refused)
        #expect(again.telling.isEmpty)
    }

    @Test func `who waits for a cancelled note is told once, who was told already is not`() async throws {
        let fixture = try await LedgerFixture()
        let dead = try await deadJob(fixture, update: 1)
        let running = try await fixture.claimedNote(update: 2)
        let change = try await fixture.ledger.cancel([running.lease.job, dead], reason: nil, advice: advice)
        #expect(change.outcomes.map(\.result) == [.changed, .changed])
        #expect(change.telling.map(\.stage) == [.deliver])
        let told = try #require(
            try await fixture.ledger.claim(change.telling.map(\.job), lease: .seconds(30)).first)
        #expect(told.note == running.note)
        let message = try await fixture.ledger.outboundMessage(try #require(told.outboundMessageID))
        #expect(
            message.kind == .advice && message.face.body == RichText(text: "Sorry.")
                && message.successor == nil)
        #expect(
            try await fixture.integer("select count(*) from outbound_messages where kind = 'advice'") == 2)
    }

    @Test func `a cancelled delivery is told of in place of the coaching`() async throws {
        let fixture = try await LedgerFixture()
        let job = try await fixture.claimedNote()
        let coach = try await fixture.ledger.completeTranscription(
            job.lease, .sample, coachWithin: .seconds(25), calls: [])
        let coaching = try #require(
            try await fixture.ledger.claim(coach.map(\.job), lease: .seconds(30)).first)
        let delivery = try await fixture.ledger.completeCoaching(
            coaching.lease, feedback: .sample, reply: OutgoingMessage(RichText(text: "Well spoken.")),
            calls: [])
        let change = try await fixture.ledger.cancel([delivery], reason: nil, advice: advice)
        let telling = try #require(
            try await fixture.ledger.claim(change.telling.map(\.job), lease: .seconds(30)).first)
        let message = try await fixture.ledger.outboundMessage(try #require(telling.outboundMessageID))
        #expect(message.face.body == RichText(text: "Sorry.") && message.successor == nil)
        // To cancel the word of it, too, leads to nothing more.
        let last = try await fixture.ledger.cancel([telling.lease.job], reason: nil, advice: advice)
        #expect(last.outcomes.first?.result == .changed && last.telling.isEmpty)
    }

    @Test func `the dossier holds the note, every event, every call and every delivery`() async throws {
        let fixture = try await LedgerFixture()
        let job = try await fixture.claimedNote()
        let coach = try await fixture.ledger.completeTranscription(
            job.lease, .sample, coachWithin: .seconds(25), calls: [.sample])
        let coaching = try #require(
            try await fixture.ledger.claim(coach.map(\.job), lease: .seconds(30)).first)
        let delivery = try await fixture.ledger.completeCoaching(
            coaching.lease, feedback: .sample, reply: OutgoingMessage(RichText(text: "Well spoken.")),
            calls: [])
        let delivering = try #require(try await fixture.ledger.claim([delivery], lease: .seconds(30)).first)
        try await fixture.ledger.completeDelivery(delivering.lease, as: .delivered, messageID: 77)
        for id in [job.lease.job, delivery] {
            let dossier = try await fixture.ledger.dossier(id)
            #expect(dossier.note?.updateID == 1 && dossier.note?.kind == "voice")
            #expect(dossier.siblings.map(\.stage) == [.transcribe, .coach, .deliver])
            for event in ["accepted", "claimed", "completed"] {
                #expect(dossier.history.count { $0.event == event } == 3)
            }
            #expect(dossier.calls.map(\.call.provider) == ["openai"])
            #expect(dossier.messages.map(\.kind) == ["feedback"])
            #expect(dossier.messages.first?.state == "delivered" && dossier.messages.first?.message == 77)
            #expect(dossier.messages.first?.deliveredAt != nil)
        }
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
