package import CoachDomain
import Foundation
import Postgres

/// Money: set aside before a call, settled after it.
///
/// Everything that changes a budget holds one lock until its commit, so budgets are exact among any number of
/// processes. The price is one writer at a time, which is why wishes and settlements come in batches.
extension Ledger {
    /// Any number that nobody else locks by.
    private static let lock: PostgresStatement = "select pg_advisory_xact_lock(7355608118)"

    /// Settles and sets aside, in one round trip and one transaction.
    ///
    /// Settlements come first and free what they leave. A settlement of a reservation that is settled already
    /// changes nothing; one that comes after the expiry corrects what the expiry assumed. If the call fails with
    /// an unknown outcome, settlements can be repeated; money that was set aside is booked when it expires.
    ///
    /// - Returns: One verdict per request, in their order.
    package func book(
        _ settlements: [CostSettlement], _ requests: [CostRequest], limits: SpendingLimits,
        deadline: ContinuousClock.Instant? = nil
    ) async throws(StoreError) -> [CostVerdict] {
        var statements = [Self.lock]
        if !settlements.isEmpty {
            statements.append(PostgresStatement(Self.settleSQL, [try LedgerJSON.encode(settlements)]))
        }
        if !requests.isEmpty {
            let asked = try LedgerJSON.encode(requests.enumerated().map { Asked($0.offset, $0.element) })
            statements.append(PostgresStatement(Self.accountSQL, [asked]))
            statements.append(
                PostgresStatement(
                    Self.reserveSQL,
                    [
                        asked, .optional(limits.perNote, PostgresValue.integer),
                        .optional(limits.perPersonDay, PostgresValue.integer),
                        .optional(limits.perProviderDay, PostgresValue.integer),
                        .optional(limits.perMonth, PostgresValue.integer), .text(actor),
                    ]))
        }
        let results: [PostgresResult]
        do {
            results = try await pool.pipeline(statements, deadline: deadline)
        } catch {
            throw .database(error)
        }
        guard !requests.isEmpty, let rows = results.last else { return [] }
        var verdicts: [CostVerdict] = []
        for row in rows {
            if let id = try row.value("id", as: Int64?.self) {
                verdicts.append(.granted(id))
            } else if let scope = try row.value("refused_by", as: String?.self) {
                verdicts.append(.refused(BudgetScope(rawValue: scope) ?? .month))
            } else {
                verdicts.append(.crowded)
            }
        }
        guard verdicts.count == requests.count else { throw .unreadable("a reservation without a verdict") }
        return verdicts
    }

    /// Books reservations whose call can no longer be under way: at the cost that a stored result tells, or else
    /// in full, because the vendor may have done the work and nobody can say.
    ///
    /// - Returns: How many there were.
    package func expireReservations(limit: Int = 500) async throws(StoreError) -> Int {
        let statements = [Self.lock, PostgresStatement(Self.expireSQL, [.integer(limit)])]
        do {
            return try await pool.pipeline(statements).last?.count ?? 0
        } catch {
            throw .database(error)
        }
    }

    /// Forgets reservations that were settled long ago, and days that nobody asks for any more.
    package func forgetSpending(before age: Duration = .seconds(7 * 86_400)) async throws(StoreError) {
        _ = try await run(
            """
            with old as (delete from reservations where settled_at < now() - make_interval(secs => $1))
            delete from budgets where scope <> 'month' and period < (now() - make_interval(secs => $1))::date
            """, [.double(age.inSeconds)])
    }

    /// How much is gone of the month, of each provider's day and, for a note, of the note and its speaker's day.
    ///
    /// Read without a lock: a moment later it may be more.
    package func spending(note: NoteID?, deadline: ContinuousClock.Instant? = nil)
        async throws(StoreError) -> [BudgetUse]
    {
        let rows = try await run(
            """
            with today as (select (now() at time zone 'utc')::date as day)
            select b.scope, case b.scope when 'provider-day' then b.subject else '' end as subject,
                   b.spent_micro_usd as spent, b.reserved_micro_usd as reserved
            from budgets b, today
            where (b.scope = 'month' and b.subject = '' and b.period = date_trunc('month', day)::date)
               or (b.scope = 'provider-day' and b.period = day)
               or (b.scope = 'person-day' and b.period = day and b.subject =
                   (select bot_id || '/' || telegram_user_id from voice_messages where id = $1))
            union all
            select 'note', '', coalesce(sum(settled_micro_usd), 0)::int8,
                   coalesce(sum(ceiling_micro_usd) filter (where settled_at is null), 0)::int8
            from reservations where voice_message_id = $1
            """, [.optional(note?.rawValue, PostgresValue.integer)], deadline: deadline)
        var uses: [BudgetUse] = []
        for row in rows {
            guard let scope = BudgetScope(rawValue: try row.value("scope")) else { continue }
            uses.append(
                BudgetUse(
                    scope: scope, subject: try row.value("subject"), spentMicroUSD: try row.value("spent"),
                    reservedMicroUSD: try row.value("reserved")))
        }
        return uses
    }

    /// Keeps a price list for as long as there are calls that were priced by it.
    ///
    /// - Parameter body: The JSON document, whose digest is in the version.
    package func keepPriceList(version: String, body: [UInt8]) async throws(StoreError) {
        _ = try await run(
            "insert into price_lists (version, body) values ($1, $2) on conflict do nothing",
            [.text(version), .json(Data(body))])
    }

    /// A request as JSON; SQL reads these names.
    private struct Asked: Encodable {
        var place: Int
        var note: Int64?
        var job: Int64?
        var operation: String
        var provider: String
        var model: String
        var ceiling: Int64
        var priceVersion: String
        var seconds: Double

        init(_ place: Int, _ request: CostRequest) {
            self.place = place
            note = request.note?.rawValue
            job = request.job?.rawValue
            operation = request.operation.rawValue
            provider = request.provider
            model = request.model
            ceiling = request.ceilingMicroUSD
            priceVersion = request.priceVersion
            seconds = request.expiry.inSeconds
        }
    }
}

extension CostSettlement: Encodable {
    private enum CodingKeys: CodingKey { case reservation, cost, call }

    /// SQL reads these names.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(reservation, forKey: .reservation)
        try container.encode(call?.costMicroUSD ?? 0, forKey: .cost)
        try container.encodeIfPresent(call, forKey: .call)
    }
}
