import Synchronization

/// What one caller asked for, and the one place where it is answered.
///
/// Any thread may answer; the first answer counts.
final class RedisCall: Sendable {
    typealias Outcome = Result<[RedisValue], RedisError>

    private struct State {
        var continuation: CheckedContinuation<Outcome, Never>?
        var outcome: Outcome?
        var wasSent = false
    }

    let commands: [RedisCommand]
    let timeout: Duration
    let deadline: ContinuousClock.Instant
    /// Waits for a lost connection to come back instead of failing at once.
    let isPatient: Bool
    /// The server would go on working for a caller who has left, so its connection must be closed.
    let isBlocking: Bool
    /// About the bytes this call occupies.
    let size: Int
    private let state = Mutex(State())

    init(
        _ commands: [RedisCommand], timeout: Duration, isPatient: Bool = false, isBlocking: Bool = false,
        now: ContinuousClock.Instant = .now
    ) {
        self.commands = commands
        self.timeout = timeout
        self.isPatient = isPatient
        self.isBlocking = isBlocking
        deadline = now + timeout
        size = commands.reduce(0) { $0 + $1.size }
    }

    /// Waits for the answer; `submit` is called once the call can be answered.
    func outcome(submit: () -> Void) async -> Outcome {
        await withCheckedContinuation { continuation in
            let early = state.withLock { state in
                if state.outcome == nil { state.continuation = continuation }
                return state.outcome
            }
            if let early { continuation.resume(returning: early) } else { submit() }
        }
    }

    var isAnswered: Bool { state.withLock { $0.outcome != nil } }

    /// Notes that the commands go out now. False when the caller has left: nothing must be sent then.
    func markSent() -> Bool {
        state.withLock { state in
            if state.outcome != nil { return false }
            state.wasSent = true
            return true
        }
    }

    /// Answers the caller; false when that has happened already.
    @discardableResult
    func answer(_ outcome: Outcome) -> Bool {
        answer { _ in outcome }
    }

    /// - Parameter makeOutcome: is told whether the commands went out.
    @discardableResult
    func answer(_ makeOutcome: (_ wasSent: Bool) -> Outcome) -> Bool {
        let (continuation, outcome): (CheckedContinuation<Outcome, Never>?, Outcome?) = state.withLock {
            state in
            if state.outcome != nil { return (nil, nil) }
            let outcome = makeOutcome(state.wasSent)
            state.outcome = outcome
            defer { state.continuation = nil }
            return (state.continuation, outcome)
        }
        guard let outcome else { return false }
        continuation?.resume(returning: outcome)
        return true
    }
}
