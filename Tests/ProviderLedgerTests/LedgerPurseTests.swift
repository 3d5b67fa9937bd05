import CoachDomain
import CoachStore
import Foundation
import Logging
import Observability
import Postgres
import Support
import Testing

@testable import ProviderLedger
@testable import Providers

@Suite struct LedgerPurseTests {
    @Test func `two hundred calls at once of four processes never exceed a hard budget`() async throws {
        let fixture = try await ProviderLedgerFixture()
        let limits = SpendingLimits(perMonth: 20_000)
        let purses = try (0..<4).map { fixture.purse(limits, try fixture.process("worker-\($0)")) }
        let granted = await withTaskGroup(of: Int64?.self) { group in
            for number in 0..<200 {
                let purse = purses[number % 4]
                let request = SpendingRequest.of(Int64(290 + number % 21))
                group.addTask {
                    guard let id = await purse.reserve(request) else { return nil }
                    // Some end at once and give something back while others still ask.
                    if number % 3 == 0 { purse.settle(id, .of(100)) }
                    return id
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }.compactMap(\.self)
        for purse in purses { await purse.flush() }
        #expect(Set(granted).count == granted.count)
        let used = try #require(try await fixture.ledger.spending(note: nil).first { $0.scope == .month })
        #expect(used.usedMicroUSD <= 20_000)
        // Money was short, and what there was has been given out.
        #expect((20_000 / 310..<200).contains(granted.count))
        #expect(
            try await fixture.integer(
                "select sum(coalesce(settled_micro_usd, ceiling_micro_usd))::int8 from reservations")
                == Int(used.usedMicroUSD))
    }

    /// `SPENDING_FIGURES=1 swift test --filter LedgerPurseTests` also prints how long calls waited for their money.
    @Test func `calls that come together share round trips`() async throws {
        let fixture = try await ProviderLedgerFixture()
        let purse = fixture.purse(SpendingLimits(perMonth: 1_000_000_000))
        _ = await purse.reserve(.of(1))
        func wait() async -> Duration {
            let start = ContinuousClock.now
            guard await purse.reserve(.of(300)) != nil else { return .seconds(3_600) }
            return .now - start
        }
        var alone: [Duration] = []
        for _ in 0..<100 { alone.append(await wait()) }
        let together = await withTaskGroup(of: Duration.self) { group in
            for _ in 0..<200 { group.addTask { await wait() } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        // Whoever commits together has the same transaction number.
        let transactions = try await fixture.integer(
            "select count(distinct xmin::text) from reservations where id > 101")
        #expect(try await fixture.integer("select count(*) from reservations") == 301)
        #expect(transactions <= 100, "\(transactions) transactions for 200 calls")
        if ProcessInfo.processInfo.environment["SPENDING_FIGURES"] != nil {
            func line(_ name: String, _ waits: [Duration]) -> String {
                let sorted = waits.sorted()
                return "\(name): p50 \(sorted[sorted.count / 2]), p99 \(sorted[sorted.count * 99 / 100])"
            }
            print(line("one at a time", alone))
            print(line("200 at once (\(transactions) transactions)", together))
        }
    }

    @Test func `levels follow the fullest budget, and a provider's day concerns that provider`() {
        let limits = SpendingLimits(perNote: 100, perPersonDay: 100, perProviderDay: 100, perMonth: 1_000)
        func outlook(_ uses: (BudgetScope, String, Int64, Int64)...) -> SpendingOutlook {
            LedgerPurse.outlook(
                uses.map {
                    BudgetUse(scope: $0.0, subject: $0.1, spentMicroUSD: $0.2, reservedMicroUSD: $0.3)
                }, limits: limits)
        }
        #expect(outlook((.month, "", 799, 0), (.note, "", 79, 0)) == SpendingOutlook())
        #expect(outlook((.month, "", 700, 100)).level == .tight)
        #expect(outlook((.month, "", 0, 0), (.note, "", 80, 0)).level == .tight)
        #expect(outlook((.personDay, "", 100, 0), (.month, "", 850, 0)).level == .exhausted)
        #expect(
            outlook((.providerDay, "openai", 90, 0), (.providerDay, "groq", 100, 5))
                == SpendingOutlook(providers: ["openai": .tight, "groq": .exhausted]))
        #expect(LedgerPurse.outlook([], limits: SpendingLimits()) == SpendingOutlook())
    }

    @Test func `a speaker who has used up the day is served for nothing, others are not concerned`()
        async throws
    {
        let fixture = try await ProviderLedgerFixture()
        try await fixture.execute("insert into users (bot_id, telegram_user_id) values (1, 7), (1, 8)")
        try await fixture.execute(
            """
            insert into voice_messages (bot_id, telegram_user_id, chat_id, update_id, message_id, kind, file_id)
            values (1, 7, 7, 1, 1, 'voice', 'f'), (1, 7, 7, 2, 2, 'voice', 'f'), (1, 8, 8, 3, 3, 'voice', 'f')
            """)
        let purse = fixture.purse(SpendingLimits(perPersonDay: 1_000))
        let id = try #require(await purse.reserve(.of(900, note: NoteID(1))))
        #expect(await purse.outlook(note: NoteID(2)).level == .tight)
        #expect(await purse.reserve(.of(101, note: NoteID(2))) == nil)
        #expect(await purse.outlook(note: NoteID(3)).level == .normal)
        purse.settle(id, .of(1_000))
        await purse.flush()
        #expect(await purse.outlook(note: NoteID(2)).level == .exhausted)
        #expect(await purse.reserve(.of(101, note: NoteID(3))) != nil)
    }

    @Test func `without a ledger nobody pays, and what was settled is written when it is back`() async throws
    {
        let fixture = try await ProviderLedgerFixture()
        let purse = fixture.purse(SpendingLimits(perMonth: 1_000))
        let id = try #require(await purse.reserve(.of(100)))
        try await fixture.execute("alter table reservations rename to lost")
        try await fixture.execute("alter table budgets rename to lost_budgets")
        #expect(await purse.outlook(note: nil).level == .exhausted)
        #expect(await purse.reserve(.of(100)) == nil)
        purse.settle(id, .of(40))
        await purse.flush(within: .milliseconds(50))
        try await fixture.execute("alter table lost rename to reservations")
        try await fixture.execute("alter table lost_budgets rename to budgets")
        await purse.flush()
        #expect(try await fixture.integer("select spent_micro_usd from budgets where scope = 'month'") == 40)
        #expect(await purse.reserve(.of(100)) != nil)
    }

    @Test func `a settlement that the ledger will never take does not hold up the others`() async throws {
        let fixture = try await ProviderLedgerFixture()
        let purse = fixture.purse(SpendingLimits())
        let ids = [try #require(await purse.reserve(.of(100))), try #require(await purse.reserve(.of(100)))]
        var broken = ProviderCall.of(30)
        broken.units = ["input_token": .infinity]
        purse.settle(ids[0], broken)
        purse.settle(ids[1], .of(30))
        await purse.flush()
        #expect(
            try await fixture.text(
                "select string_agg(coalesce(settled_micro_usd, -1)::text, ',' order by id) from reservations")
                == "-1,30")
    }

    @Test func `a process that dies between call and settlement leaves its money booked, not lost`()
        async throws
    {
        let fixture = try await ProviderLedgerFixture()
        let purse = fixture.purse(SpendingLimits(perMonth: 1_000))
        let upkeep = SpendingUpkeep(
            ledger: try fixture.process("worker-2"), purse: purse, prices: try .bundled(),
            limits: SpendingLimits(perMonth: 1_000), metrics: MetricsRegistry(), logger: .silent)
        _ = try #require(await purse.reserve(.of(700)))
        // Its deadline and the grace are not over: nobody touches it.
        try await upkeep.keep(round: 1)
        #expect(try await fixture.integer("select count(*) from reservations where settled_at is null") == 1)
        try await fixture.execute("update reservations set expires_at = now() - interval '1 second'")
        try await upkeep.keep(round: 1)
        #expect(try await fixture.integer("select spent_micro_usd from budgets where scope = 'month'") == 700)
        #expect(try await fixture.text("select failure from provider_calls") == "unsettled")
        #expect(await purse.reserve(.of(301)) == nil)
    }

    @Test func `the price list is kept under a version that only this text can have`() async throws {
        let fixture = try await ProviderLedgerFixture()
        let prices = try PriceTable.bundled()
        let upkeep = SpendingUpkeep(
            ledger: fixture.ledger, purse: fixture.purse(SpendingLimits()), prices: prices,
            limits: SpendingLimits(), metrics: MetricsRegistry(), logger: .silent)
        try await upkeep.keep(round: 0)
        try await upkeep.keep(round: 0)
        #expect(
            try await fixture.text("select version from price_lists where body ? 'entries'")
                == prices.version)
        var changed = prices.document
        changed.append(UInt8(ascii: "\n"))
        #expect(try PriceTable(json: changed).version != prices.version)
        #expect(try PriceTable(json: prices.document).version == prices.version)
    }
}
