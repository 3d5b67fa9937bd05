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
    ///
    /// A speaker who waits is told, once per note, in place of the answer. Who has been told already (a dead job)
    /// is not told again.
    ///
    /// - Returns: What became of each job, and the deliveries of `advice`.
    package func cancel(_ ids: [JobID], reason: String?, advice: LocalizedText) async throws(StoreError)
        -> (outcomes: [OperatorOutcome], telling: [JobHint])
    {
        let rows = try await changeRows(
            ids, allowed: ["ready", "leased", "retrying", "dead"], event: "cancelled-by-operator",
            reason: reason,
            set: "state = 'cancelled', lease_expires_at = null, leased_by = null, finished_at = now()",
            then: """
                , withdrawn as (
                    update outbound_messages o set state = 'undeliverable' from changed c
                    where c.stage = 'deliver' and o.id = c.outbound_message_id
                      and o.state in ('pending', 'sending')
                    returning o.id, o.kind
                ), waiting as (
                    select distinct voice_message_id from changed c join before b using (id)
                    where voice_message_id is not null and b.state <> 'dead' and (c.stage <> 'deliver'
                        or c.outbound_message_id in (select id from withdrawn where kind = 'feedback'))
                ), told as (
                    insert into outbound_messages
                        (bot_id, telegram_user_id, chat_id, voice_message_id, reply_to_message_id, kind, body)
                    select v.bot_id, v.telegram_user_id, v.chat_id, v.id, v.message_id, 'advice',
                        \(Self.localized("$6", language: "v.language_code"))
                    from waiting w join voice_messages v on v.id = w.voice_message_id
                    returning id, voice_message_id, bot_id, telegram_user_id
                ), told_job as (
                    insert into jobs (stage, outbound_message_id, voice_message_id, bot_id, telegram_user_id)
                    select 'deliver', id, voice_message_id, bot_id, telegram_user_id from told
                    returning id, stage
                ), told_history as (
                    insert into job_events (job_id, event, actor, detail)
                    select id, 'accepted', $4, '{"reason": "cancelled"}' from told_job
                )
                """,
            parameters: [try LedgerJSON.encode(advice)],
            result: "union all select id, null, stage, null from told_job")
        var telling: [JobHint] = []
        for row in rows where try row.value("changed", as: Bool?.self) == nil {
            telling.append(JobHint(job: JobID(try row.value("id")), stage: try stage(in: row)))
        }
        return (try outcomes(in: rows), telling)
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
        try outcomes(
            in: try await changeRows(ids, allowed: allowed, event: event, reason: reason, set: set))
    }

    /// - Parameters:
    ///   - then: More CTEs, after `changed` (jobs) and `before` (what they were).
    ///   - parameters: From `$6` on.
    ///   - result: More rows, without `changed`.
    private func changeRows(
        _ ids: [JobID], allowed: [String], event: String, reason: String?, set: String, then: String = "",
        parameters: [PostgresValue] = [], result: String = ""
    ) async throws(StoreError) -> PostgresResult {
        try await run(
            """
            with wanted as (select unnest($1::int8[]) as id), before as (
                select j.id, j.state, j.stage from jobs j join wanted using (id) order by j.id for update of j
            ), changed as (
                update jobs j set \(set), lease_token = lease_token + 1
                from before where j.id = before.id and before.state = any($2)
                returning j.id, j.stage, j.voice_message_id, j.outbound_message_id
            ), history as (
                insert into job_events (job_id, event, actor, detail)
                select id, $3, $4, jsonb_strip_nulls(jsonb_build_object('reason', $5::text)) from changed
            )\(then)
            select w.id, b.state, b.stage, c.id is not null as changed
            from wanted w left join before b using (id) left join changed c using (id) \(result) order by id
            """,
            [
                .integers(ids.map(\.rawValue)), .texts(allowed), .text(event), .text(actor),
                reason.map { .text($0) } ?? .null,
            ] + parameters)
    }

    private func outcomes(in rows: PostgresResult) throws(StoreError) -> [OperatorOutcome] {
        var outcomes: [OperatorOutcome] = []
        for row in rows {
            guard let changed = try row.value("changed", as: Bool?.self) else { continue }
            let state = try row.value("state", as: String?.self).flatMap(JobState.init(rawValue:))
            outcomes.append(
                OperatorOutcome(
                    id: try row.value("id"),
                    result: state == nil ? .notFound : changed ? .changed : .refused, state: state,
                    stage: try row.value("stage", as: String?.self).flatMap(JobStage.init(rawValue:))))
        }
        return outcomes
    }

    static let summaryColumns = """
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

    func summaries(in rows: PostgresResult) throws(StoreError) -> [JobSummary] {
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

    func stage(in row: PostgresRow) throws(StoreError) -> JobStage {
        guard let stage = JobStage(rawValue: try row.value("stage")) else { throw .unreadable("job stage") }
        return stage
    }

    private func state(in row: PostgresRow) throws(StoreError) -> JobState {
        guard let state = JobState(rawValue: try row.value("state")) else { throw .unreadable("job state") }
        return state
    }
}
