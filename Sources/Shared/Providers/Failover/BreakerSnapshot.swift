/// A breaker as other processes, and this one after a restart, can know it: with what is left of each wait
/// instead of instants, so that no two clocks have to agree, and without the calls that led there.
package struct BreakerSnapshot: Hashable, Sendable {
    package var state: CircuitBreaker.State
    /// Negative when it is over; `nil` when there is none.
    package var openFor: Duration?
    package var throttledFor: Duration?
    package var suspendedFor: Duration?
    package var openings: Int
    package var suspensions: Int

    package init(
        state: CircuitBreaker.State, openFor: Duration? = nil, throttledFor: Duration? = nil,
        suspendedFor: Duration? = nil, openings: Int = 0, suspensions: Int = 0
    ) {
        self.state = state
        self.openFor = openFor
        self.throttledFor = throttledFor
        self.suspendedFor = suspendedFor
        self.openings = openings
        self.suspensions = suspensions
    }

    package init(_ breaker: CircuitBreaker, at now: CircuitBreaker.Instant) {
        self.init(
            state: breaker.state(at: now), openFor: breaker.openUntil.map { $0 - now },
            throttledFor: breaker.throttledUntil.map { $0 - now },
            suspendedFor: breaker.suspendedUntil.map { $0 - now }, openings: breaker.openings,
            suspensions: breaker.suspensions)
    }
}

extension CircuitBreaker {
    /// Takes over what somebody else found out. Waits are joined to those already known; that it was closed
    /// ends them, but not the pause that the vendor asked for.
    package mutating func adopt(_ snapshot: BreakerSnapshot, at now: Instant) {
        func instant(_ left: Duration?, atMost: Duration) -> Instant? {
            // Nothing longer than this process would wait by itself is believed.
            left.map { now + min($0, atMost) }
        }
        func later(_ one: Instant?, _ other: Instant?) -> Instant? {
            guard let one, let other else { return one ?? other }
            return max(one, other)
        }
        throttledUntil = later(throttledUntil, instant(snapshot.throttledFor, atMost: settings.longestPause))
        // Whoever closed it has spoken to the provider since.
        guard snapshot.state != .closed else { return close() }
        openUntil = later(
            openUntil, instant(snapshot.openFor, atMost: settings.longestOpening * (1 + settings.jitter)))
        suspendedUntil = later(
            suspendedUntil, instant(snapshot.suspendedFor, atMost: settings.longestSuspension))
        openings = max(openings, snapshot.openings)
        suspensions = max(suspensions, snapshot.suspensions)
    }
}
