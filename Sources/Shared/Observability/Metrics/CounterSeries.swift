import CoreMetrics
import Synchronization

/// One counter with its label values. Counting is lock-free; hold on to the series where it is hot.
package final class CounterSeries: Sendable {
    /// Whole amounts and fractions are kept apart, so that the usual step is one atomic addition.
    private let whole = Atomic<Int64>(0)
    private let fraction = Atomic<UInt64>((0.0).bitPattern)

    /// The total so far. Above 2^53 the last digits are lost.
    package var total: Double {
        Double(whole.load(ordering: .relaxed)) + Double(bitPattern: fraction.load(ordering: .relaxed))
    }

    /// Adds one.
    package func increment() { whole.wrappingAdd(1, ordering: .relaxed) }

    /// Adds `amount`; a negative one is ignored, because a counter only grows.
    package func increment(by amount: Int64) {
        guard amount > 0 else { return }
        whole.wrappingAdd(amount, ordering: .relaxed)
    }

    /// Adds `amount`; a negative one is ignored.
    package func increment(by amount: Int) { increment(by: Int64(amount)) }

    /// Adds `amount`; a negative or not finite one is ignored.
    package func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        fraction.update { $0 + amount }
    }

    /// Takes over a total that something else counts, such as the kernel.
    func replace(total: Double) {
        whole.store(0, ordering: .relaxed)
        fraction.store(total.bitPattern, ordering: .relaxed)
    }
}

extension CounterSeries: CounterHandler, FloatingPointCounterHandler {
    package func reset() { replace(total: 0) }
}

extension Atomic<UInt64> {
    /// Applies `change` to the floating-point number whose bits are stored.
    func update(_ change: (Double) -> Double) {
        var seen = load(ordering: .relaxed)
        while true {
            let next = change(Double(bitPattern: seen)).bitPattern
            let (exchanged, original) = weakCompareExchange(
                expected: seen, desired: next, ordering: .relaxed)
            if exchanged { return }
            seen = original
        }
    }
}
