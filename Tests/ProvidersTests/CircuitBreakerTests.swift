import Foundation
import Testing

@testable import Providers

@Suite struct CircuitBreakerTests {
    private let start = ContinuousClock.now

    private func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

    private func breaker(failing count: Int, at seconds: Double = 0) -> CircuitBreaker {
        var breaker = CircuitBreaker()
        for _ in 0..<count { breaker.record(.failed, at: at(seconds), random: 0.5) }
        return breaker
    }

    @Test func `three failures in a row open it`() {
        #expect(breaker(failing: 2).admission(at: at(0)) == .allowed)
        #expect(breaker(failing: 3).admission(at: at(0)) == .refused(until: at(5)))
    }

    @Test func `with traffic it takes five failures in a row`() {
        var breaker = CircuitBreaker()
        for _ in 0..<20 { breaker.record(.succeeded, at: at(0), random: 0.5) }
        for _ in 0..<4 { breaker.record(.failed, at: at(1), random: 0.5) }
        #expect(breaker.admission(at: at(1)) == .allowed)
        breaker.record(.failed, at: at(1), random: 0.5)
        #expect(breaker.admission(at: at(1)) == .refused(until: at(6)))
    }

    @Test func `half of twenty calls open it, three in ten do not`() {
        for (period, isOpen) in [(2, true), (3, false)] {
            var breaker = CircuitBreaker()
            for number in 0..<60 {
                breaker.record(number % period == 0 ? .failed : .succeeded, at: at(1), random: 0.5)
            }
            #expect((breaker.transitions > 0) == isOpen)
        }
    }

    @Test func `a provider that is beaten every time is down, one that is beaten now and then is not`() {
        var breaker = CircuitBreaker()
        for number in 0..<100 {
            breaker.record(number % 20 == 0 ? .slow : .succeeded, at: at(1), random: 0.5)
        }
        #expect(breaker.admission(at: at(1)) == .allowed)
        for _ in 0..<5 { breaker.record(.slow, at: at(2), random: 0.5) }
        #expect(breaker.admission(at: at(2)) != .allowed)
    }

    @Test func `slow calls among quick ones open it at six in ten`() {
        var breaker = CircuitBreaker()
        for number in 0..<30 {
            breaker.record(number % 3 == 0 ? .succeeded : .slow, at: at(1), random: 0.5)
        }
        #expect(breaker.admission(at: at(1)) != .allowed)
    }

    @Test func `another process takes over what is known, and not more`() {
        let opened = BreakerSnapshot(breaker(failing: 3), at: at(1))
        #expect(opened.openFor == .seconds(4) && opened.state == .open && opened.openings == 1)
        var other = CircuitBreaker()
        // Another clock.
        other.adopt(opened, at: at(1_000))
        #expect(other.admission(at: at(1_000)) == .refused(until: at(1_004)))
        #expect(other.admission(at: at(1_004)) == .probe)
        // What it knows itself already is not shortened.
        other.adopt(BreakerSnapshot(state: .open, openFor: .seconds(1)), at: at(1_000))
        #expect(other.admission(at: at(1_000)) == .refused(until: at(1_004)))
        other.adopt(BreakerSnapshot(CircuitBreaker(), at: at(0)), at: at(1_002))
        #expect(other.admission(at: at(1_002)) == .allowed)
    }

    @Test func `a wait longer than one's own longest is not believed`() {
        var breaker = CircuitBreaker()
        breaker.adopt(
            BreakerSnapshot(
                state: .suspended, openFor: .seconds(9_999), throttledFor: .seconds(99_999),
                suspendedFor: .seconds(999_999)), at: at(0))
        #expect(breaker.openUntil == at(24) && breaker.throttledUntil == at(600))
        #expect(breaker.suspendedUntil == at(21_600))
    }

    @Test func `whoever closes it for another does not end the pause that the vendor asked for`() {
        var breaker = breaker(failing: 3)
        breaker.record(.throttled(.seconds(60)), at: at(1), random: 0)
        breaker.adopt(BreakerSnapshot(state: .closed), at: at(2))
        #expect(breaker.admission(at: at(2)) == .refused(until: at(61)))
        #expect(breaker.admission(at: at(62)) == .allowed)
    }

    @Test func `the vendor's pause is respected even when somebody insists`() {
        var breaker = breaker(failing: 3)
        #expect(breaker.insistedAdmission(at: at(1)) == .allowed)
        breaker.record(.throttled(.seconds(60)), at: at(1), random: 0)
        #expect(breaker.insistedAdmission(at: at(2)) == .refused(until: at(61)))
    }

    @Test func `failures older than the window are forgotten`() {
        var breaker = CircuitBreaker()
        for second in stride(from: 0.0, to: 200, by: 20) {
            breaker.record(.failed, at: at(second), random: 0.5)
            breaker.record(.succeeded, at: at(second + 1), random: 0.5)
        }
        #expect(breaker.admission(at: at(201)) == .allowed)
    }

