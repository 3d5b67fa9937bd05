package import CoachDomain
package import Foundation
import Postgres

/// What is left of a note for trends, also when its words have expired.
package struct PractisedNote: Hashable, Sendable {
    package var note: NoteID
    package var receivedAt: Date
    package var seconds: Double
    package var metrics: SpeechMetrics
    /// What its answer told to change; `nil` when nothing is known of it.
    package var topic: CoachingTopic?

    package init(
        note: NoteID, receivedAt: Date, seconds: Double, metrics: SpeechMetrics, topic: CoachingTopic?
    ) {
        self.note = note
        self.receivedAt = receivedAt
        self.seconds = seconds
        self.metrics = metrics
        self.topic = topic
    }
}

extension Ledger {
    /// A person's measured notes, the newest first; without those whose words the person disputes.
    ///
    /// - Parameter limit: At most this many.
    package func practice(of person: Person, limit: Int) async throws(StoreError) -> [PractisedNote] {
        let rows = try await run(
            """
            select v.id, v.received_at, v.audio, m.body as metrics, f.body #>> '{improvements,0,topic}' as topic
            from voice_messages v join speech_metrics m on m.voice_message_id = v.id
            left join feedback f on f.voice_message_id = v.id
            where v.bot_id = $1 and v.telegram_user_id = $2 and v.disputed_at is null
            order by v.received_at desc, v.id desc limit $3
            """, [.integer(person.botID), .integer(person.userID), .integer(limit)])
        var notes: [PractisedNote] = []
        for row in rows {
            notes.append(
                PractisedNote(
                    note: NoteID(try row.value("id")), receivedAt: try row.value("received_at"),
                    seconds: try LedgerJSON.decode(AudioSummary.self, from: try row.value("audio"))
                        .originalSeconds,
                    metrics: try LedgerJSON.decode(SpeechMetrics.self, from: try row.value("metrics")),
                    topic: try row.value("topic", as: String?.self).flatMap(CoachingTopic.init(rawValue:))))
        }
        return notes
    }

    package func noteCount(of person: Person) async throws(StoreError) -> Int {
        let rows = try await run(
            "select count(*)::int8 as notes from voice_messages where bot_id = $1 and telegram_user_id = $2",
            [.integer(person.botID), .integer(person.userID)])
        return try rows.first?.value("notes") ?? 0
    }

    /// Ids of the prompts that a person has been given, the longest ago first.
    package func topicsGiven(to person: Person) async throws(StoreError) -> [String] {
        let rows = try await run(
            "select topic from topics_given where bot_id = $1 and telegram_user_id = $2 order by given_at, topic",
            [.integer(person.botID), .integer(person.userID)])
        var topics: [String] = []
        for row in rows { topics.append(try row.value("topic")) }
        return topics
    }

    /// The messages in the chat that belong to a note: the speaker's own first, then the bot's.
    package func messagesShown(of note: NoteID) async throws(StoreError) -> [Int64] {
        let rows = try await run(
            """
            select message_id as id from voice_messages where id = $1
            union select placeholder_message_id from voice_messages
                where id = $1 and placeholder_message_id is not null
            union select telegram_message_id from outbound_messages
                where voice_message_id = $1 and telegram_message_id is not null
            order by id
            """, [.integer(note.rawValue)])
        var messages: [Int64] = []
        for row in rows { messages.append(try row.value("id")) }
        return messages
    }
}
