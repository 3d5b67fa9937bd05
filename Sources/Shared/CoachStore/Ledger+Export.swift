package import CoachDomain
package import Foundation
import Postgres

/// Everything that is held of one person, for that person.
package struct PersonExport: Sendable, Encodable {
    package struct Note: Sendable, Encodable {
        package var id: Int64
        package var receivedAt: Date
        package var kind: String
        /// `nil` until it has been heard.
        package var audio: AudioSummary?
        /// `nil` when it has expired.
        package var transcript: String?
        package var language: String?
        package var words: [Word]?
        package var metrics: SpeechMetrics?
        package var feedback: Feedback?
        package var repeatsNote: Int64?
        package var disputedAt: Date?
    }

    package struct Message: Sendable, Encodable {
        package var at: Date
        package var kind: String
        package var text: String
        package var note: Int64?
    }

    package struct Request: Sendable, Encodable {
        package var at: Date
        package var request: SpeakerRequest
    }

    package var exportedAt: Date
    package var telegramUserID: Int64
    package var telegramLanguage: String?
    package var settings: SpeakerSettings
    /// Oldest first, like all lists here.
    package var notes: [Note]
    package var messages: [Message]
    package var requests: [Request]
    package var topicsGiven: [String]
}

extension Ledger {
    package func export(of person: Person) async throws(StoreError) -> PersonExport {
        let who: [PostgresValue] = [.integer(person.botID), .integer(person.userID)]
        var notes: [PersonExport.Note] = []
        for row in try await run(
            """
            select v.id, v.received_at, v.kind, v.audio, v.rehearses, v.disputed_at, t.text, t.language, t.words,
                   m.body as metrics, f.body as feedback
            from voice_messages v left join transcripts t on t.voice_message_id = v.id
            left join speech_metrics m on m.voice_message_id = v.id
            left join feedback f on f.voice_message_id = v.id
            where v.bot_id = $1 and v.telegram_user_id = $2 order by v.id
            """, who)
        {
            notes.append(
                PersonExport.Note(
                    id: try row.value("id"), receivedAt: try row.value("received_at"),
                    kind: try row.value("kind"), audio: try json(in: row, "audio"),
                    transcript: try row.value("text"), language: try row.value("language"),
                    words: try json(in: row, "words"), metrics: try json(in: row, "metrics"),
                    feedback: try json(in: row, "feedback"), repeatsNote: try row.value("rehearses"),
                    disputedAt: try row.value("disputed_at")))
        }
        var messages: [PersonExport.Message] = []
        for row in try await run(
            """
            select created_at, kind, body ->> 'text' as text, voice_message_id from outbound_messages
            where bot_id = $1 and telegram_user_id = $2 order by id
            """, who)
        {
            messages.append(
                PersonExport.Message(
                    at: try row.value("created_at"), kind: try row.value("kind"),
                    text: try row.value("text", as: String?.self) ?? "",
                    note: try row.value("voice_message_id")))
        }
        var requests: [PersonExport.Request] = []
        for row in try await run(
            "select received_at, body from requests where bot_id = $1 and telegram_user_id = $2 order by id",
            who)
        {
            guard let request: SpeakerRequest = try json(in: row, "body") else { continue }
            requests.append(PersonExport.Request(at: try row.value("received_at"), request: request))
        }
        return PersonExport(
            exportedAt: Date(), telegramUserID: person.userID, telegramLanguage: person.languageCode,
            settings: person.settings, notes: notes, messages: messages, requests: requests,
            topicsGiven: try await topicsGiven(to: person))
    }
}
