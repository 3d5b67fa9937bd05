package import CoachDomain
import Foundation
import Postgres

/// A voice note as the webhook received it.
package struct IncomingNote: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        case voice, audio, videoNote = "video_note", video, document
    }

    package var userID: Int64
    package var chatID: Int64
    package var updateID: Int64
    package var messageID: Int64
    package var kind: Kind
    package var fileID: String
    package var fileUniqueID: String?
    /// As the sender declared it; never believed, only refused early.
    package var fileBytes: Int64?
    package var mimeType: String?
    package var declaredSeconds: Double?
    package var languageCode: String?

    package init(
        userID: Int64, chatID: Int64, updateID: Int64, messageID: Int64, kind: Kind, fileID: String,
        fileUniqueID: String?, fileBytes: Int64?, mimeType: String?, declaredSeconds: Double?,
        languageCode: String?
    ) {
        self.userID = userID
        self.chatID = chatID
        self.updateID = updateID
        self.messageID = messageID
        self.kind = kind
        self.fileID = fileID
        self.fileUniqueID = fileUniqueID
        self.fileBytes = fileBytes
        self.mimeType = mimeType
        self.declaredSeconds = declaredSeconds
        self.languageCode = languageCode
    }
}

/// What one person may ask for.
package struct IntakeRules: Hashable, Sendable {
    /// Notes of one person in a day (UTC); `nil` for no limit.
    package var dailyQuota: Int?
    /// What a person over the quota is told.
    package var refusal: LocalizedText

    package init(dailyQuota: Int? = nil, refusal: LocalizedText = [:]) {
        self.dailyQuota = dailyQuota
        self.refusal = refusal
    }
}

/// What an accepted update became.
package struct Accepted: Hashable, Sendable {
    package enum Standing: Hashable, Sendable {
        /// May be worked on now.
        case admitted
        /// Enough notes of the same person are in hand; it is announced when one of them is done.
        case waiting
        /// Over the quota; this job tells its sender so.
        case refused(telling: JobID)
    }

    package var job: JobID
    package var stage: JobStage
    /// `nil` for a request.
    package var note: NoteID?
    package var standing: Standing

    package init(job: JobID, stage: JobStage, note: NoteID?, standing: Standing = .admitted) {
        self.job = job
        self.stage = stage
        self.note = note
        self.standing = standing
    }

    /// What is to be announced.
    package var hint: JobHint? {
        switch standing {
        case .admitted: JobHint(job: job, stage: stage)
        case .waiting: nil
        case .refused(let telling): JobHint(job: telling, stage: .deliver)
        }
    }
}

extension Ledger {
    /// Writes notes with their first jobs, all or none, in one statement.
    ///
    /// An update that is already there (by update id, or by chat and message) is passed over: it is absent
    /// from the result, and the row that was there first is committed before this returns.
    ///
    /// Of one person's notes only ``notesInHand`` are admitted at a time; the others wait in order of their
    /// update ids. The bound is soft: batches that are written at the same moment do not see each other.
    ///
    /// - Returns: What is new, by update id.
    /// - Throws: ``StoreError/database(_:)``; when the outcome is unknown the same call may be made again.
    package func accept(
        _ notes: [IncomingNote], botID: Int64, rules: IntakeRules = IntakeRules(),
        deadline: ContinuousClock.Instant?
    ) async throws(StoreError) -> [Int64: Accepted] {
        guard !notes.isEmpty else { return [:] }
        let rows = try await run(
            Self.acceptNotesSQL,
            [
                .integer(botID), .text(actor),
                .integers(notes.map(\.userID)), .integers(notes.map(\.chatID)),
                .integers(notes.map(\.updateID)), .integers(notes.map(\.messageID)),
                .texts(notes.map(\.kind.rawValue)), .texts(notes.map(\.fileID)),
                .texts(notes.map(\.fileUniqueID)), .texts(notes.map { $0.fileBytes.map(String.init) }),
                .texts(notes.map(\.mimeType)), .texts(notes.map { $0.declaredSeconds.map { "\($0)" } }),
                .texts(notes.map(\.languageCode)), .integer(Int64(rules.dailyQuota ?? 0)),
                try LedgerJSON.encode(rules.refusal),
            ], deadline: deadline)
        var accepted: [Int64: Accepted] = [:]
        for row in rows {
            let telling = try row.value("refusal_job", as: Int64?.self).map { JobID($0) }
            let standing: Accepted.Standing = try row.value("admitted") ? .admitted : .waiting
            accepted[try row.value("update_id")] = Accepted(
                job: JobID(try row.value("job_id")), stage: .transcribe,
                note: NoteID(try row.value("note_id")),
                standing: telling.map { .refused(telling: $0) } ?? standing)
        }
        return accepted
    }

