package import CoachDomain
import Foundation
import Postgres

/// A job that this process holds.
package struct ClaimedJob: Hashable, Sendable {
    package var lease: Lease
    package var stage: JobStage
    package var note: NoteID?
    package var outboundMessageID: Int64?
    package var requestID: Int64?
    package var lifeCycle: JobLifeCycle
    /// Since creation or an operator's fresh start, at the moment of the claim.
    package var age: Duration
    /// Time left until the answer has to be there; may be negative; `nil` where nothing presses.
    package var timeLeft: Duration?

    package init(
        lease: Lease, stage: JobStage, note: NoteID?, outboundMessageID: Int64?, requestID: Int64? = nil,
        lifeCycle: JobLifeCycle, age: Duration, timeLeft: Duration?
    ) {
        self.lease = lease
        self.stage = stage
        self.note = note
        self.outboundMessageID = outboundMessageID
        self.requestID = requestID
        self.lifeCycle = lifeCycle
        self.age = age
        self.timeLeft = timeLeft
    }
}

/// Texts by language for one piece of advice; English is the fallback.
package typealias LocalizedText = [String: RichText]

extension Ledger {
    /// Takes every one of `jobs` that is ready, in one statement; attempts are counted here.
    ///
    /// A job that someone else holds, that is finished, waits for its retry, or is of a paused stage is left out of the result: a duplicate
    /// hint costs nothing. If the call fails with an unknown outcome, the leases run out by themselves.
    package func claim(_ jobs: [JobID], lease: Duration) async throws(StoreError) -> [ClaimedJob] {
        guard !jobs.isEmpty else { return [] }
        let rows = try await run(
            """
            with open as (
                select id from jobs
                where id = any($1) and state = 'ready' and admitted
                  and stage not in (\(Self.pausedSQL))
                order by id for update skip locked
            ), claimed as (
                update jobs set state = 'leased', attempts = attempts + 1, lease_token = lease_token + 1,
                    lease_expires_at = now() + make_interval(secs => $2), leased_by = $3
                from open where jobs.id = open.id
                returning jobs.id, stage, voice_message_id, outbound_message_id, request_id, attempts, crashes, lease_token,
                    extract(epoch from now() - retry_since)::float8 as age,
                    extract(epoch from deadline - now())::float8 as time_left
            ), history as (
                insert into job_events (job_id, event, actor) select id, 'claimed', $3 from claimed
            )
            select * from claimed order by id
            """, [.integers(jobs.map(\.rawValue)), .double(lease.inSeconds), .text(actor)])
        var claimed: [ClaimedJob] = []
        for row in rows {
            guard let stage = JobStage(rawValue: try row.value("stage")) else { continue }
            claimed.append(
                ClaimedJob(
                    lease: Lease(job: JobID(try row.value("id")), token: try row.value("lease_token")),
                    stage: stage,
                    note: (try row.value("voice_message_id", as: Int64?.self)).map { NoteID($0) },
                    outboundMessageID: try row.value("outbound_message_id"),
                    requestID: try row.value("request_id"),
                    lifeCycle: JobLifeCycle(
                        state: .leased, attempts: try row.value("attempts"), crashes: try row.value("crashes")
                    ),
                    age: .seconds(try row.value("age", as: Double.self)),
                    timeLeft: (try row.value("time_left", as: Double?.self)).map { .seconds($0) }))
        }
        return claimed
    }

    /// Prolongs leases in one statement.
    ///
    /// - Returns: The jobs that are still held; whoever is missing has been taken over or cancelled.
    package func renew(
        _ leases: [Lease], for duration: Duration, deadline: ContinuousClock.Instant? = nil
    ) async throws(StoreError) -> Set<JobID> {
        guard !leases.isEmpty else { return [] }
        let rows = try await run(
            """
            with standing as (
                -- In one order, so that this and a batch of ends cannot wait for each other.
                select j.id from jobs j join unnest($1::int8[], $2::int8[]) as held(id, token) using (id)
                where j.lease_token = held.token and j.state = 'leased' order by j.id for update of j
            )
            update jobs set lease_expires_at = now() + make_interval(secs => $3)
            from standing where jobs.id = standing.id
            returning jobs.id
            """,
            [
                .integers(leases.map(\.job.rawValue)), .integers(leases.map(\.token)),
                .double(duration.inSeconds),
            ], deadline: deadline)
        var kept: Set<JobID> = []
        for row in rows { kept.insert(JobID(try row.value("id"))) }
        return kept
    }

    /// Returns unfinished jobs at once, without cost, so that no lease has to run out.
    ///
    /// - Returns: The jobs that became ready; a hint should follow.
    package func handBack(_ leases: [Lease]) async throws(StoreError) -> Set<JobID> {
        guard !leases.isEmpty else { return [] }
        let rows = try await run(
            """
            with returned as (
                update jobs set state = 'ready', attempts = greatest(attempts - 1, 0), run_at = now(),
                    lease_expires_at = null, leased_by = null, announced_at = now()
                from (
                    select j.id from jobs j join unnest($1::int8[], $2::int8[]) as held(id, token) using (id)
                    where j.lease_token = held.token and j.state = 'leased' order by j.id for update of j
                ) standing
                where jobs.id = standing.id
                returning jobs.id
            ), history as (
                insert into job_events (job_id, event, actor) select id, 'handed-back', $3 from returned
            )
            select id from returned
            """, [.integers(leases.map(\.job.rawValue)), .integers(leases.map(\.token)), .text(actor)])
        var returned: Set<JobID> = []
        for row in rows { returned.insert(JobID(try row.value("id"))) }
        return returned
    }

