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
}
