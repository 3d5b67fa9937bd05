package import CoachDomain
import Foundation
import Postgres

/// What processes tell each other about providers.
extension Ledger {
    /// Writes what this process found out, and reads what everybody knows, in one round trip.
    ///
    /// A wait joins the one that is there already; that somebody closed a breaker ends it, but not the pause that
    /// the vendor asked for. Repeating a call that failed does no harm.
    package func exchange(
        _ changes: [ProviderState], deadline: ContinuousClock.Instant? = nil
    ) async throws(StoreError) -> ProviderKnowledge {
        var statements = [Self.statesSQL, Self.switchesSQL]
        if !changes.isEmpty {
            let rows = try LedgerJSON.encode(changes.map(Told.init))
            statements.insert(PostgresStatement(Self.tellSQL, [rows, .text(actor)]), at: 0)
        }
        let results: [PostgresResult]
        do {
            results = try await pool.pipeline(statements, deadline: deadline)
        } catch {
            throw .database(error)
        }
        var knowledge = ProviderKnowledge(states: [], switches: [])
        for row in results[results.count - 2] {
            if let state = try Self.state(in: row) { knowledge.states.append(state) }
        }
        for row in results[results.count - 1] {
            if let word = try Self.providerSwitch(in: row) { knowledge.switches.append(word) }
        }
        return knowledge
    }

    /// How long the latest successful calls of each provider took, oldest first.
    package func latestLatencies(
        of count: Int, within age: Duration
    ) async throws(StoreError) -> [ProviderStateKey: [Duration]] {
        let rows = try await run(
            """
            select provider, model, operation, array_agg(latency_seconds order by id) as latencies
            from (
                select *, row_number() over (partition by provider, model, operation order by id desc) as place
                from provider_calls
                where at > now() - make_interval(secs => $2) and outcome = 'success'
            ) latest where place <= $1 group by 1, 2, 3
            """, [.integer(count), .double(age.inSeconds)])
        var latencies: [ProviderStateKey: [Duration]] = [:]
        for row in rows {
            guard let key = try Self.key(in: row) else { continue }
            latencies[key] = try row.value("latencies", as: [Double].self).map { .seconds($0) }
        }
        return latencies
    }

    /// How calls went in the last `age`, for a table.
    package func providerStatistics(within age: Duration) async throws(StoreError) -> [ProviderStatistics] {
        let rows = try await run(
            """
            select provider, model, operation, count(*) as calls, count(*) filter (where outcome <> 'success') as failures,
                   percentile_disc(0.5) within group (order by latency_seconds) filter (where outcome = 'success') as p50,
                   percentile_disc(0.95) within group (order by latency_seconds) filter (where outcome = 'success') as p95,
                   percentile_disc(0.99) within group (order by latency_seconds) filter (where outcome = 'success') as p99,
                   sum(cost_micro_usd)::bigint as cost
            from provider_calls where at > now() - make_interval(secs => $1) group by 1, 2, 3
            """, [.double(age.inSeconds)])
        var statistics: [ProviderStatistics] = []
        for row in rows {
            guard let key = try Self.key(in: row) else { continue }
            statistics.append(
                ProviderStatistics(
                    key: key, calls: try row.value("calls"), failures: try row.value("failures"),
                    p50Seconds: try row.value("p50"), p95Seconds: try row.value("p95"),
                    p99Seconds: try row.value("p99"), costMicroUSD: try row.value("cost")))
        }
        return statistics
    }

    // MARK: The operator's switch

    /// Keeps every process from calling a provider; they see it within seconds. A switch that exists is replaced.
    ///
    /// - Parameter duration: `nil`: until ``closeProvider(_:_:reason:for:)``.
    package func openProvider(
        _ provider: String, _ operations: [ProviderCall.Operation], reason: String?, for duration: Duration?
    ) async throws(StoreError) -> [KeptSwitch] {
        try await turn(provider, operations, to: "open", reason: reason, for: duration)
    }

    /// Takes an operator's switch back and forgets the failures that processes found, so that the next job calls
    /// the provider again.
    ///
    /// - Parameter duration: For so long it is called whatever its failures; `nil`: failures count at once.
    /// - Returns: The switches that hold now.
    package func closeProvider(
        _ provider: String, _ operations: [ProviderCall.Operation], reason: String?, for duration: Duration?
    ) async throws(StoreError) -> [KeptSwitch] {
        // Without a duration the switch has ended as soon as it is set.
        try await turn(provider, operations, to: "closed", reason: reason, for: duration ?? .zero)
    }

