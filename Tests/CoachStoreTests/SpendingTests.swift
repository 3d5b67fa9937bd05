import CoachDomain
import CoachStore
import Foundation
import Postgres
import Testing

struct SpendingTests {
    private func wish(
        _ micros: Int64, note: NoteID? = nil, provider: String = "openai", expiry: Duration = .seconds(60)
    ) -> CostRequest {
        CostRequest(
            note: note, job: nil, provider: provider, model: "m", operation: .coaching,
            ceilingMicroUSD: micros, priceVersion: "2026-11-20+test", expiry: expiry)
    }

    private func call(_ micros: Int64, _ outcome: ProviderCall.Outcome = .success) -> ProviderCall {
        ProviderCall(
            provider: "openai", model: "m", operation: .coaching, units: ["input_token": 10],
            costMicroUSD: micros, priceVersion: "2026-11-20+test", latencySeconds: 1.5, outcome: outcome)
    }

    private func use(_ fixture: LedgerFixture, _ scope: BudgetScope, note: NoteID? = nil) async throws
        -> BudgetUse?
    {
        try await fixture.ledger.spending(note: note).first { $0.scope == scope }
    }

    /// Each account is the sum of the reservations that weigh on it.
    private func isBalanced(_ fixture: LedgerFixture) async throws -> Bool {
        try await fixture.integer(
            """
            select count(*) from budgets b left join lateral (
                select coalesce(sum(settled_micro_usd), 0) as spent,
                       coalesce(sum(ceiling_micro_usd) filter (where settled_at is null), 0) as reserved
                from reservations r where case b.scope
                    when 'month' then date_trunc('month', r.day)::date = b.period
                    when 'provider-day' then r.provider = b.subject and r.day = b.period
                    else r.person = b.subject and r.day = b.period end
            ) r on true
            where b.spent_micro_usd <> r.spent or b.reserved_micro_usd <> r.reserved
            """) == 0
    }

    @Test func `two hundred requests at once from several processes never exceed a hard budget`()
        async throws
    {
        let fixture = try await LedgerFixture()
        let limits = SpendingLimits(perMonth: 10_000)
        let granted = try await withThrowingTaskGroup(of: [CostVerdict].self) { group in
            for number in 0..<200 {
                let ledger = fixture.another("worker-\(number % 4)")
                let request = wish(Int64(300 + number % 7))
                group.addTask { try await ledger.book([], [request], limits: limits) }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }.count { if case .granted = $0 { true } else { false } }
        let used = try #require(try await use(fixture, .month))
        #expect(used.usedMicroUSD <= 10_000)
        // Not by refusing everybody: what is left is too little for any of them.
        #expect(used.usedMicroUSD > 10_000 - 306)
        #expect(try await fixture.integer("select count(*) from reservations") == granted)
        #expect(
            try await fixture.integer("select sum(ceiling_micro_usd)::int8 from reservations")
                == Int(used.usedMicroUSD))
        #expect(try await isBalanced(fixture))
    }