    @Test func `an opening is followed by one probe at a time and two successes`() {
        var breaker = breaker(failing: 3)
        #expect(breaker.admission(at: at(6)) == .probe)
        breaker.begin(at: at(6))
        #expect(breaker.admission(at: at(6)) == .refused(until: at(26)))
        breaker.record(.succeeded, at: at(7), random: 0.5)
        #expect(breaker.admission(at: at(7)) == .probe)
        breaker.begin(at: at(7))
        breaker.record(.succeeded, at: at(8), random: 0.5)
        #expect(breaker.admission(at: at(8)) == .allowed)
        breaker.record(.failed, at: at(9), random: 0.5)
        #expect(breaker.admission(at: at(9)) == .allowed)
    }

    @Test func `failing probes double the opening up to its limit`() {
        var breaker = breaker(failing: 3)
        var now = 5.0
        for expected in [10.0, 20, 20, 20] {
            #expect(breaker.admission(at: at(now)) == .probe)
            breaker.begin(at: at(now))
            breaker.record(.failed, at: at(now), random: 0.5)
            #expect(breaker.admission(at: at(now)) == .refused(until: at(now + expected)))
            now += expected
        }
    }

    @Test func `jitter spreads openings by a fifth`() {
        for (random, seconds) in [(0.0, 4.0), (0.5, 5.0), (1.0, 6.0)] {
            var breaker = CircuitBreaker()
            for _ in 0..<3 { breaker.record(.failed, at: start, random: random) }
            guard case .refused(let until) = breaker.admission(at: start) else {
                Issue.record("not open")
                continue
            }
            #expect(abs((until - start) / .seconds(1) - seconds) < 0.001)
        }
    }

    @Test func `a late failure during an opening changes nothing`() {
        var breaker = breaker(failing: 3)
        breaker.record(.failed, at: at(2), random: 0.5)
        #expect(breaker.admission(at: at(2)) == .refused(until: at(5)))
    }

    @Test func `a probe that never reports is forgotten`() {
        var breaker = breaker(failing: 3)
        breaker.begin(at: at(5))
        #expect(breaker.admission(at: at(24)) == .refused(until: at(25)))
        #expect(breaker.admission(at: at(25)) == .probe)
    }

    @Test func `throttling holds calls back and is no failure`() {
        var breaker = CircuitBreaker()
        for _ in 0..<10 { breaker.record(.throttled(.seconds(20)), at: start, random: 0) }
        #expect(breaker.admission(at: at(19)) == .refused(until: at(20)))
        #expect(breaker.admission(at: at(20)) == .allowed)
        breaker.record(.throttled(.seconds(0.1)), at: at(19), random: 0)
        #expect(breaker.admission(at: at(19)) == .refused(until: at(20)))
        breaker.record(.throttled(.zero), at: at(20), random: 0.5)
        #expect(breaker.admission(at: at(20)) == .refused(until: at(21.5)))
    }

    @Test func `what only an operator mends suspends for ever longer`() {
        var breaker = CircuitBreaker()
        var now = 0.0
        for expected in [900.0, 1_800, 3_600, 7_200, 14_400, 21_600, 21_600] {
            breaker.record(.suspended, at: at(now), random: 0)
            #expect(breaker.admission(at: at(now)) == .refused(until: at(now + expected)))
            now += expected
            #expect(breaker.admission(at: at(now)) == .probe)
            breaker.begin(at: at(now))
        }
        breaker.record(.succeeded, at: at(now), random: 0)
        #expect(breaker.admission(at: at(now)) == .allowed)
    }

    @Test func `two unusable answers in a row count as one failure`() {
        var breaker = CircuitBreaker()
        for _ in 0..<3 {
            breaker.record(.invalid, at: start, random: 0.5)
            breaker.record(.succeeded, at: start, random: 0.5)
        }
        #expect(breaker.admission(at: start) == .allowed)
        for _ in 0..<6 { breaker.record(.invalid, at: start, random: 0.5) }
        #expect(breaker.admission(at: start) != .allowed)
    }

    @Test(arguments: [
        (ProviderError.rateLimited(retryAfter: .seconds(3)), CircuitBreaker.Event.throttled(.seconds(3))),
        (.overloaded(retryAfter: nil), .failed),
        (.overloaded(retryAfter: .seconds(2)), .throttled(.seconds(2))),
        (.server(status: 500), .failed), (.network(mayHaveActed: false), .failed),
        (.timedOut(mayHaveActed: true), .failed), (.malformedResponse, .invalid), (.quota, .suspended),
        (.authentication, .suspended), (.misconfigured(code: nil), .suspended), (.truncated, .neutral),
        (.contentBlocked, .neutral), (.requestInvalid(code: nil), .neutral), (.tooLarge, .neutral),
        (.cancelled, .neutral),
    ])
    func `every class of failure has one meaning`(error: ProviderError, event: CircuitBreaker.Event) {
        #expect(CircuitBreaker.Event(error) == event)
    }
}
