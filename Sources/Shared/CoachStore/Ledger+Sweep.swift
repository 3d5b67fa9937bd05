package import CoachDomain
package import Foundation
import Postgres

/// A job that somebody should pick up.
package struct JobHint: Hashable, Sendable {
    package var job: JobID
    package var stage: JobStage

    package init(job: JobID, stage: JobStage) {
        self.job = job
        self.stage = stage
    }
}

/// What one look for silent workers found.
package struct Rescue: Hashable, Sendable {
    /// Ready again, or new deliveries of advice.
    package var ready: [JobHint] = []
    /// How many jobs were taken for poison.
    package var buried: Int = 0
    /// How many jobs were given back to the queue.
    package var rescued: Int = 0

    package init() {}
}

/// The ready jobs of one stage.
package struct Backlog: Hashable, Sendable {
    package var waiting: Int
    /// How long the oldest has been ready.
    package var oldest: Duration
    /// Age of the oldest hint.
    package var oldestHint: Duration
    /// Postgres time of this reading.
    package var asOf: Date
}

extension Ledger {
    /// Whether there is anything to take back or to make ready: two looks at the first entry of an index, so that
    /// many idle workers cost a server next to nothing.
    package func sweepable() async throws(StoreError) -> (expired: Bool, due: Bool) {
        let rows = try await run(
            """
            select exists (select 1 from jobs where state = 'leased' and lease_expires_at < now()) as expired,
                exists (select 1 from jobs where state = 'retrying' and run_at <= now()) as due
            """, [])
        guard let row = rows.first else { throw .unreadable("a question without a row") }
        return (try row.value("expired"), try row.value("due"))
    }

    /// Takes jobs back whose lease ran out; poison (too many crashes) is buried and its speaker told.
    ///
    /// The rule is ``JobLifeCycle``'s `leaseExpired`; rows that another sweeper holds are skipped.
    ///
    /// - Parameter settling: For this long after its start the server's silence may be the reason, not the
    ///   workers': they get the time to renew.
    package func rescueExpired(
        limit: Int, crashLimit: Int, settling: Duration = .zero, advice: LocalizedText
    ) async throws(StoreError) -> Rescue {
        let rows = try await run(
            """
            with silent as (
                select id from jobs where state = 'leased' and lease_expires_at < now()
                  and pg_postmaster_start_time() <= now() - make_interval(secs => $5)
                order by lease_expires_at limit $1 for update skip locked
            ), taken as (
                update jobs j set crashes = crashes + 1, lease_token = lease_token + 1,
                    state = case when crashes + 1 >= $2 then 'dead' else 'ready' end,
                    last_error_code = 'worker.silent', last_error = 'the worker that held the job went silent',
                    lease_expires_at = null, leased_by = null, run_at = now(), announced_at = now(),
                    finished_at = case when crashes + 1 >= $2 then now() end
                from silent where j.id = silent.id
                returning j.id, j.stage, j.state, j.voice_message_id, j.outbound_message_id
            ), history as (
                insert into job_events (job_id, event, actor, detail)
                select id, 'lease-expired', $3, jsonb_build_object('state', state) from taken
            ), \(Self.adviceSQL(from: "taken", advice: "$4"))
            select id, stage, state from taken union all select id, 'deliver', 'advice' from advice_job
            """,
            [
                .integer(Int64(limit)), .integer(Int64(crashLimit)), .text(actor),
                try LedgerJSON.encode(advice), .double(settling.inSeconds),
            ])
        var rescue = Rescue()
        for row in rows {
            let state = try row.value("state", as: String.self)
            if state == "dead" { rescue.buried += 1 }
            if state == "ready" { rescue.rescued += 1 }
            guard state != "dead", let stage = JobStage(rawValue: try row.value("stage")) else { continue }
            rescue.ready.append(JobHint(job: JobID(try row.value("id")), stage: stage))
        }
        return rescue
    }

