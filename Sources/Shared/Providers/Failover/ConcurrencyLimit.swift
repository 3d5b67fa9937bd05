/// How many calls one provider is given at a time; finds out by itself what it bears.
///
/// A gradient limiter (Netflix concurrency-limits, `Gradient2Limit`): the limit follows the ratio of the usual
/// latency to the present one and grows by its square root, which is the queue that it tolerates. The usual one
/// is a long mean and not the least ever seen, as the latencies of models vary tenfold on a calm day. They are
/// taken per unit of work, because a long answer is not a slow provider.
package struct ConcurrencyLimit: Hashable, Sendable {
    package typealias Instant = ContinuousClock.Instant

    private static let smoothing = 0.2
    private static let decrease = 0.7
    /// Twice the usual latency is weather.
    private static let tolerance = 2.0

    private let ceiling: Double
    private var limit: Double
    /// Means of about the last 500 and the last 20 calls.
    private var usual: Double?
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

    /// What was found out so far.
    package var learned: Double { limit }

    /// Goes on from what somebody found out before.
    mutating func resume(at learned: Double) {
        guard learned.isFinite else { return }
        limit = min(max(learned, 1), ceiling)
    }

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
        usual = usual.map { $0 * 0.998 + pace * 0.002 } ?? pace
        recent = recent.map { $0 * 0.95 + pace * 0.05 } ?? pace
        // An idle limit that grew would be no limit on the day it is needed.
        guard wasBusy, let usual, let recent else { return }
        let gradient = min(max(Self.tolerance * usual / recent, 0.5), 1)
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
