/// What can happen to a job.
package enum JobEvent: Hashable, Sendable {
    case claimed
    case completed
    case failed(JobFailure)
    /// A stopping worker returns what it could not finish; costs nothing.
    case handedBack
    /// The worker went silent; counts as a crash.
    case leaseExpired
    /// The wait before a retry is over.
    case due
    case retriedByOperator
    case cancelledByOperator

    /// Stable name, written to the history of the job.
    package var name: String {
        switch self {
        case .claimed: "claimed"
        case .completed: "completed"
        case .failed: "failed"
        case .handedBack: "handed-back"
        case .leaseExpired: "lease-expired"
        case .due: "due"
        case .retriedByOperator: "retried-by-operator"
        case .cancelledByOperator: "cancelled-by-operator"
        }
    }
}

/// An event that the present state does not allow.
package struct IllegalTransition: Error, Hashable, Sendable {
    package var state: JobState
    package var event: String
}

/// The life of one job as a value: state and counters in, state and counters out.
///
/// The ledger's SQL performs exactly these transitions; `docs/job-states.md` draws them, and a test
/// compares the drawing with ``edges``.
package struct JobLifeCycle: Hashable, Sendable {
    package var state: JobState
    /// Counted when a job is claimed, before anything is parsed.
    package var attempts: Int
    /// Workers that died while holding the job.
    package var crashes: Int

    package init(state: JobState = .ready, attempts: Int = 0, crashes: Int = 0) {
        self.state = state
        self.attempts = attempts
        self.crashes = crashes
    }

    /// The outcome of an event beyond state and counters.
    package struct Outcome: Hashable, Sendable {
        /// How long until the job may be claimed; zero for "now".
        package var delay: Duration = .zero
    }

    /// Applies one event.
    ///
    /// - Parameters:
    ///   - event: What happened.
    ///   - age: Time since creation or since the last operator's retry.
    ///   - policy: Waits and limits.
    ///   - random: Uniform in 0..<1.
    /// - Throws: ``IllegalTransition``; the value is unchanged.
    package mutating func apply(
        _ event: JobEvent, age: Duration, policy: RetryPolicy, random: Double
    ) throws(IllegalTransition) -> Outcome {
        switch (state, event) {
        case (.ready, .claimed):
            state = .leased
            attempts += 1
        case (.leased, .completed):
            state = .succeeded
        case (.leased, .failed(let failure)):
            return fail(failure, age: age, policy: policy, random: random)
        case (.leased, .handedBack):
            state = .ready
            attempts -= 1
        case (.leased, .leaseExpired):
            crashes += 1
            state = crashes >= policy.crashLimit ? .dead : .ready
        case (.retrying, .due):
            state = .ready
        case (.dead, .retriedByOperator), (.retrying, .retriedByOperator):
            self = JobLifeCycle(state: .ready)
        case (.ready, .cancelledByOperator), (.retrying, .cancelledByOperator),
            (.leased, .cancelledByOperator), (.dead, .cancelledByOperator):
            state = .cancelled
        default:
            throw IllegalTransition(state: state, event: event.name)
        }
        return Outcome()
    }

    private mutating func fail(
        _ failure: JobFailure, age: Duration, policy: RetryPolicy, random: Double
    ) -> Outcome {
        switch failure.kind {
        case .permanent:
            state = .dead
            return Outcome()
        case .throttled(let asked):
            guard age < policy.giveUpAge else {
                state = .dead
                return Outcome()
            }
            attempts -= 1
            state = .retrying
            return Outcome(delay: policy.throttleDelay(asked))
        case .transient:
            guard let delay = policy.delay(attempts: attempts, age: age, random: random) else {
                state = .dead
                return Outcome()
            }
            state = .retrying
            return Outcome(delay: delay)
        }
    }

    /// One arrow of the state diagram.
    package struct Edge: Hashable, Sendable {
        package var from: JobState
        package var event: String
        package var to: JobState

        package init(from: JobState, event: String, to: JobState) {
            self.from = from
            self.event = event
            self.to = to
        }
    }

    /// Every transition that ``apply(_:age:policy:random:)`` can make, found by trying them all.
    package static var edges: Set<Edge> {
        let policy = RetryPolicy()
        let failures: [JobFailure.Kind] = [.transient, .throttled(retryAfter: .seconds(1)), .permanent]
        let events: [JobEvent] =
            [
                .claimed, .completed, .handedBack, .leaseExpired, .due, .retriedByOperator,
                .cancelledByOperator,
            ] + failures.map { .failed(JobFailure($0, code: "", detail: "")) }
        var found: Set<Edge> = []
        for state in JobState.allCases {
            for event in events {
                for crashes in [0, policy.crashLimit - 1] {
                    for age in [Duration.zero, policy.giveUpAge] {
                        var job = JobLifeCycle(state: state, attempts: 1, crashes: crashes)
                        guard (try? job.apply(event, age: age, policy: policy, random: 0.5)) != nil else {
                            continue
                        }
                        found.insert(Edge(from: state, event: event.name, to: job.state))
                    }
                }
            }
        }
        return found
    }
}