    /// After the server's clock was set back, leases and waits would last longer than anybody asked for: shortens
    /// what reaches further into the future than it can have been written.
    ///
    /// - Parameters:
    ///   - lease: The longest lease.
    ///   - wait: The longest wait for a retry.
    package func clampToClock(lease: Duration, wait: Duration) async throws(StoreError) {
        _ = try await run(
            """
            with leases as (
                update jobs set lease_expires_at = now() + make_interval(secs => $1::float8)
                where state = 'leased' and lease_expires_at > now() + make_interval(secs => $1::float8 * 2)
            )
            update jobs set run_at = now() + make_interval(secs => $2::float8)
            where state = 'retrying' and run_at > now() + make_interval(secs => $2::float8 + 60)
            """, [.double(lease.inSeconds), .double(wait.inSeconds)])
    }

    /// Makes due retries ready.
    ///
    /// - Parameters:
    ///   - busy: Stages with fresh work in front of them: their retries wait for `patience` more.
    ///   - patience: After that a retry takes its place in the queue, however busy the stage.
    package func promoteDue(
        limit: Int, busy: Set<JobStage> = [], patience: Duration = .zero
    ) async throws(StoreError) -> [JobHint] {
        try hints(
            in: try await run(
                """
                with due as (
                    select id from jobs where state = 'retrying' and run_at <= now()
                      and (stage <> all($3) or run_at <= now() - make_interval(secs => $4))
                    order by run_at limit $1 for update skip locked
                ), promoted as (
                    update jobs j set state = 'ready', announced_at = now() from due where j.id = due.id
                    returning j.id, j.stage
                ), history as (
                    insert into job_events (job_id, event, actor) select id, 'due', $2 from promoted
                )
                select id, stage from promoted
                """,
                [
                    .integer(Int64(limit)), .text(actor), .texts(busy.map(\.rawValue)),
                    .double(patience.inSeconds),
                ]))
    }

    /// Ready jobs of a stage whose last hint was sent at `cutoff` or before, marked as announced now.
    ///
    /// Call it only when hints are missing; oldest first.
    ///
    /// - Parameter cutoff: In Postgres time, from ``Backlog/asOf``.
    package func unannounced(_ stage: JobStage, since cutoff: Date, limit: Int) async throws(StoreError)
        -> [JobHint]
    {
        try hints(
            in: try await run(
                """
                with stale as (
                    select id from jobs
                    where state = 'ready' and admitted and stage = $1 and announced_at <= $2
                    order by announced_at, id limit $3 for update skip locked
                )
                update jobs j set announced_at = now() from stale where j.id = stale.id
                returning j.id, j.stage
                """, [.text(stage.rawValue), .timestamp(cutoff), .integer(Int64(limit))]))
    }

    /// What waits in a stage, admitted to it.
    package func backlog(_ stage: JobStage) async throws(StoreError) -> Backlog {
        let rows = try await run(
            """
            select count(*)::int8 as waiting, clock_timestamp() as as_of,
                coalesce(extract(epoch from now() - min(run_at)), 0)::float8 as oldest,
                coalesce(extract(epoch from now() - min(announced_at)), 0)::float8 as oldest_hint
            from jobs where state = 'ready' and admitted and stage = $1
            """, [.text(stage.rawValue)])
        guard let row = rows.first else { throw .unreadable("an aggregate without a row") }
        return Backlog(
            waiting: try row.value("waiting"),
            oldest: .seconds(max(0, try row.value("oldest", as: Double.self))),
            oldestHint: .seconds(try row.value("oldest_hint", as: Double.self)), asOf: try row.value("as_of"))
    }

    func hints(in rows: PostgresResult) throws(StoreError) -> [JobHint] {
        var found: [JobHint] = []
        for row in rows {
            guard let stage = JobStage(rawValue: try row.value("stage")) else { continue }
            found.append(JobHint(job: JobID(try row.value("id")), stage: stage))
        }
        return found.sorted { $0.job.rawValue < $1.job.rawValue }
    }
}
