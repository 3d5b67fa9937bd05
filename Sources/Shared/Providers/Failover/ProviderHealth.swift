import Synchronization

/// What one process knows about its providers, shared by all its jobs.
package final class ProviderHealth: Sendable, ProviderOutlook {
    private let board: Mutex<ProviderBoard>
    /// Told of every breaker that opened, closed or was suspended, so that others can know it too.
    private let onChange: @Sendable (ProviderKey, CircuitBreaker) -> Void

    package init(
        settings: ProviderBoard.Settings = .init(),
        onChange: @escaping @Sendable (ProviderKey, CircuitBreaker) -> Void = { _, _ in }
    ) {
        board = Mutex(ProviderBoard(settings: settings))
        self.onChange = onChange
    }

    /// A copy of everything, for a page or a table.
    package var snapshot: ProviderBoard { board.withLock { $0 } }

    package func admission(of key: ProviderKey, at now: ContinuousClock.Instant) -> CircuitBreaker.Admission {
        board.withLock { $0.admission(of: key, at: now) }
    }

    package func hedgeDelay(of key: ProviderKey) -> Duration? { board.withLock { $0.hedgeDelay(of: key) } }

    package func patience(with key: ProviderKey) -> Duration? { board.withLock { $0.patience(with: key) } }

    package func mayRetry(_ key: ProviderKey, at now: ContinuousClock.Instant) -> Bool {
        board.withLock { $0.mayRetry(key, at: now) }
    }

    /// Takes over the state of a breaker from the ledger.
    package func adopt(_ breaker: CircuitBreaker, of key: ProviderKey) {
        board.withLock { $0.adopt(breaker, of: key) }
    }

    func noteJob() { board.withLock { $0.noteJob() } }

    func takeHedge() -> Bool { board.withLock { $0.takeHedge() } }

    func begin(_ attempt: FailoverPolicy.Attempt) {
        guard !attempt.isLocal else { return }
        let again = [.retry, .enlarged, .repair].contains(attempt.purpose)
        board.withLock { $0.begin(attempt.key, again ? .again : .first, at: attempt.started) }
    }

    func succeed(_ attempt: FailoverPolicy.Attempt, usage: ProviderUsage) {
        guard !attempt.isLocal else { return }
        let now = ContinuousClock.now
        change(attempt.key, at: now) {
            $0.succeed(attempt.key, latency: now - attempt.started, usage: usage, at: now)
        }
    }

    func end(_ attempt: FailoverPolicy.Attempt, _ event: CircuitBreaker.Event, isOverload: Bool = false) {
        guard !attempt.isLocal else { return }
        let now = ContinuousClock.now
        let random = Double.random(in: 0..<1)
        change(attempt.key, at: now) {
            $0.end(attempt.key, event, isOverload: isOverload, at: now, random: random)
        }
    }

    /// A rival is sent for this call; see ``ProviderBoard/suspect(_:at:)``.
    func suspect(_ attempt: FailoverPolicy.Attempt) {
        let now = ContinuousClock.now
        change(attempt.key, at: now) { $0.suspect(attempt.key, at: now) }
    }

    /// Mean units of recent calls, for one whose bill is not seen.
    func meanUnits(of key: ProviderKey) -> [String: Double]? {
        board.withLock { $0.records[key]?.meanUnits }
    }

    private func change(
        _ key: ProviderKey, at now: ContinuousClock.Instant, _ body: (inout ProviderBoard) -> Void
    ) {
        let changed = board.withLock { board -> CircuitBreaker? in
            let before = board.records[key]?.breaker.state(at: now)
            body(&board)
            guard let after = board.records[key]?.breaker, after.state(at: now) != before else { return nil }
            return after
        }
        if let changed { onChange(key, changed) }
    }
}
