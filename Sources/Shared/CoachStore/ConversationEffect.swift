package import CoachDomain
import Postgres

/// What a request changes besides being answered.
package enum ConversationEffect: Hashable, Sendable {
    case change(SettingsChange)
    /// The person's next note is compared with this one, if it comes within the time.
    case rehearse(NoteID, within: Duration)
    /// The note counts in no trend.
    case dispute(NoteID)
    case delete(NoteID)
    /// A prompt of the topic bank was given.
    case giveTopic(id: String)
    /// Everything that is held of the person goes; of the answer only the text is kept until it is delivered.
    case erasePerson
}

extension Ledger {
    func statements(_ effect: ConversationEffect, of person: Person) throws(StoreError)
        -> [PostgresStatement]
    {
        let who: [PostgresValue] = [.integer(person.botID), .integer(person.userID)]
        switch effect {
        case .change(let change):
            // Only what changes is written, so that two menus open at once do not undo each other.
            return [
                PostgresStatement(
                    """
                    update users set settings = jsonb_strip_nulls(settings || jsonb_build_object($3::text, $4::jsonb))
                    where bot_id = $1 and telegram_user_id = $2
                    """, who + [.text(change.key), try change.value()])
            ]
        case .rehearse(let note, let time):
            return [
                PostgresStatement(
                    """
                    update users u set rehearsing_note = v.id, rehearsing_until = now() + make_interval(secs => $4)
                    from voice_messages v
                    where u.bot_id = $1 and u.telegram_user_id = $2 and v.id = $3
                      and v.bot_id = u.bot_id and v.telegram_user_id = u.telegram_user_id
                    """, who + [.integer(note.rawValue), .double(time.inSeconds)])
            ]
        case .dispute(let note):
            return [
                PostgresStatement(
                    """
                    update voice_messages set disputed_at = coalesce(disputed_at, now())
                    where bot_id = $1 and telegram_user_id = $2 and id = $3
                    """, who + [.integer(note.rawValue)])
            ]
        case .delete(let note):
            return Self.deletingNotesSQL(where: "and id = $3").map {
                PostgresStatement($0, who + [.integer(note.rawValue)])
            }
        case .giveTopic(let id):
            return [
                PostgresStatement(
                    """
                    insert into topics_given (bot_id, telegram_user_id, topic) values ($1, $2, $3)
                    on conflict (bot_id, telegram_user_id, topic) do update set given_at = now()
                    """, who + [.text(id)])
            ]
        case .erasePerson:
            return Self.erasingSQL.map { PostgresStatement($0, who) }
                + [
                    // The farewell has to belong to somebody until it is delivered.
                    PostgresStatement(
                        "insert into users (bot_id, telegram_user_id, erased_at) values ($1, $2, now())", who)
                ]
        }
    }

    /// Notes with everything that was heard in them, said about them, or spoken from them.
    ///
    /// - Parameter condition: Further condition on `voice_messages`; `$1` is the bot and `$2` the person.
    static func deletingNotesSQL(where condition: String) -> [String] {
        let notes = "select id from voice_messages where bot_id = $1 and telegram_user_id = $2 \(condition)"
        return [
            """
            with notes as (\(notes)), \(silencedSQL(of: "notes"))
            select count(*) from notes
            """,
            "delete from voice_messages where id in (\(notes))",
        ]
    }

    /// Takes away the sound that only these notes have use of.
    ///
    /// - Parameter notes: A CTE with the notes' `id`.
    static func silencedSQL(of notes: String) -> String {
        """
        uses as (
            delete from spoken_text_uses where voice_message_id in (select id from \(notes)) returning key
        ), sounds as (
            delete from spoken_texts s where key in (select key from uses) and not exists (
                select 1 from spoken_text_uses o
                where o.key = s.key and o.voice_message_id not in (select id from \(notes)))
        )
        """
    }

    /// Everything that is held of `$2` with bot `$1`, in the order that references ask for. Jobs and their history go
    /// with what they belong to; of provider calls only the bill stays, which names nobody.
    static let erasingSQL: [String] =
        deletingNotesSQL(where: "")
        + ["outbound_messages", "requests", "topics_given", "users"].map {
            "delete from \($0) where bot_id = $1 and telegram_user_id = $2"
        } + [
            "delete from budgets where scope = 'person-day' and subject = $1::int8 || '/' || $2::int8",
            "update reservations set person = null where person = $1::int8 || '/' || $2::int8",
        ]
}

extension SettingsChange {
    /// The key in ``CoachDomain/SpeakerSettings``' JSON.
    fileprivate var key: String {
        switch self {
        case .coachLanguage: "coachLanguage"
        case .spokenLanguage: "spokenLanguage"
        case .focus: "focus"
        case .sendsCard: "sendsCard"
        case .darkPictures: "darkPictures"
        case .speaksRewrite: "speaksRewrite"
        case .reminder: "reminderMinute"
        case .utcOffset: "utcOffsetMinutes"
        }
    }

    /// The value under that key; JSON null takes it away.
    fileprivate func value() throws(StoreError) -> PostgresValue {
        switch self {
        case .coachLanguage(let tag), .spokenLanguage(let tag): try LedgerJSON.encode(tag)
        case .focus(let topic): try LedgerJSON.encode(topic)
        case .sendsCard(let isOn), .darkPictures(let isOn), .speaksRewrite(let isOn):
            try LedgerJSON.encode(isOn)
        case .reminder(let minute): try LedgerJSON.encode(minute)
        case .utcOffset(let minutes): try LedgerJSON.encode(minutes)
        }
    }
}