    private func turn(
        _ provider: String, _ operations: [ProviderCall.Operation], to state: String, reason: String?,
        for duration: Duration?
    ) async throws(StoreError) -> [KeptSwitch] {
        let rows = try await run(
            """
            with turned as (
                insert into provider_switches (provider, operation, state, reason, set_by, expires_at)
                select $1, operation, $3, $4, $6, now() + make_interval(secs => $5) from unnest($2::text[]) operation
                on conflict (provider, operation) do update set state = excluded.state, reason = excluded.reason,
                    set_by = excluded.set_by, set_at = now(), expires_at = excluded.expires_at
                returning *
            ), forgotten as (
                update provider_state s set state = 'closed', open_until = null, suspended_until = null,
                    openings = 0, suspensions = 0, version = version + 1, changed_by = $6,
                    changed_at = clock_timestamp()
                from turned t
                where t.state = 'closed' and s.provider = t.provider and s.operation = t.operation
            ), audit as (
                insert into operator_actions (action, actor, detail)
                select 'provider-' || case $3 when 'open' then 'opened' else 'closed' end, $6,
                    jsonb_strip_nulls(jsonb_build_object('provider', provider, 'operation', operation,
                        'reason', reason, 'expiresAt', case when expires_at > now() then expires_at end))
                from turned
            )
            select *, extract(epoch from expires_at - now())::float8 as left_seconds from turned
            where expires_at is null or expires_at > now() order by operation
            """,
            [
                .text(provider), .texts(operations.map(\.rawValue)), .text(state),
                .optional(reason, PostgresValue.text), .optional(duration?.inSeconds, PostgresValue.double),
                .text(actor),
            ])
        var switches: [KeptSwitch] = []
        for row in rows {
            if let word = try Self.providerSwitch(in: row) { switches.append(word) }
        }
        return switches
    }

    // MARK: SQL

    /// `$1` what was found out, `$2` by whom. Waits are joined, except by a breaker that closed.
    private static let tellSQL = """
        insert into provider_state as kept
            (provider, model, operation, state, open_until, throttled_until, suspended_until, openings,
             suspensions, concurrency, changed_by)
        select provider, model, operation, state, now() + make_interval(secs => "openFor"),
               now() + make_interval(secs => "throttledFor"), now() + make_interval(secs => "suspendedFor"),
               openings, suspensions, concurrency, $2
        from jsonb_to_recordset($1::jsonb) as t(
            provider text, model text, operation text, state text, "openFor" float8, "throttledFor" float8,
            "suspendedFor" float8, openings int, suspensions int, concurrency float8)
        order by provider, model, operation
        on conflict (provider, model, operation) do update set
            state = excluded.state,
            open_until = case when excluded.state = 'closed' then null
                else greatest(kept.open_until, excluded.open_until) end,
            throttled_until = greatest(kept.throttled_until, excluded.throttled_until),
            suspended_until = case when excluded.state = 'closed' then null
                else greatest(kept.suspended_until, excluded.suspended_until) end,
            openings = case when excluded.state = 'closed' then 0
                else greatest(kept.openings, excluded.openings) end,
            suspensions = case when excluded.state = 'closed' then 0
                else greatest(kept.suspensions, excluded.suspensions) end,
            concurrency = coalesce(excluded.concurrency, kept.concurrency), version = kept.version + 1,
            changed_by = excluded.changed_by, changed_at = clock_timestamp()
        """

    private static let statesSQL: PostgresStatement = """
        select *, extract(epoch from open_until - now())::float8 as open_for,
               extract(epoch from throttled_until - now())::float8 as throttled_for,
               extract(epoch from suspended_until - now())::float8 as suspended_for
        from provider_state order by provider, operation, model
        """

    private static let switchesSQL: PostgresStatement = """
        select *, extract(epoch from expires_at - now())::float8 as left_seconds from provider_switches
        where expires_at is null or expires_at > now() order by provider, operation
        """

    /// A change as JSON; SQL reads these names.
    private struct Told: Encodable {
        var provider: String
        var model: String
        var operation: String
        var state: String
        var openFor: Double?
        var throttledFor: Double?
        var suspendedFor: Double?
        var openings: Int
        var suspensions: Int
        var concurrency: Double?

        init(_ change: ProviderState) {
            provider = change.key.provider
            model = change.key.model
            operation = change.key.operation.rawValue
            state = change.state
            openFor = change.openFor?.inSeconds
            throttledFor = change.throttledFor?.inSeconds
            suspendedFor = change.suspendedFor?.inSeconds
            openings = change.openings
            suspensions = change.suspensions
            concurrency = change.concurrency
        }
    }

    /// `nil` for an operation that this version does not know.
    private static func key(in row: PostgresRow) throws(StoreError) -> ProviderStateKey? {
        guard let operation = ProviderCall.Operation(rawValue: try row.value("operation")) else { return nil }
        return ProviderStateKey(
            provider: try row.value("provider"), model: try row.value("model"), operation: operation)
    }

    private static func state(in row: PostgresRow) throws(StoreError) -> KeptProviderState? {
        guard let key = try key(in: row) else { return nil }
        func wait(_ column: String) throws(StoreError) -> Duration? {
            try row.value(column, as: Double?.self).map { .seconds($0) }
        }
        return KeptProviderState(
            state: ProviderState(
                key: key, state: try row.value("state"), openFor: try wait("open_for"),
                throttledFor: try wait("throttled_for"), suspendedFor: try wait("suspended_for"),
                openings: try row.value("openings"), suspensions: try row.value("suspensions"),
                concurrency: try row.value("concurrency")),
            version: try row.value("version"), changedBy: try row.value("changed_by"),
            changedAt: try row.value("changed_at"))
    }

    private static func providerSwitch(in row: PostgresRow) throws(StoreError) -> KeptSwitch? {
        guard let operation = ProviderCall.Operation(rawValue: try row.value("operation")) else { return nil }
        return KeptSwitch(
            provider: try row.value("provider"), operation: operation,
            isOpen: try row.value("state", as: String.self) == "open", reason: try row.value("reason"),
            setBy: try row.value("set_by"), setAt: try row.value("set_at"),
            expiresAt: try row.value("expires_at"), secondsLeft: try row.value("left_seconds"))
    }
}
