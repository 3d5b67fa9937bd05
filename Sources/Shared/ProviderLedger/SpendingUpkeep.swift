package import CoachStore
package import Logging
package import Observability
package import Providers
import ServiceLifecycle

/// What the ledger's money needs from time to time; any number may do it at once.
///
/// Keeps the price list that calls are priced by, books reservations whose process never spoke again, forgets old
/// ones, and at the end waits until every settlement is written.
package struct SpendingUpkeep: Service {
    private let ledger: Ledger
    private let purse: LedgerPurse
    private let prices: PriceTable
    private let limits: SpendingLimits
    private let metrics: MetricsRegistry
    private let logger: Logger
    private let pause: Duration
    /// Every so many times old rows are forgotten.
    private static let roundsPerCleaning = 240

    package init(
        ledger: Ledger, purse: LedgerPurse, prices: PriceTable, limits: SpendingLimits,
        pause: Duration = .seconds(15), metrics: MetricsRegistry, logger: Logger
    ) {
        self.ledger = ledger
        self.purse = purse
        self.prices = prices
        self.limits = limits
        self.metrics = metrics
        self.pause = pause
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var round = 0
            while !Task.isCancelled {
                do {
                    try await keep(round: round)
                    round += 1
                } catch {
                    logger.warning(
                        "money could not be looked after",
                        metadata: ["error": "\(SafeErrorDescription.of(error))"])
                }
                try? await Task.sleep(for: pause * Double.random(in: 0.75..<1.25))
            }
        }
        await purse.flush()
    }

    /// One look.
    package func keep(round: Int) async throws(StoreError) {
        if round == 0 {
            try await ledger.keepPriceList(version: prices.version, body: prices.document)
        }
        let expired = try await ledger.expireReservations()
        if expired > 0 {
            logger.warning("calls without a bill were booked in full", metadata: ["count": "\(expired)"])
        }
        if round % Self.roundsPerCleaning == 0 { try await ledger.forgetSpending() }
        try await measure()
    }

    private func measure() async throws(StoreError) {
        var shares: [BudgetLabel: Double] = [.month: 0, .providerDay: 0]
        for use in try await ledger.spending(note: nil) {
            guard let budget = BudgetLabel(use.scope), let limit = limits[use.scope] else { continue }
            // Of providers the one that is nearest its end.
            shares[budget] = max(shares[budget] ?? 0, Double(use.usedMicroUSD) / Double(max(limit, 1)))
        }
        for (budget, share) in shares { metrics.gauge(MetricsCatalogue.budgetUsed, budget).set(share) }
    }
}

extension BudgetLabel {
    /// `nil` for budgets of which there are too many for a metric.
    fileprivate init?(_ scope: BudgetScope) {
        switch scope {
        case .month: self = .month
        case .providerDay: self = .providerDay
        case .note, .personDay: return nil
        }
    }
}
