import CoachDomain
import CoachStore
import Foundation
import Testing

struct RetentionTests {
    /// One note that was heard and coached, with its answer delivered.
    private func coached(_ fixture: LedgerFixture, update: Int64 = 1) async throws -> NoteID {
        let ledger = fixture.ledger
        let job = try await fixture.claimedNote(update: update)
        let next = try await ledger.completeTranscription(
            job.lease, .sample, heard: RichText(text: "words"), coachWithin: .seconds(25), calls: [.sample])
        let coach = try #require(
            try await ledger.claim(next.map(\.job), lease: .seconds(30)).first { $0.stage == .coach })
        let delivery = try await ledger.completeCoaching(
            coach.lease, feedback: .sample, reply: OutgoingMessage(RichText(text: "Answer")), calls: [])
        let claimed = try #require(try await ledger.claim([delivery], lease: .seconds(30)).first)
        try await ledger.completeDelivery(claimed.lease, as: .delivered, messageID: 5)
        return try #require(job.note)
    }

    @Test func `old words go and numbers stay`() async throws {
        let fixture = try await LedgerFixture()
        let note = try await coached(fixture)
        try await fixture.ledger.keepSpokenText(
            VoiceClip(bytes: [1, 2], seconds: 1), under: "key", for: note)
        #expect(try await fixture.ledger.forgetWords(olderThan: 180, limit: 10) == 0)
        try await fixture.execute("update voice_messages set received_at = received_at - interval '181 days'")
        #expect(try await fixture.ledger.forgetWords(olderThan: 180, limit: 10) == 1)
        #expect(try await fixture.ledger.forgetWords(olderThan: 180, limit: 10) == 0, "once")

        for table in ["transcripts", "feedback", "outbound_messages", "spoken_texts", "spoken_text_uses"] {
            #expect(try await fixture.integer("select count(*) from \(table)") == 0, "\(table)")
        }
        #expect(try await fixture.integer("select count(*) from speech_metrics") == 1)
        #expect(try await fixture.text("select file_id from voice_messages") == "")
        #expect(try await fixture.ledger.coachedNote(note) == nil)
    }

    @Test func `sound is paid for once and kept as long as one of its notes`() async throws {
        let fixture = try await LedgerFixture()
        let first = try await coached(fixture, update: 1)
        let second = try await coached(fixture, update: 2)
        try await fixture.ledger.keepSpokenText(VoiceClip(bytes: [7], seconds: 1), under: "k", for: first)
        #expect(try await fixture.ledger.spokenText("k", for: second) == [7])
        #expect(try await fixture.ledger.spokenText("other", for: second) == nil)
        try await fixture.execute(
            "update voice_messages set received_at = received_at - interval '1 year' where id = \(first)")
        #expect(try await fixture.ledger.forgetWords(olderThan: 180, limit: 10) == 1)
        #expect(try await fixture.ledger.spokenText("k", for: second) == [7])
        try await fixture.execute("update voice_messages set received_at = received_at - interval '1 year'")
        #expect(try await fixture.ledger.forgetWords(olderThan: 180, limit: 10) == 1)
        #expect(try await fixture.integer("select count(*) from spoken_texts") == 0)
    }

    @Test func `an operator's erasure takes everything of one person and nothing of others`() async throws {
        let fixture = try await LedgerFixture()
        let note = try await coached(fixture)
        try await fixture.ledger.keepSpokenText(VoiceClip(bytes: [7], seconds: 1), under: "k", for: note)
        let other = fixture.note(update: 50, user: 8)
        _ = try await fixture.ledger.accept([other], botID: 1, deadline: nil)
        #expect(try await fixture.ledger.erase(userID: 7, reason: "asked by letter") == 1)
        #expect(try await fixture.ledger.erase(userID: 7, reason: nil) == nil, "nobody is left")
        #expect(try await fixture.integer("select count(*) from users") == 1)
        #expect(try await fixture.integer("select count(*) from voice_messages") == 1)
        for table in ["transcripts", "feedback", "speech_metrics", "outbound_messages", "spoken_texts"] {
            #expect(try await fixture.integer("select count(*) from \(table)") == 0, "\(table)")
        }
        #expect(try await fixture.integer("select count(*) from provider_calls") == 1, "the bill stays")
        #expect(
            try await fixture.text("select detail ->> 'reason' from operator_actions") == "asked by letter")
    }
}

struct ReminderTests {
    private let messages = [
        "en": OutgoingMessage(RichText(text: "Practise?")), "de": OutgoingMessage(RichText(text: "Üben?")),
    ]

    /// A person whose clock shows the reminder's minute at this moment.
    private func person(_ fixture: LedgerFixture, language: String = "de") async throws {
        try await fixture.execute(
            """
            insert into users (bot_id, telegram_user_id, language_code, settings)
            select 1, 7, '\(language)', jsonb_build_object('utcOffsetMinutes', 120, 'reminderMinute',
                (extract(hour from t) * 60 + extract(minute from t))::int)
            from (select (now() at time zone 'UTC') + interval '120 minutes' as t) clock
            """)
    }

    private func remind(_ fixture: LedgerFixture) async throws -> [JobHint] {
        try await fixture.ledger.remind(messages, limit: 10)
    }

    @Test func `once a day, in the person's language`() async throws {
        let fixture = try await LedgerFixture()
        try await person(fixture)
        let told = try await remind(fixture)
        #expect(told.map(\.stage) == [.deliver])
        #expect(try await remind(fixture).isEmpty)
        #expect(try await fixture.text("select body ->> 'text' from outbound_messages") == "Üben?")
        #expect(try await fixture.integer("select chat_id::int from outbound_messages") == 7)
        try await fixture.execute("update users set reminded_at = reminded_at - interval '1 day'")
        #expect(try await remind(fixture).count == 1)
    }

    @Test func `many processes remind once`() async throws {
        let fixture = try await LedgerFixture()
        try await person(fixture)
        let told = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<8 { group.addTask { try await remind(fixture).count } }
            return try await group.reduce(0, +)
        }
        #expect(told == 1)
    }

    @Test func `who has practised today, has another hour or cannot be reached is left alone`() async throws {
        let fixture = try await LedgerFixture()
        try await person(fixture)
        try await fixture.execute("update users set unreachable_since = now()")
        #expect(try await remind(fixture).isEmpty)
        try await fixture.execute(
            """
            update users set unreachable_since = null, settings = settings || jsonb_build_object('reminderMinute',
                ((settings ->> 'reminderMinute')::int + 720) % 1440)
            """)
        #expect(try await remind(fixture).isEmpty)
        try await fixture.execute(
            """
            update users set settings = settings || jsonb_build_object('reminderMinute',
                ((settings ->> 'reminderMinute')::int + 720) % 1440)
            """)
        _ = try await fixture.ledger.accept([fixture.note(user: 7)], botID: 1, deadline: nil)
        #expect(try await remind(fixture).isEmpty)
    }
}
