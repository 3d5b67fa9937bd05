/// How many calls one provider is given at a time; finds out by itself what it bears.
///
/// A gradient limiter (Netflix concurrency-limits): the limit follows the ratio of the best latency to the
/// present one and grows by its square root, which is the queue that it tolerates. Latencies are taken per
/// unit of work, because a long answer is not a slow provider.
package struct ConcurrencyLimit: Hashable, Sendable {
    package typealias Instant = ContinuousClock.Instant

    private static let smoothing = 0.2
    private static let decrease = 0.7

    private let ceiling: Double
    private var limit: Double
    private var best: Double?
    private var recent: Double?
    private var lastDecrease: Instant?
    package private(set) var inFlight = 0

    /// - Parameter ceiling: What the vendor's contract allows, for example 50 at Deepgram.
    package init(start: Double = 4, ceiling: Double = 64) {
        self.ceiling = ceiling
        limit = min(start, ceiling)
    }

    /// Whole calls; at least one.
    package var allowed: Int { max(1, Int(limit)) }
    package var isFull: Bool { inFlight >= allowed }

    package mutating func begin() { inFlight += 1 }

    /// A call ended without telling anything about capacity.
    package mutating func release() { inFlight = max(0, inFlight - 1) }

    /// A call succeeded.
    ///
    /// - Parameters:
    ///   - latency: Seconds.
    ///   - work: Output tokens or audio seconds; at least one is taken.
    package mutating func succeed(latency: Double, work: Double) {
        let wasBusy = inFlight * 2 >= allowed
        release()
        let pace = latency / max(1, work)
        guard pace.isFinite, pace > 0 else { return }
        // The best ever would bind the limit to one lucky call, so it fades.
        best = min(pace, (best ?? pace) * 1.001)
        recent = recent.map { $0 * 0.9 + pace * 0.1 } ?? pace
        // An idle limit that grew would be no limit on the day it is needed.
        guard wasBusy, let best, let recent else { return }
        let gradient = min(max(best * 2 / recent, 0.5), 1)
        let wanted = limit * gradient + limit.squareRoot()
        limit = min(max(limit * (1 - Self.smoothing) + wanted * Self.smoothing, 1), ceiling)
    }

    /// The provider said that it was too much; one round trip is one message.
    package mutating func overload(at now: Instant, roundTrip: Duration) {
        release()
        if let lastDecrease, now - lastDecrease < roundTrip { return }
        lastDecrease = now
        limit = max(1, limit * Self.decrease)
    }
}
