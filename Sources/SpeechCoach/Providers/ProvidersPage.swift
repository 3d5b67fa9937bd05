import CoachDomain
import CoachStore
import Foundation
import ProviderLedger
import Providers
import ServiceKit

/// What `speechcoach providers` shows.
struct ProvidersPage: Encodable {
    /// What the ledger knows.
    struct Books {
        var knowledge: ProviderKnowledge
        var statistics: [ProviderStatistics]
        var uses: [BudgetUse]
    }

    struct Row: Encodable {
        var provider: String
        var model: String
        /// Place in the chain, from 1.
        var place: Int
        /// Part of this program: no breaker, no cost.
        var isLocal: Bool
        var state: CircuitBreaker.State
        /// When the state can change by itself.
        var until: Date?
        /// An operator's reason.
        var reason: String?
        var calls: Int
        var failures: Int
        var p50Seconds: Double?
        var p95Seconds: Double?
        var p99Seconds: Double?
        /// Of the provider's day, all its models and operations together.
        var spentMicroUSD: Int64
        var reservedMicroUSD: Int64
        var budgetMicroUSD: Int64?
        /// The day on which its vendor takes the model away.
        var retires: String?
        /// What a recogniser can tell about hesitations.
        var fillers: Evidence?
    }

    struct Budget: Encodable {
        var spentMicroUSD: Int64?
        var reservedMicroUSD: Int64?
        var limitMicroUSD: Int64?
    }

    var hasLedger: Bool
    var speech: [Row]
    var coaching: [Row]
    var voice: [Row]
    /// By the name of the scope.
    var budgets: [String: Budget]
    /// Named in a list, but without this setting.
    var skipped: [String: String]
    var priceVersion: String

    init(_ settings: Settings, _ chains: ProviderChains, _ books: Books?) {
        let limits = SpendingLimits(settings.spending)
        let maker = RowMaker(books: books, limits: limits, prices: chains.prices)
        hasLedger = books != nil
        speech = chains.ranking.ranked(chains.recognizers).enumerated().map { place, recognizer in
            let descriptor = recognizer.descriptor
            var row = maker.row(descriptor.key, place: place + 1, isLocal: descriptor.isLocal)
            row.fillers = descriptor.capabilities.fillers
            return row
        }
        coaching = chains.models.enumerated().map { place, model in
            maker.row(model.descriptor.key, place: place + 1, isLocal: false)
        }
        coaching.append(
            maker.row(
                ProviderKey(
                    provider: CoachProviderName.inProcess.rawValue, model: RulesCoach.model,
                    operation: .coaching), place: coaching.count + 1, isLocal: true))
        voice = chains.synthesizers.enumerated().map { place, synthesizer in
            let descriptor = synthesizer.descriptor
            return maker.row(descriptor.key, place: place + 1, isLocal: descriptor.isLocal)
        }
        let month = books?.uses.first { $0.scope == .month }
        budgets = [
            BudgetScope.month.rawValue: Budget(
                spentMicroUSD: books.map { _ in month?.spentMicroUSD ?? 0 },
                reservedMicroUSD: books.map { _ in month?.reservedMicroUSD ?? 0 },
                limitMicroUSD: limits.perMonth)
        ]
        for scope in [BudgetScope.note, .personDay, .providerDay] {
            budgets[scope.rawValue] = Budget(limitMicroUSD: limits[scope])
        }
        skipped = settings.providers.skipped.reduce(into: [:]) { $0[$1.name] = $1.missing }
        priceVersion = chains.prices.version
    }

    // MARK: For a person

    var text: String {
        let header = [
            "PLACE", "PROVIDER", "MODEL", "STATE", "UNTIL", "CALLS", "FAILED", "P50", "P95", "P99", "TODAY",
            "BUDGET",
        ]
        func cells(_ row: Row) -> [String] {
            func seconds(_ value: Double?) -> String { value.map { String(format: "%.1f", $0) } ?? "-" }
            return [
                "\(row.place)", row.provider, row.model, hasLedger || row.isLocal ? row.state.rawValue : "-",
                row.until.map(Output.time) ?? "-", "\(row.calls)", "\(row.failures)", seconds(row.p50Seconds),
                seconds(row.p95Seconds), seconds(row.p99Seconds),
                Self.dollars(row.spentMicroUSD + row.reservedMicroUSD),
                row.isLocal ? "free" : row.budgetMicroUSD.map(Self.dollars) ?? "none",
            ]
        }
        var lines = [
            "SPEECH", TextTable(header: header, rows: speech.map(cells)).text, "", "COACHING",
            TextTable(header: header, rows: coaching.map(cells)).text, "",
            "VOICE", TextTable(header: header, rows: voice.map(cells)).text, "",
        ]
        if let month = budgets[BudgetScope.month.rawValue], let spent = month.spentMicroUSD {
            lines.append(
                "This month: \(Self.dollars(spent)) USD spent, \(Self.dollars(month.reservedMicroUSD ?? 0)) set aside, of "
                    + (month.limitMicroUSD.map(Self.dollars) ?? "no limit"))
        }
        for row in speech + coaching + voice {
            if let reason = row.reason { lines.append("\(row.provider): \(reason)") }
            if let day = row.retires { lines.append("\(row.provider): \(row.model) ends on \(day)") }
        }
        if !skipped.isEmpty {
            lines.append(
                "Not configured: "
                    + skipped.sorted { $0.key < $1.key }.map { "\($0.key) (\($0.value))" }.joined(
                        separator: ", "))
        }
        return lines.joined(separator: "\n")
    }

    private static func dollars(_ micros: Int64) -> String {
        String(format: micros % 10_000 == 0 ? "%.2f" : "%.4f", Double(micros) / 1_000_000)
    }
}

/// Puts together what is known about one provider, model and operation.
private struct RowMaker {
    private let books: ProvidersPage.Books?
    private let limits: SpendingLimits
    private let prices: PriceTable
    private var board = ProviderBoard()
    private let now = ContinuousClock.now
    private let date = Date.now

    init(books: ProvidersPage.Books?, limits: SpendingLimits, prices: PriceTable) {
        self.books = books
        self.limits = limits
        self.prices = prices
        guard let books else { return }
        board.learn(books.knowledge, at: now)
    }

    func row(_ key: ProviderKey, place: Int, isLocal: Bool) -> ProvidersPage.Row {
        let statistics = books?.statistics.first { ProviderKey($0.key) == key }
        let use = books?.uses.first { $0.scope == .providerDay && $0.subject == key.provider }
        let word = books?.knowledge.switches.first {
            $0.provider == key.provider && $0.operation == key.operation
        }
        return ProvidersPage.Row(
            provider: key.provider, model: key.model, place: place, isLocal: isLocal,
            state: board.state(of: key, at: now), until: until(key, word), reason: word?.line,
            calls: statistics?.calls ?? 0, failures: statistics?.failures ?? 0,
            p50Seconds: statistics?.p50Seconds, p95Seconds: statistics?.p95Seconds,
            p99Seconds: statistics?.p99Seconds, spentMicroUSD: use?.spentMicroUSD ?? 0,
            reservedMicroUSD: use?.reservedMicroUSD ?? 0,
            budgetMicroUSD: isLocal ? nil : limits.perProviderDay, retires: prices.retirement(of: key)?.on)
    }

    private func until(_ key: ProviderKey, _ word: KeptSwitch?) -> Date? {
        if let word { return word.expiresAt }
        guard case .refused(let until) = board.admission(of: key, at: now) else { return nil }
        return date + (until - now) / .seconds(1)
    }
}
