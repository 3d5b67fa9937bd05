package import CoachDomain
import Postgres

extension Ledger {
    /// Forgets words that are older than `days`: transcripts, answers, what was said and asked in the chat, and sound
    /// that was made of them. Numbers stay, and that there was a note.
    ///
    /// - Parameter limit: Notes and messages at a time; call again while as many were found.
    /// - Returns: How many rows of any kind were found.
    package func forgetWords(olderThan days: Int, limit: Int) async throws(StoreError) -> Int {
        var found = 0
        for statement in Self.forgettingSQL {
            let rows = try await run(statement, [.integer(days), .integer(limit)])
            found = max(found, try rows.first?.value("found") ?? 0)
        }
        return found
    }

    private static let forgettingSQL = [
        """
        with old as (
            select id from voice_messages
            where received_at < now() - make_interval(days => $1::int4) and file_id <> ''
            order by received_at limit $2 for update skip locked
        ), words as (
            delete from transcripts where voice_message_id in (select id from old)
        ), judged as (
            delete from feedback where voice_message_id in (select id from old)
        ), told as (
            delete from outbound_messages where voice_message_id in (select id from old)
        ), \(silencedSQL(of: "old")), handles as (
            -- With it the sound could be had from Telegram once more.
            update voice_messages v set file_id = '', file_unique_id = null from old where v.id = old.id
        )
        select count(*)::int8 as found from old
        """,
        """
        with old as (
            select id from outbound_messages
            where created_at < now() - make_interval(days => $1::int4) and voice_message_id is null
            order by created_at limit $2 for update skip locked
        ), gone as (
            delete from outbound_messages where id in (select id from old)
        )
        select count(*)::int8 as found from old
        """,
        """
        with old as (
            select id from requests where received_at < now() - make_interval(days => $1::int4)
            order by received_at limit $2 for update skip locked
        ), gone as (
            delete from requests where id in (select id from old)
        )
        select count(*)::int8 as found from old
        """,
    ]

    /// Reminds whoever wants it of practice: once a day, at the person's hour, unless there was a note that day.
    ///
    /// - Parameter messages: By language; English for the others.
    /// - Returns: The deliveries.
    package func remind(_ messages: [String: OutgoingMessage], limit: Int) async throws(StoreError)
        -> [JobHint]
    {
        try hints(
            in: try await run(
                """
                with wishes as (
                    select bot_id, telegram_user_id, language_code, settings, reminded_at,
                        (settings ->> 'reminderMinute')::int4 as minute,
                        make_interval(mins => coalesce((settings ->> 'utcOffsetMinutes')::int4, 0)) as ahead
                    from users
                    where settings ? 'reminderMinute' and unreachable_since is null and erased_at is null
                ), clocks as (
                    select *, (now() at time zone 'UTC') + ahead as here from wishes
                ), due as (
                    select c.bot_id, c.telegram_user_id, c.language_code
                    from clocks c
                    where extract(hour from here) * 60 + extract(minute from here) between minute and minute + 59
                      and (reminded_at is null
                           or ((reminded_at at time zone 'UTC') + ahead)::date < here::date)
                      and not exists (
                        select 1 from voice_messages v
                        where v.bot_id = c.bot_id and v.telegram_user_id = c.telegram_user_id
                          and v.received_at >= (here::date::timestamp - ahead) at time zone 'UTC')
                    limit $2
                ), told as (
                    update users u set reminded_at = now() from due
                    where u.bot_id = due.bot_id and u.telegram_user_id = due.telegram_user_id
                      and u.reminded_at is not distinct from
                          (select c.reminded_at from clocks c
                           where c.bot_id = u.bot_id and c.telegram_user_id = u.telegram_user_id)
                    returning u.bot_id, u.telegram_user_id, u.language_code
                ), outbound as (
                    insert into outbound_messages (bot_id, telegram_user_id, chat_id, kind, body, buttons)
                    select t.bot_id, t.telegram_user_id, t.telegram_user_id, 'reminder', m -> 'body', m -> 'buttons'
                    from told t cross join lateral (
                        select \(Self.localized("$1", language: Self.languageSQL("t"))) as m) text
                    returning id, bot_id, telegram_user_id
                ), next as (
                    insert into jobs (stage, outbound_message_id, bot_id, telegram_user_id)
                    select 'deliver', id, bot_id, telegram_user_id from outbound
                    returning id, stage
                ), history as (
                    insert into job_events (job_id, event, actor, detail)
                    select id, 'accepted', $3, '{"reason": "reminder"}' from next
                )
                select id, stage from next
                """, [try LedgerJSON.encode(messages), .integer(limit), .text(actor)]))
    }
}
