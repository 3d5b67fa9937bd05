import CoachDomain
import CoachStore
import Testing

struct StageTests {
    @Test func `a note goes through its three stages, each with everything it found`() async throws {
        let fixture = try await LedgerFixture()
        let ledger = fixture.ledger
        let job = try await fixture.claimedNote()
        let note = try #require(job.note)
        let following = try await ledger.completeTranscription(
            job.lease, .sample, coachWithin: .seconds(25), calls: [.sample])

        let coach = try #require(try await ledger.claim(following.map(\.job), lease: .seconds(30)).first)
        #expect(coach.stage == .coach && coach.note == note)
        #expect(try #require(coach.timeLeft) > .seconds(20))
        let heard = try await ledger.noteToCoach(note)
        #expect(heard.transcript == TranscribedNote.sample.transcript)
        #expect(heard.metrics == TranscribedNote.sample.metrics)
        #expect(heard.audio == TranscribedNote.sample.audio)

        let reply = OutgoingMessage(
            RichText(text: "Answer", entities: [.init(type: .bold, offset: 0, length: 6)]),
            buttons: [[MessageButton("More", data: "note:1:tips")]])
        let deliveryID = try await ledger.completeCoaching(
            coach.lease, feedback: .sample, reply: reply, calls: [.sample])
        let delivery = try #require(try await ledger.claim([deliveryID], lease: .seconds(30)).first)
        let outbound = try await ledger.outboundMessage(try #require(delivery.outboundMessageID))
        #expect(outbound.face.body == reply.body && outbound.face.buttons == reply.buttons)
        #expect(outbound.kind == .feedback && outbound.note == note)
        try await ledger.completeDelivery(delivery.lease, as: .delivered, messageID: 55)

        #expect(try await fixture.integer("select count(*) from jobs where state = 'succeeded'") == 3)
        #expect(try await fixture.integer("select sum(cost_micro_usd)::int8 from provider_calls") == 400)
        let dossier = try await ledger.dossier(job.lease.job)
        #expect(dossier.siblings.map(\.stage) == [.transcribe, .coach, .deliver])
        #expect(dossier.calls.map(\.call) == [.sample, .sample])
        for job in dossier.siblings {
            let history = dossier.history.filter { $0.job == job.id }
            #expect(history.map(\.event) == ["accepted", "claimed", "completed"])
        }
    }

    @Test func `a dead job tells its speaker in the speaker's language`() async throws {
        let fixture = try await LedgerFixture()
        let accepted = try await fixture.ledger.accept(
            [fixture.note(language: "de-AT")], botID: 1, deadline: nil)
        let job = try #require(
            try await fixture.ledger.claim(accepted.values.map(\.job), lease: .seconds(30)).first)
        let adviceJob = try await fixture.ledger.fail(
            job.lease, failure: JobFailure(.permanent, code: "audio.not-audio", detail: "text"),
            next: JobLifeCycle(state: .dead, attempts: 1), delay: .zero, advice: advice, calls: [.sample])
        let adviceID = try #require(adviceJob.first?.job)
        let delivery = try #require(try await fixture.ledger.claim([adviceID], lease: .seconds(30)).first)
        let outbound = try await fixture.ledger.outboundMessage(try #require(delivery.outboundMessageID))
        #expect(outbound.face.body.text == "Leider." && outbound.kind == .advice && outbound.successor == nil)
        #expect(try await fixture.integer("select count(*) from provider_calls") == 1)
    }

    @Test func `a failure that time may heal tells nobody and waits`() async throws {
        let fixture = try await LedgerFixture()
        let job = try await fixture.claimedNote()
        let adviceJob = try await fixture.ledger.fail(
            job.lease, failure: JobFailure(.transient, code: "telegram.unavailable", detail: ""),
            next: JobLifeCycle(state: .retrying, attempts: 1), delay: .seconds(60), advice: advice)
        #expect(adviceJob.isEmpty)
        #expect(try await fixture.ledger.promoteDue(limit: 10).isEmpty)
        try await fixture.execute("update jobs set run_at = now()")
        #expect(
            try await fixture.ledger.promoteDue(limit: 10) == [
                JobHint(job: job.lease.job, stage: .transcribe)
            ])
        #expect(
            try await fixture.ledger.claim([job.lease.job], lease: .seconds(30)).first?.lifeCycle.attempts
                == 2)
    }

    @Test func `the third silent worker buries the job and tells the speaker`() async throws {
        let fixture = try await LedgerFixture()
        let id = try await fixture.claimedNote().lease.job
        for crash in 1...3 {
            if crash > 1 { _ = try await fixture.ledger.claim([id], lease: .seconds(30)) }
            try await fixture.execute(
                "update jobs set lease_expires_at = now() - interval '1 second' where state = 'leased'")
            let rescue = try await fixture.ledger.rescueExpired(limit: 10, crashLimit: 3, advice: advice)
            #expect(rescue.rescued == (crash < 3 ? 1 : 0))
            #expect(rescue.buried == (crash < 3 ? 0 : 1))
            #expect(rescue.ready.map(\.stage) == [crash < 3 ? .transcribe : .deliver])
        }
        #expect(try await fixture.text("select body->>'text' from outbound_messages") == "Sorry.")
    }

    @Test func `ready jobs are announced again once per look`() async throws {
        let fixture = try await LedgerFixture()
        _ = try await fixture.ledger.accept(
            (1...30).map { fixture.note(update: Int64($0), user: Int64($0)) }, botID: 1, deadline: nil)
        let backlog = try await fixture.ledger.backlog(.transcribe)
        #expect(backlog.waiting == 30)
        var seen: [JobHint] = []
        while case let batch = try await fixture.ledger.unannounced(
            .transcribe, since: backlog.asOf, limit: 7),
            !batch.isEmpty
        {
            seen += batch
        }
        #expect(seen.count == 30 && Set(seen).count == 30)
    }
}
