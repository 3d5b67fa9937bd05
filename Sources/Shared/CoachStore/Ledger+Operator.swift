package import CoachDomain
package import Foundation
import Postgres

/// Which jobs an operator means.
package struct JobFilter: Hashable, Sendable {
    package var ids: [JobID] = []
    package var state: JobState?
    package var stage: JobStage?
    package var userID: Int64?
    /// Part of the error's code or detail, any case.
    package var error: String?
    /// Created within this long before now.
    package var since: Duration?
    package var limit: Int = 100

    package init() {}
}

/// One line of a job listing.
package struct JobSummary: Hashable, Sendable, Codable {
    package var id: Int64
    package var stage: JobStage
    package var state: JobState
    package var note: Int64?
    package var user: Int64
    package var attempts: Int
    package var crashes: Int
    package var createdAt: Date
    package var runAt: Date
    package var finishedAt: Date?
    package var leasedBy: String?
    package var errorCode: String?
    package var error: String?
}

/// One entry of a job's history.
package struct JobHistoryEntry: Hashable, Sendable, Codable {
    package var job: Int64
    package var stage: JobStage
    package var at: Date
    package var event: String
    package var actor: String
    /// JSON text, when there is more to say.
    package var detail: String?
}

/// A job with everything that happened to its note.
package struct JobDossier: Hashable, Sendable, Codable {
    package var job: JobSummary
    /// All jobs of the same note, this one included, oldest first.
    package var siblings: [JobSummary]
    /// Of all those jobs, in order of time.
    package var history: [JobHistoryEntry]
    package var calls: [ProviderCall]
}

/// What an operator's change did to one job.
package struct OperatorOutcome: Hashable, Sendable, Codable {
    package enum Result: String, Hashable, Sendable, Codable { case changed, wouldChange, refused, notFound }

    package var id: Int64
    package var result: Result
    /// State before the change.
    package var state: JobState?
    package var stage: JobStage?

    package init(id: Int64, result: Result, state: JobState? = nil, stage: JobStage? = nil) {
        self.id = id
        self.result = result
        self.state = state
        self.stage = stage
    }
}

/// Jobs per stage and state.
package struct JobCount: Hashable, Sendable, Codable {
    package var stage: JobStage
    package var state: JobState
    package var count: Int
    /// Age of the oldest, seconds.
    package var oldestSeconds: Double
}

extension Ledger {
    package func jobs(_ filter: JobFilter) async throws(StoreError) -> [JobSummary] {
        let rows = try await run(
            "select \(Self.summaryColumns) from jobs where \(Self.filterSQL) order by id desc limit $7",
            Self.parameters(of: filter))
        return try summaries(in: rows)
    }

    /// - Throws: ``StoreError/notFound(_:)``.
    package func dossier(_ id: JobID) async throws(StoreError) -> JobDossier {
        let rows = try await run(
            """
            select \(Self.summaryColumns) from jobs
            where id = $1 or voice_message_id = (select voice_message_id from jobs where id = $1)
            order by id
            """, [.integer(id.rawValue)])
        let siblings = try summaries(in: rows)
        guard let job = siblings.first(where: { $0.id == id.rawValue }) else { throw .notFound("job \(id)") }
        let ids = PostgresValue.integers(siblings.map(\.id))
        var history: [JobHistoryEntry] = []
        for row in try await run(
            """
            select e.job_id, j.stage, e.at, e.event, e.actor, e.detail::text as detail
            from job_events e join jobs j on j.id = e.job_id where e.job_id = any($1) order by e.at, e.id
            """, [ids])
        {
            history.append(
                JobHistoryEntry(
                    job: try row.value("job_id"), stage: try stage(in: row), at: try row.value("at"),
                    event: try row.value("event"), actor: try row.value("actor"),
                    detail: try row.value("detail")))
        }
        return JobDossier(job: job, siblings: siblings, history: history, calls: try await calls(of: ids))
    }

    /// Gives jobs a fresh start: ready now, counters at zero, history kept.
    ///
    /// Only dead and retrying jobs; a running one is refused. Two operators at once change a job once: the
    /// second finds it ready and is refused.
    package func retry(_ ids: [JobID], reason: String?) async throws(StoreError) -> [OperatorOutcome] {
        try await change(
            ids, allowed: ["dead", "retrying"], event: "retried-by-operator", reason: reason,
            set: """
                state = 'ready', attempts = 0, crashes = 0, run_at = now(), retry_since = now(),
                announced_at = now(), finished_at = null, admitted = true
                """)
    }

    /// Ends jobs for good; whoever works on one at this moment can write nothing more.
    package func cancel(_ ids: [JobID], reason: String?) async throws(StoreError) -> [OperatorOutcome] {
        try await change(
            ids, allowed: ["ready", "leased", "retrying", "dead"], event: "cancelled-by-operator",
            reason: reason,
            set: "state = 'cancelled', lease_expires_at = null, leased_by = null, finished_at = now()")
    }

