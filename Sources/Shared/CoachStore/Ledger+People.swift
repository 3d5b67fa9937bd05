package import CoachDomain
import Foundation
import Postgres

/// Who is coached, and how.
package struct Person: Hashable, Sendable {
    package var botID: Int64
    package var userID: Int64
    /// IETF tag of the person's Telegram.
    package var languageCode: String?
    package var settings: SpeakerSettings

    package init(botID: Int64, userID: Int64, languageCode: String?, settings: SpeakerSettings) {
        self.botID = botID
        self.userID = userID
        self.languageCode = languageCode
        self.settings = settings
    }

    /// What the coach writes in, as far as the product speaks it.
    package var language: String? { settings.coachLanguage ?? languageCode }
}

extension Ledger {
    /// - Parameter row: With `bot_id`, `telegram_user_id`, `language_code` and `settings`.
    func person(in row: PostgresRow) throws(StoreError) -> Person {
        Person(
            botID: try row.value("bot_id"), userID: try row.value("telegram_user_id"),
            languageCode: try row.value("language_code"),
            settings: try LedgerJSON.decode(SpeakerSettings.self, from: try row.value("settings")))
    }

    /// The language in which the owner of a row is written to.
    ///
    /// - Parameter row: Alias of a row with `bot_id`, `telegram_user_id` and `language_code`.
    static func languageSQL(_ row: String) -> String {
        """
        coalesce((select p.settings ->> 'coachLanguage' from users p
                  where p.bot_id = \(row).bot_id and p.telegram_user_id = \(row).telegram_user_id),
                 \(row).language_code)
        """
    }

    /// Whether the note is this person's.
    package func owns(_ person: Person, _ note: NoteID) async throws(StoreError) -> Bool {
        let rows = try await run(
            "select 1 from voice_messages where id = $1 and bot_id = $2 and telegram_user_id = $3",
            [.integer(note.rawValue), .integer(person.botID), .integer(person.userID)])
        return rows.first != nil
    }

    /// Erases a person from all bots of this ledger, as an operator who was asked to.
    ///
    /// - Returns: How many notes went; `nil` when nothing was held of such a person.
    package func erase(userID: Int64, reason: String?) async throws(StoreError) -> Int? {
        do {
            return try await pool.transaction { transaction in
                let people = try await transaction.query(
                    PostgresStatement(
                        "select bot_id from users where telegram_user_id = $1 for update", [.integer(userID)])
                )
                guard !people.isEmpty else { return nil }
                let count = try await transaction.query(
                    PostgresStatement(
                        "select count(*)::int8 as notes from voice_messages where telegram_user_id = $1",
                        [.integer(userID)]))
                for row in people {
                    let who: [PostgresValue] = [.integer(try row.decode("bot_id")), .integer(userID)]
                    _ = try await transaction.pipeline(
                        Self.erasingSQL.map { PostgresStatement($0, who) })
                }
                let notes = try count.first?.decode("notes", as: Int.self) ?? 0
                // Without a word on whom: that would be the trace that was to go.
                _ = try await transaction.query(
                    PostgresStatement(
                        """
                        insert into operator_actions (action, actor, detail)
                        values ('person-erased', $1,
                                jsonb_strip_nulls(jsonb_build_object('notes', $2::int8, 'reason', $3::text)))
                        """, [.text(actor), .integer(notes), reason.map { .text($0) } ?? .null]))
                return notes
            }
        } catch let error as PostgresError {
            throw .database(error)
        } catch {
            throw .unreadable("the end of an erasure")
        }
    }
}