    /// People are locked in one order (by id), so that two batches cannot wait for each other.
    static let peopleSQL = """
        people as (
            insert into users (bot_id, telegram_user_id, language_code)
            select distinct on (telegram_user_id) $1, telegram_user_id, language_code
            from incoming order by telegram_user_id
            on conflict (bot_id, telegram_user_id) do update
                set language_code = coalesce(excluded.language_code, users.language_code),
                    unreachable_since = null
                where users.unreachable_since is not null
                   or users.language_code is distinct from
                      coalesce(excluded.language_code, users.language_code)
        )
        """

    private static let acceptNotesSQL = """
        with incoming as (
            select * from unnest($3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::text[], $8::text[],
                                 $9::text[], $10::text[], $11::text[], $12::text[], $13::text[])
                as t(telegram_user_id, chat_id, update_id, message_id, kind, file_id, file_unique_id,
                     file_bytes, mime_type, declared_seconds, language_code)
        ), \(peopleSQL), notes as (
            insert into voice_messages
                (bot_id, telegram_user_id, chat_id, update_id, message_id, kind, file_id, file_unique_id,
                 file_bytes, mime_type, declared_seconds, language_code, rehearses)
            select $1, telegram_user_id, chat_id, update_id, message_id, kind, file_id, file_unique_id,
                   file_bytes::int8, mime_type, declared_seconds::float8, language_code,
                   (select u.rehearsing_note from users u
                    where u.bot_id = $1 and u.telegram_user_id = incoming.telegram_user_id
                      and u.rehearsing_until > now())
            from incoming order by update_id
            on conflict do nothing
            returning id, bot_id, update_id, telegram_user_id, chat_id, message_id, language_code
        ), standing as (
            select p.telegram_user_id, (\(Self.inHandSQL(bot: "$1", user: "p.telegram_user_id"))) as in_hand,
                exists (select 1 from jobs w
                        where w.bot_id = $1 and w.telegram_user_id = p.telegram_user_id
                          and w.state = 'ready' and not w.admitted) as others_wait,
                case when $14::int8 > 0 then (
                    select count(*) from voice_messages v
                    where v.bot_id = $1 and v.telegram_user_id = p.telegram_user_id
                      and v.received_at >= date_trunc('day', now())) end as today
            from (select distinct telegram_user_id from notes) p
        ), judged as (
            select n.*, coalesce(s.today + n.place > $14, false) as refused,
                not s.others_wait and s.in_hand + n.place <= \(notesInHand) as admitted
            from (select notes.*, row_number() over (partition by telegram_user_id order by update_id) as place
                  from notes) n
            join standing s using (telegram_user_id)
        ), created as (
            insert into jobs (stage, voice_message_id, bot_id, telegram_user_id, admitted, state, finished_at,
                              last_error_code, last_error)
            select 'transcribe', id, $1, telegram_user_id, admitted or refused,
                case when refused then 'dead' else 'ready' end, case when refused then now() end,
                case when refused then 'quota.exceeded' end,
                case when refused then 'more notes today than one person may send' end
            from judged order by update_id
            returning id, voice_message_id
        ), history as (
            insert into job_events (job_id, event, actor) select id, 'accepted', $2 from created
        ), refusal as (
            insert into outbound_messages
                (bot_id, telegram_user_id, chat_id, voice_message_id, reply_to_message_id, kind, body)
            select $1, telegram_user_id, chat_id, id, message_id, 'advice',
                   \(Self.localized("$15", language: Self.languageSQL("judged")))
            from judged where refused
            returning id, voice_message_id, telegram_user_id
        ), refusal_job as (
            insert into jobs (stage, outbound_message_id, voice_message_id, bot_id, telegram_user_id)
            select 'deliver', id, voice_message_id, $1, telegram_user_id from refusal
            returning id, voice_message_id
        ), refusal_history as (
            insert into job_events (job_id, event, actor, detail)
            select id, 'accepted', $2, '{"reason": "quota"}' from refusal_job
        )
        select n.update_id, n.id as note_id, n.admitted, c.id as job_id, r.id as refusal_job
        from judged n join created c on c.voice_message_id = n.id
        left join refusal_job r on r.voice_message_id = n.id
        """
}
