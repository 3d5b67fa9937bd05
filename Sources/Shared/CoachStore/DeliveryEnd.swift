import CoachDomain
import Postgres

/// The end of one delivery, as it is written together with others.
struct DeliveryEnd: Sendable {
    var lease: Lease
    var state: OutboundMessage.State
    var messageID: Int64?
    /// Paid for what was attached.
    var calls: [ProviderCall]

    /// Ends the jobs whose leases still stand, and makes the deliveries of what follows them, in one statement.
    ///
    /// - Returns: For each, the deliveries that follow; `nil` for what was fenced and is not written.
    static func write(
        _ ends: [DeliveryEnd], to pool: PostgresPool, by actor: String
    ) async throws(StoreError) -> [[JobHint]?] {
        var calls: [String] = []
        for end in ends { calls.append(try LedgerJSON.text(end.calls)) }
        let rows = try await Ledger.run(
            """
            with ends as (
                select * from unnest($1::int8[], $2::int8[], $3::text[], $4::int8[], $6::text[])
                    as t(job, token, shown, message, calls)
            ), held as (
                -- In one order, so that two batches cannot wait for each other.
                select j.id, e.shown, e.message, e.calls from jobs j join ends e on j.id = e.job
                where j.lease_token = e.token and j.state = 'leased' order by j.id for update of j
            ), done as (
                update jobs j set state = 'succeeded', lease_expires_at = null, leased_by = null,
                    finished_at = now(), last_error_code = null, last_error = null
                from held h where j.id = h.id
                returning j.id, j.lease_token, j.outbound_message_id, j.voice_message_id, h.shown, h.message, h.calls
            ), history as (
                insert into job_events (job_id, event, actor) select id, 'completed', $5 from done
            ), \(Ledger.callsSQL(from: "done", parameter: "s.calls")), message as (
                update outbound_messages o set state = d.shown, telegram_message_id = d.message,
                    delivered_at = case when d.shown = 'delivered' then now() end
                from done d where o.id = d.outbound_message_id
                returning o.*
            ), following as (
                insert into outbound_messages
                    (bot_id, telegram_user_id, chat_id, voice_message_id, reply_to_message_id, kind, body,
                     buttons, attachment)
                select o.bot_id, o.telegram_user_id, o.chat_id, o.voice_message_id, o.reply_to_message_id,
                    'extra', f -> 'body', f -> 'buttons', f -> 'attachment'
                from message o, jsonb_array_elements(o.follow_up) f where o.state = 'delivered'
                returning id, voice_message_id, bot_id, telegram_user_id
            ), next as (
                insert into jobs (stage, outbound_message_id, voice_message_id, bot_id, telegram_user_id)
                select 'deliver', id, voice_message_id, bot_id, telegram_user_id from following
                returning id, voice_message_id
            ), next_history as (
                insert into job_events (job_id, event, actor) select id, 'accepted', $5 from next
            )
            select id, lease_token, voice_message_id, false as follows from done
            union all select id, 0, voice_message_id, true from next
            """,
            [
                .integers(ends.map(\.lease.job.rawValue)), .integers(ends.map(\.lease.token)),
                .texts(ends.map(\.state.rawValue)), .integers(ends.map(\.messageID)), .text(actor),
                .texts(calls),
            ], on: pool)
        var done: [Lease: Int64?] = [:]
        var following: [Int64: [JobHint]] = [:]
        for row in rows {
            let job = JobID(try row.value("id"))
            let note = try row.value("voice_message_id", as: Int64?.self)
            if try row.value("follows", as: Bool.self) {
                following[note ?? 0, default: []].append(JobHint(job: job, stage: .deliver))
            } else {
                done[Lease(job: job, token: try row.value("lease_token"))] = .some(note)
            }
        }
        // Only a note's answer is followed by anything, and a note has one answer.
        return ends.map { end in
            done[end.lease].map { note in note.flatMap { following.removeValue(forKey: $0) } ?? [] }
        }
    }
}
