import CoachDomain
import Foundation
import Synchronization

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

    /// Without those whose own day's money is gone, those where it is short behind the others.
    ///
    /// What costs nothing is never left out.
    func affordable<Element>(
        _ elements: [Element], _ outlook: SpendingOutlook, _ usage: ProviderUsage,
        key: (Element) -> ProviderKey
    ) -> [Element] {
        guard !outlook.providers.isEmpty else { return elements }
        func level(_ element: Element) -> SpendingLevel {
            let key = key(element)
            guard let level = outlook.providers[key.provider], price(key, usage).microUSD > 0 else {
                return .normal
            }
            return level
        }
        return elements.filter { level($0) == .normal } + elements.filter { level($0) == .tight }
    }

    /// The account of one job.
    func tab(for context: CallContext) -> Tab { Tab(meter: self, context: context) }

    fileprivate func row(
        _ key: ProviderKey, _ usage: ProviderUsage, _ outcome: ProviderCall.Outcome, _ failure: String?,
        _ elapsed: Duration, at date: Date, reservation: Int64?
    ) -> ProviderCall {
        let cost = prices.cost(of: key, usage: usage, at: date)
        return ProviderCall(
            provider: key.provider, model: key.model, operation: key.operation, units: usage.units,
            costMicroUSD: cost.microUSD, priceVersion: cost.priceVersion,
            latencySeconds: elapsed / .seconds(1), outcome: outcome, failure: failure,
            reservation: reservation)
    }
}

extension CallMeter {
    /// What one job has ordered.
    final class Tab: Sendable {
        private let meter: CallMeter
        private let context: CallContext
        private let bills = Mutex<[Int: Bill]>([:])

        fileprivate init(meter: CallMeter, context: CallContext) {
            self.meter = meter
            self.context = context
        }

        /// Sets the money for a call aside.
        ///
        /// - Parameter most: The most that the call can consume.
        /// - Returns: `nil` when nobody pays, or nobody waits any more.
        func open(_ attempt: FailoverPolicy.Attempt, most: ProviderUsage) async -> Bill? {
            let cost = meter.price(attempt.key, most)
            var reservation: Int64?
            if cost.microUSD > 0 {
                reservation = await meter.purse.reserve(
                    SpendingRequest(
                        key: attempt.key, job: context.job, note: context.note, microUSD: cost.microUSD,
                        priceVersion: cost.priceVersion, deadline: attempt.deadline))
                guard let reservation else { return nil }
                guard !Task.isCancelled else {
                    meter.purse.settle(reservation, nil)
                    return nil
                }
            }
            let bill = Bill(meter: meter, key: attempt.key, reservation: reservation)
            bills.withLock { $0[attempt.id] = bill }
            return bill
        }

        /// The row of a call that was stopped because another one answered.
        ///
        /// The call itself settles later; this is what the result can be stored with.
        ///
        /// - Parameter estimate: Vendors bill what they worked, and nobody tells how much that was.
        /// - Returns: `nil` when the call had not begun.
        func abandoned(
            _ attempt: FailoverPolicy.Attempt, _ estimate: ProviderUsage, after elapsed: Duration
        ) -> ProviderCall? {
            bills.withLock { $0[attempt.id] }?.row(.cancelled, estimate, after: elapsed)
        }
    }

    /// One call from reservation to settlement. The price is the one of its beginning.
    struct Bill: Sendable {
        private let meter: CallMeter
        private let key: ProviderKey
        private let reservation: Int64?
        private let started = ContinuousClock.now
        private let date = Date.now

        fileprivate init(meter: CallMeter, key: ProviderKey, reservation: Int64?) {
            self.meter = meter
            self.key = key
            self.reservation = reservation
        }

        func close(_ usage: ProviderUsage) -> ProviderCall {
            settled(
                meter.row(key, usage, .success, nil, .now - started, at: date, reservation: reservation))
        }

        /// - Parameter estimate: Booked when the vendor may have done the work all the same.
        func close(_ error: ProviderError, estimate: ProviderUsage) -> ProviderCall {
            settled(row(error, estimate, after: .now - started))
        }

        fileprivate func row(
            _ error: ProviderError, _ estimate: ProviderUsage, after elapsed: Duration
        ) -> ProviderCall {
            error.mayBeBilled
                ? meter.row(
                    key, estimate, .failedBilled, error.name, elapsed, at: date, reservation: reservation)
                : meter.row(
                    key, ProviderUsage(), .failedFree, error.name, elapsed, at: date,
                    reservation: reservation)
        }

        private func settled(_ row: ProviderCall) -> ProviderCall {
            if let reservation { meter.purse.settle(reservation, row) }
            return row
        }
    }
}
