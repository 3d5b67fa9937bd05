import CoachDomain
import Synchronization

/// What one process knows about its providers, shared by all its jobs.
package final class ProviderHealth: Sendable, ProviderOutlook {
    private let board: Mutex<ProviderBoard>
    private let onChange = Mutex<(@Sendable (ProviderKey) -> Void)?>(nil)

    package init(settings: ProviderBoard.Settings = .init()) {
        board = Mutex(ProviderBoard(settings: settings))
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

    /// Takes over what somebody else found out; nobody is told of that.
    package func adopt(_ snapshot: BreakerSnapshot, of key: ProviderKey, concurrency: Double? = nil) {
        board.withLock { $0.adopt(snapshot, of: key, concurrency: concurrency, at: .now) }
    }

    /// Takes over how long successful calls took, oldest first, where nothing has been measured here yet.
    package func adopt(latencies: [Duration], of key: ProviderKey) {
        board.withLock { $0.adopt(latencies: latencies, of: key) }
    }

    /// Replaces the operator's switches by those that hold now.
    package func replaceSwitches(_ switches: [ProviderSwitch.Subject: ProviderSwitch]) {
        board.withLock { $0.replaceSwitches(switches) }
    }

    /// From now on `observer` is told of every breaker of which others should know more than before: that it
    /// opened, closed, was suspended, or that the vendor asked for a pause. Called on the job's own thread, so
    /// it has to be quick. There is one observer at a time.
    package func observe(_ observer: @escaping @Sendable (ProviderKey) -> Void) {
        onChange.withLock { $0 = observer }
    }

    func noteJob(_ operation: ProviderCall.Operation) { board.withLock { $0.noteJob(operation) } }

    func takeHedge(_ operation: ProviderCall.Operation) -> Bool {
        board.withLock { $0.takeHedge(operation) }
    }

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
        let isNews = board.withLock { board in
            let before = board.records[key]?.breaker.waits(at: now)
            body(&board)
            return board.records[key]?.breaker.waits(at: now) != before ?? .nothing(at: now)
        }
        if isNews, let observer = onChange.withLock({ $0 }) { observer(key) }
    }
}

extension CircuitBreaker {
    /// What others need to know, for comparison.
    fileprivate struct Waits: Hashable {
        var state: State
        var openUntil: Instant?
        var throttledUntil: Instant?
        var suspendedUntil: Instant?

        static func nothing(at now: Instant) -> Waits { CircuitBreaker().waits(at: now) }
    }

    fileprivate func waits(at now: Instant) -> Waits {
        Waits(
            state: state(at: now), openUntil: openUntil, throttledUntil: throttledUntil,
            suspendedUntil: suspendedUntil)
    }
}
