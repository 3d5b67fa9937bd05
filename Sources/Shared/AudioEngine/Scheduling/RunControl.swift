import Synchronization

/// Cancellation and the wall-clock limit of one preparation, asked between chunks.
final class RunControl: Sendable {
    private let isCancelled = Atomic(false)
    private let limit: Duration
    private let startedAt = Mutex<ContinuousClock.Instant?>(nil)

    init(limit: Duration) { self.limit = limit }

    func cancel() { isCancelled.store(true, ordering: .relaxed) }

    /// The limit counts from here: waiting for a free thread is the queue's fault, not the note's.
    func start() { startedAt.withLock { $0 = ContinuousClock.now } }

    /// - Throws: ``AudioError/cancelled`` or ``AudioError/wallClockExceeded(limit:)``.
    func check() throws(AudioError) {
        if isCancelled.load(ordering: .relaxed) { throw .cancelled }
        if remaining <= .zero { throw .wallClockExceeded(limit: limit) }
    }

    var remaining: Duration {
        guard let started = startedAt.withLock({ $0 }) else { return limit }
        return limit - (ContinuousClock.now - started)
    }
}
