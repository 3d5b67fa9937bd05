import Synchronization

/// Cancellation and the wall-clock limit of one preparation, asked between chunks.
final class RunControl: Sendable {
    private let isCancelled = Atomic(false)
    private let limit: Duration
    private struct Clock {
        var used = Duration.zero
        var since: ContinuousClock.Instant?
    }

    private let clock = Mutex(Clock())

    init(limit: Duration) { self.limit = limit }

    func cancel() { isCancelled.store(true, ordering: .relaxed) }

    /// Runs `body` with the limit counting: waiting for a free thread or for the network is not the
    /// note's fault.
    func timed<Value: ~Copyable>(_ body: () throws(AudioError) -> Value) throws(AudioError) -> Value {
        clock.withLock { $0.since = ContinuousClock.now }
        defer {
            clock.withLock { clock in
                if let since = clock.since { clock.used += ContinuousClock.now - since }
                clock.since = nil
            }
        }
        return try body()
    }

    /// - Throws: ``AudioError/cancelled`` or ``AudioError/wallClockExceeded(limit:)``.
    func check() throws(AudioError) {
        if isCancelled.load(ordering: .relaxed) { throw .cancelled }
        if remaining <= .zero { throw .wallClockExceeded(limit: limit) }
    }

    var remaining: Duration { limit - used }

    /// Time inside ``timed(_:)`` so far.
    var used: Duration {
        clock.withLock { clock in clock.used + (clock.since.map { ContinuousClock.now - $0 } ?? .zero) }
    }
}
