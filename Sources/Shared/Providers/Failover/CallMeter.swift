import CoachDomain
import Foundation

/// Prices, pays for and times calls, and turns their ends into rows for the ledger.
struct CallMeter: Sendable {
    let prices: PriceTable
    let purse: any SpendingGate

    func price(_ key: ProviderKey, _ usage: ProviderUsage) -> PriceTable.Cost {
        prices.cost(of: key, usage: usage, at: .now)
    }

    /// Ordered by price, equals as they were; what runs in this process stays last.
    func cheapestFirst<Element>(
        _ elements: [Element], _ usage: ProviderUsage, isLocal: (Element) -> Bool,
        key: (Element) -> ProviderKey
    ) -> [Element] {
        elements.enumerated().map { (offset: $0.offset, element: $0.element) }
            .map { ($0, isLocal($0.element) ? Int64.max : price(key($0.element), usage).microUSD) }
            .sorted { ($0.1, $0.0.offset) < ($1.1, $1.0.offset) }.map(\.0.element)
    }

    /// Sets the money aside.
    ///
    /// - Parameter most: The most that the call can consume.
    /// - Returns: `nil` when nobody pays.
    func open(
        _ attempt: FailoverPolicy.Attempt, most: ProviderUsage, context: CallContext
    ) async -> Bill? {
        let cost = price(attempt.key, most)
        var reservation: SpendingReservation?
        if cost.microUSD > 0 {
            reservation = await purse.reserve(
                SpendingRequest(
                    key: attempt.key, job: context.job, note: context.note, microUSD: cost.microUSD,
                    priceVersion: cost.priceVersion))
            guard reservation != nil else { return nil }
        }
        return Bill(meter: self, key: attempt.key, reservation: reservation)
    }

    /// The row of a call that was stopped because another one answered.
    ///
    /// - Parameter estimate: Vendors bill what they worked, and nobody tells how much that was.
    func abandoned(
        _ attempt: FailoverPolicy.Attempt, _ estimate: ProviderUsage, after elapsed: Duration
    ) -> ProviderCall {
        row(attempt.key, estimate, .failedBilled, ProviderError.cancelled.name, elapsed, at: .now)
    }

    fileprivate func row(
        _ key: ProviderKey, _ usage: ProviderUsage, _ outcome: ProviderCall.Outcome, _ failure: String?,
        _ elapsed: Duration, at date: Date
    ) -> ProviderCall {
        let cost = prices.cost(of: key, usage: usage, at: date)
        return ProviderCall(
            provider: key.provider, model: key.model, operation: key.operation, units: usage.units,
            costMicroUSD: cost.microUSD, priceVersion: cost.priceVersion,
            latencySeconds: elapsed / .seconds(1), outcome: outcome, failure: failure)
    }

    /// One call from reservation to settlement. The price is the one of its beginning.
    struct Bill: Sendable {
        fileprivate let meter: CallMeter
        fileprivate let key: ProviderKey
        fileprivate let reservation: SpendingReservation?
        private let started = ContinuousClock.now
        private let date = Date.now

        fileprivate init(meter: CallMeter, key: ProviderKey, reservation: SpendingReservation?) {
            self.meter = meter
            self.key = key
            self.reservation = reservation
        }

        func close(_ outcome: ProviderCall.Outcome, _ usage: ProviderUsage) async -> ProviderCall {
            await settled(outcome, usage, nil)
        }

        /// - Parameter estimate: Booked when the vendor may have done the work all the same.
        func close(_ error: ProviderError, estimate: ProviderUsage) async -> ProviderCall {
            error.mayBeBilled
                ? await settled(.failedBilled, estimate, error.name)
                : await settled(.failedFree, ProviderUsage(), error.name)
        }

        private func settled(
            _ outcome: ProviderCall.Outcome, _ usage: ProviderUsage, _ failure: String?
        ) async -> ProviderCall {
            let row = meter.row(key, usage, outcome, failure, .now - started, at: date)
            if let reservation { await meter.purse.settle(reservation, microUSD: row.costMicroUSD) }
            return row
        }
    }
}
