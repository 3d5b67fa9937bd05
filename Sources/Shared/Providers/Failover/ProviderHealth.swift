import Synchronization

/// The circuit breakers of one process, shared by all its jobs.
package final class ProviderHealth: Sendable {
    private let breakers = Mutex<[ProviderKey: CircuitBreaker]>([:])
    private let settings: CircuitBreaker.Settings

    package init(settings: CircuitBreaker.Settings = .init()) { self.settings = settings }

    /// Whether a call to `key` may start.
    package func admission(of key: ProviderKey, at now: ContinuousClock.Instant) -> CircuitBreaker.Admission {
        breakers.withLock { $0[key]?.admission(at: now) ?? .allowed }
    }

    func begin(_ key: ProviderKey, at now: ContinuousClock.Instant) {
        breakers.withLock { $0[key, default: CircuitBreaker(settings: settings)].begin(at: now) }
    }

    func record(_ event: CircuitBreaker.Event, of key: ProviderKey, at now: ContinuousClock.Instant) {
        let random = Double.random(in: 0..<1)
        breakers.withLock {
            $0[key, default: CircuitBreaker(settings: settings)].record(event, at: now, random: random)
        }
    }
}
