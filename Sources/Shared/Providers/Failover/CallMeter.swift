import CoachDomain
import Foundation

/// Times one call and turns its end into a row for the ledger.
struct CallMeter {
    let key: ProviderKey
    let prices: PriceTable
    private let started = ContinuousClock.now
    private let date = Date.now

    init(key: ProviderKey, prices: PriceTable) {
        self.key = key
        self.prices = prices
    }

    func success(_ usage: ProviderUsage) -> ProviderCall { call(usage, .success, nil) }

    /// - Parameter estimate: Booked when the vendor may have done the work all the same.
    func failure(_ error: ProviderError, estimate: ProviderUsage) -> ProviderCall {
        error.mayBeBilled
            ? call(estimate, .failedBilled, error.name) : call(ProviderUsage(), .failedFree, error.name)
    }

    private func call(
        _ usage: ProviderUsage, _ outcome: ProviderCall.Outcome, _ failure: String?
    ) -> ProviderCall {
        let cost = prices.cost(of: key, usage: usage, at: date)
        let elapsed = ContinuousClock.now - started
        return ProviderCall(
            provider: key.provider, model: key.model, operation: key.operation, units: usage.units,
            costMicroUSD: cost.microUSD, priceVersion: cost.priceVersion,
            latencySeconds: elapsed / .seconds(1),
            outcome: outcome, failure: failure)
    }
}