    /// Writes down that an attempt failed, and what follows from it.
    ///
    /// When the job is dead and its note's speaker has to be told, the advice and its delivery job are written
    /// in the same statement: a dead job never leaves a user without an answer.
    ///
    /// - Parameters:
    ///   - next: State, counters after ``JobLifeCycle/apply(_:age:policy:random:)``.
    ///   - delay: Wait before the job is due.
    ///   - calls: Paid calls made in this attempt.
    /// - Returns: What is to be announced: the delivery of the advice, and the next note of the same person.
    /// - Throws: ``StoreError/fenced(_:)`` when the lease is lost; nothing was written.
    package func fail(
        _ lease: Lease, failure: JobFailure, next: JobLifeCycle, delay: Duration, advice: LocalizedText,
        calls: [ProviderCall] = []
    ) async throws(StoreError) -> [JobHint] {
        let rows = try await run(
            """
            with failed as (
                update jobs set state = $3, attempts = $4, crashes = $5, last_error_code = $6, last_error = $7,
                    run_at = now() + make_interval(secs => $8), lease_expires_at = null, leased_by = null,
                    finished_at = case when $3 = 'dead' then now() end
                where id = $1 and lease_token = $2 and state = 'leased'
                returning id, voice_message_id, outbound_message_id, stage, state, bot_id, telegram_user_id
            ), history as (
                insert into job_events (job_id, event, actor, detail)
                select id, 'failed', $9, jsonb_build_object('code', $6::text, 'detail', $7::text, 'state', state)
                from failed
            ), \(Self.callsSQL(from: "failed", parameter: "$11")),
            \(Self.adviceSQL(from: "failed", advice: "$10")), \(Self.promotedSQL(from: "failed"))
            select (select count(*) from failed)::int8 as written, (select id from advice_job) as advice_job,
                (select id from promoted) as promoted
            """,
            [
                .integer(lease.job.rawValue), .integer(lease.token), .text(next.state.rawValue),
                .integer(Int64(next.attempts)), .integer(Int64(next.crashes)), .text(failure.code),
                .text(failure.detail), .double(delay.inSeconds), .text(actor), try LedgerJSON.encode(advice),
                try LedgerJSON.encode(calls),
            ])
        guard let row = rows.first, try row.value("written", as: Int64.self) == 1 else {
            throw .fenced(lease.job)
        }
        var hints: [JobHint] = []
        if let job = try row.value("advice_job", as: Int64?.self) {
            hints.append(JobHint(job: JobID(job), stage: .deliver))
        }
        if let job = try row.value("promoted", as: Int64?.self) {
            hints.append(JobHint(job: JobID(job), stage: .transcribe))
        }
        return hints
    }

    /// For every dead job of `source` that owes its note an answer: the advice, and the job to deliver it.
    ///
    /// A dead delivery marks its message as undeliverable instead.
    static func adviceSQL(from source: String, advice: String) -> String {
        """
        advice as (
            insert into outbound_messages
                (bot_id, telegram_user_id, chat_id, voice_message_id, reply_to_message_id, kind, body)
            select v.bot_id, v.telegram_user_id, v.chat_id, v.id, v.message_id, 'advice',
                   \(localized(advice, language: languageSQL("v")))
            from \(source) s join voice_messages v on v.id = s.voice_message_id
            where s.state = 'dead' and s.stage in ('transcribe', 'coach')
            returning id, voice_message_id, bot_id, telegram_user_id
        ), advice_job as (
            insert into jobs (stage, outbound_message_id, voice_message_id, bot_id, telegram_user_id)
            select 'deliver', id, voice_message_id, bot_id, telegram_user_id from advice
            returning id
        ), advice_history as (
            insert into job_events (job_id, event, actor, detail)
            select id, 'accepted', 'ledger', '{"reason": "advice"}' from advice_job
        ), undeliverable as (
            update outbound_messages o set state = 'undeliverable'
            from \(source) s where s.state = 'dead' and s.stage = 'deliver' and o.id = s.outbound_message_id
        )
        """
    }

    /// The text in a person's language, or in English.
    static func localized(_ texts: String, language: String) -> String {
        """
        coalesce(\(texts)::jsonb -> split_part(coalesce(\(language), 'en'), '-', 1), \(texts)::jsonb -> 'en')
        """
    }

    /// The paid calls of one attempt, taken from a JSON array; those that their settlement has booked already
    /// are left as they are.
    static func callsSQL(from source: String, parameter: String) -> String {
        """
        calls as (
            insert into provider_calls
                (job_id, voice_message_id, operation, provider, model, units, cost_micro_usd, price_version,
                 latency_seconds, outcome, failure, reservation_id)
            select s.id, s.voice_message_id, c->>'operation', c->>'provider', c->>'model', c->'units',
                   (c->>'costMicroUSD')::int8, c->>'priceVersion', (c->>'latencySeconds')::float8,
                   c->>'outcome', c->>'failure', (c->>'reservation')::int8
            from \(source) s, jsonb_array_elements(\(parameter)::jsonb) c
            on conflict do nothing
        )
        """
    }
}
