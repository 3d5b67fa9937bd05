import CoachDomain
import Postgres

extension Ledger {
    /// Tells speakers, once per note, that their answer takes longer than usual.
    ///
    /// A note is late when one of its jobs has failed or stands in a paused stage, and is older than `age`. What
    /// a speaker has been told more (advice, the answer itself) stands above a notice, whenever it comes.
    ///
    /// - Returns: The deliveries.
    package func noticeDelays(olderThan age: Duration, text: LocalizedText, limit: Int)
        async throws(StoreError) -> [JobHint]
    {
        try hints(
            in: try await run(
                """
                with late as (
                    select voice_message_id from jobs
                    where last_error_code is not null and stage in ('transcribe', 'coach')
                      and state in ('ready', 'leased', 'retrying')
                      and retry_since < now() - make_interval(secs => $1)
                    union
                    select voice_message_id from jobs
                    where state = 'ready' and admitted and stage in ('transcribe', 'coach') and stage in (\(Self.pausedSQL))
                      and retry_since < now() - make_interval(secs => $1)
                ), notice as (
                    insert into outbound_messages
                        (bot_id, telegram_user_id, chat_id, voice_message_id, reply_to_message_id, kind, body)
                    select v.bot_id, v.telegram_user_id, v.chat_id, v.id, v.message_id, 'notice',
                        \(Self.localized("$2", language: Self.languageSQL("v")))
                    from late join voice_messages v on v.id = late.voice_message_id
                    where not exists (select 1 from outbound_messages o where o.voice_message_id = v.id)
                    order by v.id limit $3
                    on conflict do nothing
                    returning id, voice_message_id, bot_id, telegram_user_id
                ), told as (
                    insert into jobs (stage, outbound_message_id, voice_message_id, bot_id, telegram_user_id)
                    select 'deliver', id, voice_message_id, bot_id, telegram_user_id from notice
                    returning id, stage
                ), history as (
                    insert into job_events (job_id, event, actor, detail)
                    select id, 'accepted', $4, '{"reason": "delay"}' from told
                )
                select id, stage from told
                """,
                [
                    .double(age.inSeconds), try LedgerJSON.encode(text), .integer(Int64(limit)), .text(actor),
                ]))
    }
}
