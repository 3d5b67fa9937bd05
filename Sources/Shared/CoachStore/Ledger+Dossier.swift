package import CoachDomain
package import Foundation
import Postgres

/// One entry of a job's history.
package struct JobHistoryEntry: Hashable, Sendable, Encodable {
    package var job: Int64
    package var stage: JobStage
    package var at: Date
    package var event: String
    package var actor: String
    /// JSON text, when there is more to say.
    package var detail: String?
}

/// A job with everything that happened to its note.
package struct JobDossier: Hashable, Sendable, Encodable {
    package var job: JobSummary
    /// All jobs of the same note, this one included, oldest first.
    package var siblings: [JobSummary]
    /// `nil` for an answer to a text.
    package var note: NoteSummary?
    /// Of all those jobs, in order of time.
    package var history: [JobHistoryEntry]
    /// Paid calls, in order of time.
    package var calls: [CallSummary]
    /// What the speaker was told or is to be told, oldest first; without the words.
    package var messages: [MessageSummary]
}

/// A note as it came in, without what was said.
package struct NoteSummary: Hashable, Sendable, Encodable {
    package var id: Int64
    package var updateID: Int64
    package var chat: Int64
    package var message: Int64
    package var kind: String
    package var bytes: Int64?
    package var declaredSeconds: Double?
    package var receivedAt: Date
    /// `none`, `sending` or `sent`.
    package var placeholderState: String
    /// The message that results are shown in.
    package var placeholderMessage: Int64?
}

/// One paid call and when it was booked.
package struct CallSummary: Hashable, Sendable, Encodable {
    /// `nil` when the job was erased.
    package var job: Int64?
    package var at: Date
    package var call: ProviderCall

    private enum Keys: String, CodingKey { case job, at }

    package func encode(to encoder: any Encoder) throws {
        try call.encode(to: encoder)
        var own = encoder.container(keyedBy: Keys.self)
        try own.encodeIfPresent(job, forKey: .job)
        try own.encode(at, forKey: .at)
    }
}

/// One delivery.
package struct MessageSummary: Hashable, Sendable, Encodable {
    package var id: Int64
    /// `feedback`, `advice`, `notice` or `answer`.
    package var kind: String
    /// `pending`, `sending`, `delivered`, `undeliverable` or `superseded`.
    package var state: String
    /// Telegram's number of the message that shows it.
    package var message: Int64?
    package var createdAt: Date
    package var deliveredAt: Date?
}

extension Ledger {
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
        return JobDossier(
            job: job, siblings: siblings, note: try await noteSummary(of: job), history: history,
            calls: try await calls(of: ids), messages: try await messages(of: ids))
    }

    private func calls(of jobs: PostgresValue) async throws(StoreError) -> [CallSummary] {
        var calls: [CallSummary] = []
        for row in try await run(
            """
            select operation, provider, model, units, cost_micro_usd, price_version, latency_seconds, outcome,
                failure, job_id, at
            from provider_calls where job_id = any($1) order by id
            """, [jobs])
        {
            guard let operation = ProviderCall.Operation(rawValue: try row.value("operation")),
                let outcome = ProviderCall.Outcome(rawValue: try row.value("outcome"))
            else { throw .unreadable("provider call") }
            let call = ProviderCall(
                provider: try row.value("provider"), model: try row.value("model"), operation: operation,
                units: try LedgerJSON.decode([String: Double].self, from: try row.value("units")),
                costMicroUSD: try row.value("cost_micro_usd"),
                priceVersion: try row.value("price_version"),
                latencySeconds: try row.value("latency_seconds"), outcome: outcome,
                failure: try row.value("failure"))
            calls.append(CallSummary(job: try row.value("job_id"), at: try row.value("at"), call: call))
        }
        return calls
    }

    private func noteSummary(of job: JobSummary) async throws(StoreError) -> NoteSummary? {
        guard let note = job.note else { return nil }
        let rows = try await run(
            """
            select id, update_id, chat_id, message_id, kind, file_bytes, declared_seconds, received_at,
                placeholder_state, placeholder_message_id
            from voice_messages where id = $1
            """, [.integer(note)])
        guard let row = rows.first else { return nil }
        return NoteSummary(
            id: note, updateID: try row.value("update_id"), chat: try row.value("chat_id"),
            message: try row.value("message_id"), kind: try row.value("kind"),
            bytes: try row.value("file_bytes"), declaredSeconds: try row.value("declared_seconds"),
            receivedAt: try row.value("received_at"),
            placeholderState: try row.value("placeholder_state"),
            placeholderMessage: try row.value("placeholder_message_id"))
    }

    private func messages(of jobs: PostgresValue) async throws(StoreError) -> [MessageSummary] {
        var messages: [MessageSummary] = []
        for row in try await run(
            """
            select id, kind, state, telegram_message_id, created_at, delivered_at from outbound_messages
            where id in (select outbound_message_id from jobs where id = any($1)) order by id
            """, [jobs])
        {
            messages.append(
                MessageSummary(
                    id: try row.value("id"), kind: try row.value("kind"), state: try row.value("state"),
                    message: try row.value("telegram_message_id"), createdAt: try row.value("created_at"),
                    deliveredAt: try row.value("delivered_at")))
        }
        return messages
    }
}
