package import Foundation

/// A breaker as other processes, and this one after a restart, can know it: with dates instead of instants,
/// and without the calls that led there.
package struct BreakerSnapshot: Hashable, Sendable, Codable {
    package var state: CircuitBreaker.State
    package var openUntil: Date?
    package var throttledUntil: Date?
    package var suspendedUntil: Date?
    package var openings = 0
    package var suspensions = 0

    /// - Parameters:
    ///   - now: The same moment as `date`, on the clock that the breaker runs on.
    package init(_ breaker: CircuitBreaker, at now: CircuitBreaker.Instant, date: Date) {
        func day(_ instant: CircuitBreaker.Instant?) -> Date? {
            instant.map { date + ($0 - now) / .seconds(1) }
        }
        state = breaker.state(at: now)
        openUntil = day(breaker.openUntil)
        throttledUntil = day(breaker.throttledUntil)
        suspendedUntil = day(breaker.suspendedUntil)
        openings = breaker.openings
        suspensions = breaker.suspensions
    }
}

extension CircuitBreaker {
    /// Takes over what somebody else found out. Waits are joined to those already known; an operator's word
    /// replaces the one before.
    package mutating func adopt(_ snapshot: BreakerSnapshot, at now: Instant, date: Date) {
        func instant(_ day: Date?) -> Instant? {
            // Nothing longer than the longest suspension is believed, whatever clock wrote it.
            day.map { now + .seconds(min($0.timeIntervalSince(date), 21_600)) }
        }
        func later(_ one: Instant?, _ other: Instant?) -> Instant? {
            guard let one, let other else { return one ?? other }
            return max(one, other)
        }
        if isForcedOpen, snapshot.state != .forcedOpen { force(open: false) }
        isForcedOpen = snapshot.state == .forcedOpen
        if snapshot.state == .closed {
            // Whoever closed it has spoken to the provider since.
            openUntil = nil
            suspendedUntil = nil
            openings = 0
            suspensions = 0
            return
        }
        openUntil = later(openUntil, instant(snapshot.openUntil))
        throttledUntil = later(throttledUntil, instant(snapshot.throttledUntil))
        suspendedUntil = later(suspendedUntil, instant(snapshot.suspendedUntil))
        openings = max(openings, snapshot.openings)
        suspensions = max(suspensions, snapshot.suspensions)
    }
}
