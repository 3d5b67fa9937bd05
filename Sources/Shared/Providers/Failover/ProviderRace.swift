import CoachDomain
import Synchronization

/// Performs what ``FailoverPolicy`` decides: starts calls, waits for ends and clocks, stops the losers.
///
/// A loser is cancelled, and booked as if it had been billed. A probe outlives the race, at most to its own
/// deadline, because its end is what it was sent for.
struct ProviderRace<Answer: Sendable>: Sendable {
    /// How one attempt ended.
    enum End: Sendable {
        case answered(Answer)
        case failed(ProviderError)
        /// The answer came and was of no use.
        case rejected
        /// Nobody pays for it, so it was not made.
        case unpaid
    }

    struct Report: Sendable {
        var end: End
        /// `nil` for an attempt that was not made.
        var call: ProviderCall?
        var usage = ProviderUsage()
    }

    enum Verdict: Sendable {
        case answered(Answer, FailoverPolicy.Attempt)
        case stopped(FailoverPolicy.Stop)
    }

    struct Outcome: Sendable {
        var result: Verdict
        /// In order of their ends, losers last.
        var calls: [ProviderCall]
        var lastError: ProviderError?
        var isCancelled = false
    }

    private enum Event: Sendable {
        case ended(FailoverPolicy.Attempt, Report)
        case tick(Int)
    }

    /// One call under way.
    private struct Runner {
        var task: Task<Void, Never>
        var isReported: Once
    }

    let health: ProviderHealth
    let operation: ProviderCall.Operation
    /// The bill of a call that is stopped; `nil` when it had not begun.
    let abandoned: @Sendable (FailoverPolicy.Attempt, Duration) -> ProviderCall?
    let perform: @Sendable (FailoverPolicy.Attempt) async -> Report

    func run(_ initial: FailoverPolicy) async -> Outcome {
        var policy = initial
        var outcome = Outcome(result: .stopped(.exhausted), calls: [], lastError: nil)
        var runners: [Int: Runner] = [:]
        let (events, source) = AsyncStream<Event>.makeStream()
        var ticks = 0
        health.noteJob(operation)
        var iterator = events.makeAsyncIterator()
        race: while !Task.isCancelled {
            switch policy.next(at: .now, outlook: health, takeHedge: { health.takeHedge(operation) }) {
            case .attempt(let attempt):
                if attempt.purpose == .hedge, let late = policy.attemptsUnderway.first(where: \.isMain) {
                    health.suspect(late)
                }
                runners[attempt.id] = start(attempt, source)
            case .stop(let stop):
                outcome.result = .stopped(stop)
                break race
            case .wait(let until):
                ticks += 1
                let tick = ticks
                let alarm = until.map { until in
                    Task {
                        if (try? await Task.sleep(until: until, clock: .continuous)) != nil {
                            source.yield(.tick(tick))
                        }
                    }
                }
                defer { alarm?.cancel() }
                // Cancellation of this task ends the sequence.
                guard let event = await iterator.next() else { break race }
                guard case .ended(let attempt, let report) = event else { continue }
                runners[attempt.id] = nil
                if let call = report.call { outcome.calls.append(call) }
                switch report.end {
                case .answered(let answer):
                    outcome.result = .answered(answer, attempt)
                    outcome.calls += stop(runners, policy.attemptsUnderway, winner: attempt)
                    return outcome
                case .failed(let error):
                    outcome.lastError = error
                    policy.fail(attempt.id, error, at: .now, random: Double.random(in: 0..<1))
                case .rejected:
                    outcome.lastError = .malformedResponse
                    policy.reject(attempt.id, at: .now)
                case .unpaid:
                    policy.skip(attempt.id)
                }
            }
        }
        outcome.isCancelled = Task.isCancelled
        outcome.calls += stop(runners, policy.attemptsUnderway, winner: nil)
        return outcome
    }

    private func start(
        _ attempt: FailoverPolicy.Attempt, _ source: AsyncStream<Event>.Continuation
    ) -> Runner {
        let isReported = Once()
        health.begin(attempt)
        let task = Task { [health, perform] in
            let report = await perform(attempt)
            if isReported.claim() {
                switch report.end {
                case .answered: health.succeed(attempt, usage: report.usage)
                case .failed(let error):
                    health.end(
                        attempt, .init(error, of: attempt.purpose), isOverload: error.isOverload)
                case .rejected: health.end(attempt, .invalid)
                case .unpaid: health.end(attempt, .neutral)
                }
            }
            source.yield(.ended(attempt, report))
        }
        return Runner(task: task, isReported: isReported)
    }

    /// Stops everybody but the probes.
    private func stop(
        _ runners: [Int: Runner], _ underway: [FailoverPolicy.Attempt], winner: FailoverPolicy.Attempt?
    ) -> [ProviderCall] {
        underway.compactMap { attempt in
            guard let runner = runners[attempt.id] else { return nil }
            if winner == nil || attempt.purpose != .probe {
                runner.task.cancel()
                // That it was late has been noted when its rival was sent.
                if runner.isReported.claim() { health.end(attempt, .neutral) }
            }
            return attempt.isLocal ? nil : abandoned(attempt, .now - attempt.started)
        }
    }
}

/// Something that happens once, whoever is first.
final class Once: Sendable {
    private let isDone = Atomic(false)

    /// - Returns: Whether the caller is the first.
    func claim() -> Bool { !isDone.exchange(true, ordering: .relaxed) }
}
