import CoreMetrics
import Synchronization

/// One histogram with its label values; counts, sum and buckets always agree with each other.
package final class HistogramSeries: Sendable {
    struct Snapshot: Sendable, Equatable {
        /// Observations in each bucket alone, the last one being above every bound.
        var counts: [UInt64]
        var sum: Double
    }

    let bounds: [Double]
    private let state: Mutex<Snapshot>

    /// - Parameter bounds: Ascending upper bounds, inclusive.
    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(Snapshot(counts: Array(repeating: 0, count: bounds.count + 1), sum: 0))
    }

    var snapshot: Snapshot { state.withLock { $0 } }

    /// Counts one observation in the metric's unit; one that is not a number is ignored.
    package func observe(_ value: Double) {
        guard !value.isNaN else { return }
        // A dozen bounds: a plain walk beats a binary search, and most observations are small.
        var bucket = 0
        while bucket < bounds.count, value > bounds[bucket] { bucket += 1 }
        state.withLock { state in
            state.counts[bucket] += 1
            state.sum += value
        }
    }

    /// Counts one duration, for a metric in seconds.
    package func observe(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        observe(Double(seconds) + Double(attoseconds) * 1e-18)
    }
}

extension HistogramSeries: TimerHandler, RecorderHandler {
    package func recordNanoseconds(_ duration: Int64) { observe(Double(duration) * 1e-9) }
    package func record(_ value: Int64) { observe(Double(value)) }
    package func record(_ value: Double) { observe(value) }
}
