package import CoachDomain
package import Foundation
import Postgres

/// A stage that starts no jobs for the time being.
package struct StagePause: Hashable, Sendable, Codable {
    package var stage: JobStage
    package var reason: String?
    package var pausedBy: String
    package var pausedAt: Date
    /// `nil`: until somebody resumes it.
    package var expiresAt: Date?
}

extension Ledger {
    /// Stages whose pause has not run out.
    static let pausedSQL =
        "select p.stage from stage_pauses p where p.expires_at is null or p.expires_at > now()"

    /// Keeps every worker from starting jobs of a stage; jobs that run go on, and notes are still accepted.
    ///
    /// Holds from the moment this returns, because every claim asks. A pause that exists is replaced.
    ///
    /// - Parameter duration: `nil`: until ``resume(_:reason:)``.
    package func pause(_ stage: JobStage, reason: String?, for duration: Duration?)
        async throws(StoreError) -> StagePause
    {
        let rows = try await run(
            """
            with paused as (
                insert into stage_pauses (stage, reason, paused_by, expires_at)
                values ($1, $2, $3, now() + make_interval(secs => $4))
                on conflict (stage) do update set reason = excluded.reason, paused_by = excluded.paused_by,
                    paused_at = excluded.paused_at, expires_at = excluded.expires_at
                returning *
            ), audit as (
                insert into operator_actions (action, actor, detail)
                select 'stage-paused', $3, jsonb_strip_nulls(jsonb_build_object(
                    'stage', stage, 'reason', reason, 'expiresAt', expires_at)) from paused
            )
            select * from paused
            """,
            [
                .text(stage.rawValue), reason.map { .text($0) } ?? .null, .text(actor),
                duration.map { .double($0.inSeconds) } ?? .null,
            ])
        guard let row = rows.first else { throw .unreadable("a pause without a row") }
        return try pause(in: row)
    }

    /// Lets a stage start jobs again.
    ///
    /// - Returns: Whether it was paused; if not, nothing was changed or audited.
    package func resume(_ stage: JobStage, reason: String?) async throws(StoreError) -> Bool {
        let rows = try await run(
            """
            with resumed as (
                delete from stage_pauses where stage = $1 returning stage, expires_at
            ), audit as (
                insert into operator_actions (action, actor, detail)
                select 'stage-resumed', $3, jsonb_strip_nulls(jsonb_build_object('stage', stage, 'reason', $2::text))
                from resumed where expires_at is null or expires_at > now()
            )
            select 1 as paused from resumed where expires_at is null or expires_at > now()
            """, [.text(stage.rawValue), reason.map { .text($0) } ?? .null, .text(actor)])
        return !rows.isEmpty
    }

    /// The pauses that hold at this moment.
    package func pauses() async throws(StoreError) -> [StagePause] {
        var found: [StagePause] = []
        for row in try await run(
            "select * from stage_pauses where expires_at is null or expires_at > now() order by stage", [])
        {
            found.append(try pause(in: row))
        }
        return found
    }

    private func pause(in row: PostgresRow) throws(StoreError) -> StagePause {
        guard let stage = JobStage(rawValue: try row.value("stage")) else { throw .unreadable("job stage") }
        return StagePause(
            stage: stage, reason: try row.value("reason"), pausedBy: try row.value("paused_by"),
            pausedAt: try row.value("paused_at"), expiresAt: try row.value("expires_at"))
    }
}
