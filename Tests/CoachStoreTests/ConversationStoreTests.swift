import CoachDomain
import CoachStore
import Testing

struct ConversationStoreTests {
    private func asked(_ fixture: LedgerFixture, _ body: SpeakerRequest = .progress, update: Int64 = 9)
        async throws -> (job: ClaimedJob, request: RequestToAnswer)
    {
        let request = IncomingRequest(
            userID: 7, chatID: 8, updateID: update, messageID: 4, languageCode: "en", body: body)
        let accepted = try await fixture.ledger.accept([request], botID: 1, deadline: nil)
        let job = try #require(
            try await fixture.ledger.claim(accepted.values.map(\.job), lease: .seconds(30)).first)
        return (job, try await fixture.ledger.requestToAnswer(try #require(job.requestID)))
    }

    @Test func `what changes and what is answered are one, and a stale lease writes neither`() async throws {
        let fixture = try await LedgerFixture()
        let (job, request) = try await asked(fixture)
        let effects: [ConversationEffect] = [.change(.focus(.pitch)), .change(.sendsCard(false))]
        let messages = [OutgoingMessage(RichText(text: "One")), OutgoingMessage(RichText(text: "Two"))]
        var stale = job.lease
        stale.token -= 1
        await #expect(throws: StoreError.fenced(job.lease.job)) {
            try await fixture.ledger.completeConversation(
                stale, of: request, effects: effects, messages: messages)
        }
        #expect(try await fixture.integer("select count(*) from outbound_messages") == 0)
        #expect(try await fixture.text("select settings::text from users") == "{}")

        let hints = try await fixture.ledger.completeConversation(
            job.lease, of: request, effects: effects, messages: messages)
        #expect(hints.map(\.stage) == [.deliver, .deliver])
        let settings = try await fixture.ledger.requestToAnswer(try #require(job.requestID)).person.settings
        #expect(settings == SpeakerSettings(focus: .pitch, sendsCard: false))
        await #expect(throws: StoreError.fenced(job.lease.job)) {
            try await fixture.ledger.completeConversation(
                job.lease, of: request, effects: effects, messages: messages)
        }
    }

    @Test func `a setting that is taken back leaves no trace`() async throws {
        let fixture = try await LedgerFixture()
        let (job, request) = try await asked(fixture)
        _ = try await fixture.ledger.completeConversation(
            job.lease, of: request,
            effects: [.change(.coachLanguage("de")), .change(.reminder(60)), .change(.utcOffset(-90))],
            messages: [])
        let (second, again) = try await asked(fixture, update: 10)
        #expect(again.person.language == "de" && again.person.settings.utcOffsetMinutes == -90)
        _ = try await fixture.ledger.completeConversation(
            second.lease, of: again, effects: [.change(.coachLanguage(nil)), .change(.reminder(nil))],
            messages: [])
        #expect(try await fixture.text("select settings::text from users") == #"{"utcOffsetMinutes": -90}"#)
    }

    @Test func `only the own note can be rehearsed, disputed or deleted`() async throws {
        let fixture = try await LedgerFixture()
        let stranger = fixture.note(update: 1, user: 99)
        let accepted = try await fixture.ledger.accept([stranger], botID: 1, deadline: nil)
        let theirs = try #require(accepted[1]?.note)
        let (job, request) = try await asked(fixture)
        #expect(try await !fixture.ledger.owns(request.person, theirs))
        _ = try await fixture.ledger.completeConversation(
            job.lease, of: request,
            effects: [.rehearse(theirs, within: .seconds(60)), .dispute(theirs), .delete(theirs)],
            messages: [])
        #expect(
            try await fixture.integer("select count(*) from voice_messages where disputed_at is null") == 1)
        #expect(
            try await fixture.integer("select count(*) from users where rehearsing_note is not null") == 0)
    }

    @Test func `the next note repeats the one that was chosen, and only in time`() async throws {
        let fixture = try await LedgerFixture()
        let first = try await fixture.claimedNote(update: 1)
        let note = try #require(first.note)
        let (job, request) = try await asked(fixture)
        _ = try await fixture.ledger.completeConversation(
            job.lease, of: request, effects: [.rehearse(note, within: .seconds(60))], messages: [])
        _ = try await fixture.ledger.accept([fixture.note(update: 2)], botID: 1, deadline: nil)
        #expect(
            try await fixture.integer("select rehearses::int from voice_messages where update_id = 2")
                == Int(note.rawValue))
        try await fixture.execute("update users set rehearsing_until = now() - interval '1 second'")
        _ = try await fixture.ledger.accept([fixture.note(update: 3)], botID: 1, deadline: nil)
        #expect(
            try await fixture.integer(
                "select count(*) from voice_messages where update_id = 3 and rehearses is null") == 1)
    }

    @Test func `a farewell is delivered before the last trace goes`() async throws {
        let fixture = try await LedgerFixture()
        _ = try await fixture.claimedNote()
        let (job, request) = try await asked(fixture, .erase(.confirm))
        let hints = try await fixture.ledger.completeConversation(
            job.lease, of: request, effects: [.erasePerson],
            messages: [OutgoingMessage(RichText(text: "Done."))])
        #expect(try await fixture.integer("select count(*) from voice_messages") == 0)
        #expect(try await fixture.integer("select count(*) from requests") == 0)
        let delivery = try #require(
            try await fixture.ledger.claim(hints.map(\.job), lease: .seconds(30)).first)
        let farewell = try await fixture.ledger.outboundMessage(try #require(delivery.outboundMessageID))
        #expect(farewell.kind == .farewell && farewell.face.body.text == "Done.")
        try await fixture.ledger.completeFarewell(delivery.lease, farewell)
        for table in ["users", "outbound_messages", "jobs", "job_events"] {
            #expect(try await fixture.integer("select count(*) from \(table)") == 0, "\(table)")
        }
    }

    @Test func `what follows an answer follows its delivery`() async throws {
        let fixture = try await LedgerFixture()
        let ledger = fixture.ledger
        let job = try await fixture.claimedNote()
        let note = try #require(job.note)
        let next = try await ledger.completeTranscription(
            job.lease, .sample, coachWithin: .seconds(25), calls: [])
        let coach = try #require(try await ledger.claim(next.map(\.job), lease: .seconds(30)).first)
        let delivery = try await ledger.completeCoaching(
            coach.lease, feedback: .sample, reply: OutgoingMessage(RichText(text: "Answer")),
            followUps: [OutgoingMessage(RichText(), attachment: .card(note))], calls: [])
        #expect(try await fixture.integer("select count(*) from outbound_messages") == 1)
        let claimed = try #require(try await ledger.claim([delivery], lease: .seconds(30)).first)
        let following = try await ledger.completeDelivery(claimed.lease, as: .delivered, messageID: 5)
        let extra = try #require(try await ledger.claim(following.map(\.job), lease: .seconds(30)).first)
        let message = try await ledger.outboundMessage(try #require(extra.outboundMessageID))
        #expect(message.kind == .extra && message.attachment == .card(note) && message.note == note)
        #expect(!message.kind.isShownInPlaceholder && message.successor == nil)
        try await ledger.completeDelivery(extra.lease, as: .delivered, messageID: 6, calls: [.sample])
        #expect(try await fixture.integer("select count(*) from provider_calls") == 1)
    }
}