    @Test(arguments: [BudgetScope.note, .personDay, .providerDay, .month])
    func `each budget refuses by its own name and lets others through`(scope: BudgetScope) async throws {
        let fixture = try await LedgerFixture()
        let note = try await fixture.claimedNote(update: 1).note
        let limits: SpendingLimits =
            switch scope {
            case .note: SpendingLimits(perNote: 100)
            case .personDay: SpendingLimits(perPersonDay: 100)
            case .providerDay: SpendingLimits(perProviderDay: 100)
            case .month: SpendingLimits(perMonth: 100)
            }
        let first = try await fixture.ledger.book([], [wish(60, note: note)], limits: limits)
        guard case .granted = first.first else {
            Issue.record("\(first)")
            return
        }
        #expect(
            try await fixture.ledger.book([], [wish(41, note: note)], limits: limits) == [.refused(scope)])
        let fitting = try await fixture.ledger.book([], [wish(40, note: note)], limits: limits)
        guard case .granted = fitting.first else {
            Issue.record("\(fitting)")
            return
        }
        // Somebody else's note at another provider only meets the month.
        let elsewhere = try await fixture.ledger.book([], [wish(50, provider: "gemini")], limits: limits)
        #expect((elsewhere == [.refused(.month)]) == (scope == .month))
        #expect(try await use(fixture, scope, note: note)?.usedMicroUSD == 100)
    }

    @Test func `in one batch nobody is refused for the sake of somebody who is refused`() async throws {
        let fixture = try await LedgerFixture()
        let limits = SpendingLimits(perMonth: 100)
        let verdicts = try await fixture.ledger.book([], [wish(150), wish(80), wish(30)], limits: limits)
        #expect(verdicts == [.refused(.month), .crowded, .crowded])
        let again = try await fixture.ledger.book([], [wish(80), wish(30)], limits: limits)
        guard case .granted = again[0] else {
            Issue.record("\(again)")
            return
        }
        #expect(again[1] == .crowded)
        #expect(try await fixture.ledger.book([], [wish(30)], limits: limits) == [.refused(.month)])
    }

    @Test func `a settlement gives back what is left and books the call once`() async throws {
        let fixture = try await LedgerFixture()
        let job = try await fixture.claimedNote()
        let ledger = fixture.ledger
        guard
            case .granted(let id) = try await ledger.book(
                [], [wish(500, note: job.note)], limits: SpendingLimits()
            ).first
        else { throw FixtureError() }
        #expect(try await use(fixture, .personDay, note: job.note)?.reservedMicroUSD == 500)

        var paid = call(120)
        paid.reservation = id
        for _ in 0..<2 {
            _ = try await ledger.book(
                [CostSettlement(reservation: id, call: paid)], [], limits: SpendingLimits())
        }
        for scope in [BudgetScope.note, .personDay, .providerDay, .month] {
            let used = try await use(fixture, scope, note: job.note)
            #expect(used?.spentMicroUSD == 120 && used?.reservedMicroUSD == 0, "\(scope)")
        }
        // The result of the stage reports the same call.
        _ = try await ledger.completeTranscription(
            job.lease, .sample, coachWithin: .seconds(25), calls: [paid, .sample])
        #expect(try await fixture.integer("select count(*) from provider_calls") == 2)
        #expect(try await fixture.integer("select sum(cost_micro_usd)::int8 from provider_calls") == 320)
        #expect(try await isBalanced(fixture))
    }

    @Test func `the bill is believed more than the estimate that was stored first`() async throws {
        let fixture = try await LedgerFixture()
        let job = try await fixture.claimedNote()
        let ledger = fixture.ledger
        guard
            case .granted(let id) = try await ledger.book(
                [], [wish(500, note: job.note)], limits: SpendingLimits()
            ).first
        else { throw FixtureError() }
        var estimate = call(400, .failedBilled)
        estimate.reservation = id
        _ = try await ledger.completeTranscription(
            job.lease, .sample, coachWithin: .seconds(25), calls: [estimate])
        _ = try await ledger.book(
            [CostSettlement(reservation: id, call: call(70))], [], limits: SpendingLimits())
        #expect(
            try await fixture.text("select string_agg(cost_micro_usd || outcome, ',') from provider_calls")
                == "70success")
    }

    @Test func `what a dead process set aside is booked in full, and corrected if it speaks after all`()
        async throws
    {
        let fixture = try await LedgerFixture()
        let ledger = fixture.ledger
        let verdicts = try await ledger.book(
            [], [wish(500, expiry: .zero), wish(300, expiry: .seconds(600))], limits: SpendingLimits())
        guard case .granted(let late) = verdicts[0] else { throw FixtureError() }
        #expect(try await ledger.expireReservations() == 1)
        #expect(try await ledger.expireReservations() == 0)
        var used = try #require(try await use(fixture, .month))
        #expect(used.spentMicroUSD == 500 && used.reservedMicroUSD == 300)
        #expect(
            try await fixture.text("select failure || cost_micro_usd from provider_calls") == "unsettled500")

        _ = try await ledger.book(
            [CostSettlement(reservation: late, call: call(90))], [], limits: SpendingLimits())
        used = try #require(try await use(fixture, .month))
        #expect(used.spentMicroUSD == 90 && used.reservedMicroUSD == 300)
        #expect(try await fixture.text("select outcome || cost_micro_usd from provider_calls") == "success90")
        #expect(try await isBalanced(fixture))
    }

    @Test func `a call that was never sent costs nothing and leaves no trace`() async throws {
        let fixture = try await LedgerFixture()
        guard
            case .granted(let id) = try await fixture.ledger.book([], [wish(500)], limits: SpendingLimits())
                .first
        else { throw FixtureError() }
        _ = try await fixture.ledger.book(
            [CostSettlement(reservation: id, call: nil)], [], limits: SpendingLimits())
        #expect(try await use(fixture, .month)?.usedMicroUSD == 0)
        #expect(try await fixture.integer("select count(*) from provider_calls") == 0)
    }

    @Test func `a result that was stored tells the cost of a call whose settlement was lost`() async throws {
        let fixture = try await LedgerFixture()
        let job = try await fixture.claimedNote()
        guard
            case .granted(let id) = try await fixture.ledger.book(
                [], [wish(500, note: job.note, expiry: .zero)], limits: SpendingLimits()
            ).first
        else { throw FixtureError() }
        var paid = call(120)
        paid.reservation = id
        _ = try await fixture.ledger.completeTranscription(
            job.lease, .sample, coachWithin: .seconds(25), calls: [paid])
        #expect(try await fixture.ledger.expireReservations() == 1)
        #expect(try await use(fixture, .month)?.spentMicroUSD == 120)
    }

    @Test func `a limit that was lowered holds from the next request on`() async throws {
        let fixture = try await LedgerFixture()
        let ledger = fixture.ledger
        _ = try await ledger.book([], [wish(400)], limits: SpendingLimits(perMonth: 1_000))
        #expect(
            try await ledger.book([], [wish(1)], limits: SpendingLimits(perMonth: 300))
                == [.refused(.month)])
    }

    @Test func `money outlives a note that is erased`() async throws {
        let fixture = try await LedgerFixture()
        let job = try await fixture.claimedNote()
        guard
            case .granted(let id) = try await fixture.ledger.book(
                [], [wish(500, note: job.note)], limits: SpendingLimits()
            ).first
        else { throw FixtureError() }
        try await fixture.execute("delete from voice_messages")
        _ = try await fixture.ledger.book(
            [CostSettlement(reservation: id, call: call(80))], [], limits: SpendingLimits())
        #expect(try await fixture.integer("select count(*) from provider_calls where job_id is null") == 1)
        #expect(try await use(fixture, .providerDay)?.spentMicroUSD == 80)
    }

    @Test func `old days are forgotten, the month is not`() async throws {
        let fixture = try await LedgerFixture()
        let job = try await fixture.claimedNote()
        guard
            case .granted(let id) = try await fixture.ledger.book(
                [], [wish(500, note: job.note)], limits: SpendingLimits()
            ).first
        else { throw FixtureError() }
        _ = try await fixture.ledger.book(
            [CostSettlement(reservation: id, call: call(80))], [], limits: SpendingLimits())
        try await fixture.execute(
            """
            update reservations set settled_at = now() - interval '8 days';
            """)
        try await fixture.execute("update budgets set period = period - 8 where scope <> 'month'")
        try await fixture.ledger.forgetSpending()
        #expect(try await fixture.integer("select count(*) from reservations") == 0)
        #expect(try await fixture.text("select string_agg(scope, ',') from budgets") == "month")
    }

    @Test func `a price list is kept as it was first seen`() async throws {
        let fixture = try await LedgerFixture()
        try await fixture.ledger.keepPriceList(version: "v", body: Array(#"{"a":1}"#.utf8))
        try await fixture.ledger.keepPriceList(version: "v", body: Array(#"{"a":2}"#.utf8))
        #expect(try await fixture.text("select body->>'a' from price_lists") == "1")
    }
}