    package func jobCounts() async throws(StoreError) -> [JobCount] {
        var counts: [JobCount] = []
        for row in try await run(
            """
            select stage, state, count(*)::int8 as jobs,
                extract(epoch from now() - min(created_at))::float8 as oldest
            from jobs group by stage, state order by stage, state
            """, [])
        {
            counts.append(
                JobCount(
                    stage: try stage(in: row), state: try state(in: row), count: try row.value("jobs"),
                    oldestSeconds: try row.value("oldest")))
        }
        return counts
    }

    private func change(
        _ ids: [JobID], allowed: [String], event: String, reason: String?, set: String
    ) async throws(StoreError) -> [OperatorOutcome] {
        let rows = try await run(
            """
            with wanted as (select unnest($1::int8[]) as id), before as (
                select j.id, j.state, j.stage from jobs j join wanted using (id) order by j.id for update of j
            ), changed as (
                update jobs j set \(set), lease_token = lease_token + 1
                from before where j.id = before.id and before.state = any($2)
                returning j.id
            ), history as (
                insert into job_events (job_id, event, actor, detail)
                select id, $3, $4, jsonb_strip_nulls(jsonb_build_object('reason', $5::text)) from changed
            )
            select w.id, b.state, b.stage, c.id is not null as changed
            from wanted w left join before b using (id) left join changed c using (id) order by w.id
            """,
            [
                .integers(ids.map(\.rawValue)), .texts(allowed), .text(event), .text(actor),
                reason.map { .text($0) } ?? .null,
            ])
        var outcomes: [OperatorOutcome] = []
        for row in rows {
            let state = try row.value("state", as: String?.self).flatMap(JobState.init(rawValue:))
            let changed = try row.value("changed", as: Bool.self)
            outcomes.append(
                OperatorOutcome(
                    id: try row.value("id"),
                    result: state == nil ? .notFound : changed ? .changed : .refused, state: state,
                    stage: try row.value("stage", as: String?.self).flatMap(JobStage.init(rawValue:))))
        }
        return outcomes
    }

    private func calls(of jobs: PostgresValue) async throws(StoreError) -> [ProviderCall] {
        var calls: [ProviderCall] = []
        for row in try await run(
            """
            select operation, provider, model, units, cost_micro_usd, price_version, latency_seconds, outcome,
                failure
            from provider_calls where job_id = any($1) order by id
            """, [jobs])
        {
            guard let operation = ProviderCall.Operation(rawValue: try row.value("operation")),
                let outcome = ProviderCall.Outcome(rawValue: try row.value("outcome"))
            else { throw .unreadable("provider call") }
            calls.append(
                ProviderCall(
                    provider: try row.value("provider"), model: try row.value("model"), operation: operation,
                    units: try LedgerJSON.decode([String: Double].self, from: try row.value("units")),
                    costMicroUSD: try row.value("cost_micro_usd"),
                    priceVersion: try row.value("price_version"),
                    latencySeconds: try row.value("latency_seconds"), outcome: outcome,
                    failure: try row.value("failure")))
        }
        return calls
    }

    private static let summaryColumns = """
        id, stage, state, voice_message_id, telegram_user_id, attempts, crashes, created_at, run_at, finished_at,
        leased_by, last_error_code, last_error
        """

    private static let filterSQL = """
        ($1::int8[] is null or id = any($1)) and ($2::text is null or state = $2)
        and ($3::text is null or stage = $3) and ($4::int8 is null or telegram_user_id = $4)
        and ($5::text is null or strpos(lower(coalesce(last_error_code, '') || ' ' || coalesce(last_error, '')),
                                        lower($5)) > 0)
        and ($6::float8 is null or created_at >= now() - make_interval(secs => $6))
        """

    private static func parameters(of filter: JobFilter) -> [PostgresValue] {
        [
            filter.ids.isEmpty ? .null : .integers(filter.ids.map(\.rawValue)),
            filter.state.map { .text($0.rawValue) } ?? .null,
            filter.stage.map { .text($0.rawValue) } ?? .null,
            filter.userID.map { .integer($0) } ?? .null, filter.error.map { .text($0) } ?? .null,
            filter.since.map { .double($0.inSeconds) } ?? .null, .integer(Int64(max(0, filter.limit))),
        ]
    }

    private func summaries(in rows: PostgresResult) throws(StoreError) -> [JobSummary] {
        var found: [JobSummary] = []
        for row in rows {
            found.append(
                JobSummary(
                    id: try row.value("id"), stage: try stage(in: row), state: try state(in: row),
                    note: try row.value("voice_message_id"), user: try row.value("telegram_user_id"),
                    attempts: try row.value("attempts"), crashes: try row.value("crashes"),
                    createdAt: try row.value("created_at"), runAt: try row.value("run_at"),
                    finishedAt: try row.value("finished_at"), leasedBy: try row.value("leased_by"),
                    errorCode: try row.value("last_error_code"), error: try row.value("last_error")))
        }
        return found
    }

    private func stage(in row: PostgresRow) throws(StoreError) -> JobStage {
        guard let stage = JobStage(rawValue: try row.value("stage")) else { throw .unreadable("job stage") }
        return stage
    }

    private func state(in row: PostgresRow) throws(StoreError) -> JobState {
        guard let state = JobState(rawValue: try row.value("state")) else { throw .unreadable("job state") }
        return state
    }
}
