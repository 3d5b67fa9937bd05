import CoachDomain
import Postgres

/// The end of one delivery, as it is written together with others.
struct DeliveryEnd: Sendable {
    var lease: Lease
    var state: OutboundMessage.State
    var messageID: Int64?

    /// Ends the jobs whose leases still stand, all in one statement.
    ///
    /// - Returns: For each, whether its lease stood; what was fenced is not written.
    static func write(
        _ ends: [DeliveryEnd], to pool: PostgresPool, by actor: String
    ) async throws(StoreError) -> [Bool] {
        let rows = try await Ledger.run(
            """
            with ends as (
                select * from unnest($1::int8[], $2::int8[], $3::text[], $4::int8[])
                    as t(job, token, shown, message)
            ), held as (
                -- In one order, so that two batches cannot wait for each other.
                select j.id, e.shown, e.message from jobs j join ends e on j.id = e.job
                where j.lease_token = e.token and j.state = 'leased' order by j.id for update of j
            ), done as (
                update jobs j set state = 'succeeded', lease_expires_at = null, leased_by = null,
                    finished_at = now(), last_error_code = null, last_error = null
                from held h where j.id = h.id
                returning j.id, j.lease_token, j.outbound_message_id, h.shown, h.message
            ), history as (
                insert into job_events (job_id, event, actor) select id, 'completed', $5 from done
            ), message as (
                update outbound_messages o set state = d.shown, telegram_message_id = d.message,
                    delivered_at = case when d.shown = 'delivered' then now() end
                from done d where o.id = d.outbound_message_id
            )
            select id, lease_token from done
            """,
            [
                .integers(ends.map(\.lease.job.rawValue)), .integers(ends.map(\.lease.token)),
                .texts(ends.map(\.state.rawValue)), .integers(ends.map(\.messageID)), .text(actor),
            ], on: pool)
        var done: Set<Lease> = []
        for row in rows {
            done.insert(Lease(job: JobID(try row.value("id")), token: try row.value("lease_token")))
        }
        return ends.map { done.contains($0.lease) }
    }
}
