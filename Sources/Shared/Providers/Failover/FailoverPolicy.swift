/// Which provider to try next for one job; a value that does no I/O and reads no clock.
///
/// There is no other retry layer. Providers are tried in order; each is tried once, and a second time only
/// when nobody else is eligible and the failure was a passing one. A cut-off answer is asked for again at
/// once with more room. Content that two providers decline is not offered to a third.
package struct FailoverPolicy: Hashable, Sendable {
    package typealias Instant = ContinuousClock.Instant

    package struct Candidate: Hashable, Sendable {
        package var key: ProviderKey
        /// Runs in this process: needs no reserve, has no breaker and does not count as an attempt.
        package var isLocal: Bool
        /// Longest useful duration of one attempt.
        package var attemptLimit: Duration

        package init(key: ProviderKey, isLocal: Bool = false, attemptLimit: Duration) {
            self.key = key
            self.isLocal = isLocal
            self.attemptLimit = attemptLimit
        }
    }

    package struct Settings: Hashable, Sendable {
        /// Calls over the network for one job.
        package var maximumAttempts = 4
        /// Kept back for what follows the last attempt.
        package var reserve: Duration = .milliseconds(1_500)
        /// Less time than this is not worth a call.
        package var shortestAttempt: Duration = .milliseconds(500)
        /// Bounds of the wait before the same provider is called again.
        package var retryWait: ClosedRange<Duration> = .milliseconds(250)...(.seconds(2))

        package init() {}
    }

    package enum Stop: Hashable, Sendable {
        /// Nobody is left who may be called.
        case exhausted
        case outOfTime
        case outOfAttempts
    }

    package enum Step: Hashable, Sendable {
        /// Call the candidate of this index; `enlarged` asks for half as much room again.
        case attempt(Int, deadline: Instant, enlarged: Bool)
        case wait(until: Instant)
        case stop(Stop)
    }

    private struct Progress: Hashable, Sendable {
        var attempts = 0
        var mayRetryAt: Instant?
        var wantsRoom = false
    }

    package let candidates: [Candidate]
    private let deadline: Instant
    private let settings: Settings
    private var progress: [Progress]
    private var attempts = 0
    private var refusals = 0

    package init(candidates: [Candidate], deadline: Instant, settings: Settings = Settings()) {
        self.candidates = candidates
        self.deadline = deadline
        self.settings = settings
        progress = Array(repeating: Progress(), count: candidates.count)
    }

    /// The next thing to do.
    ///
    /// - Parameters:
    ///   - now: The caller's clock.
    ///   - admission: What the circuit breaker of a candidate says.
    package func next(at now: Instant, admission: (ProviderKey) -> CircuitBreaker.Admission) -> Step {
        if let index = progress.indices.first(where: { progress[$0].wantsRoom && isAffordable($0, now) }) {
            return attempt(index, at: now)
        }
        var reopening: Instant?
        for index in candidates.indices where progress[index].attempts == 0 && !isBarred(index) {
            switch candidates[index].isLocal ? .allowed : admission(candidates[index].key) {
            case .allowed, .probe:
                if isAffordable(index, now) { return attempt(index, at: now) }
            case .refused(let until):
                reopening = min(reopening ?? until, until)
            }
        }
        for index in candidates.indices {
            guard let retry = progress[index].mayRetryAt, !isBarred(index) else { continue }
            var due = retry
            if case .refused(let until) = admission(candidates[index].key) { due = max(due, until) }
            if due <= now, isAffordable(index, now) { return attempt(index, at: now) }
            reopening = min(reopening ?? due, due)
        }
        if attempts >= settings.maximumAttempts { return .stop(.outOfAttempts) }
        guard let reopening else { return .stop(now >= lastStart ? .outOfTime : .exhausted) }
        // Never zero, or a breaker that changes its mind would make the caller spin.
        let until = max(reopening, now + .milliseconds(10))
        return until < lastStart ? .wait(until: until) : .stop(.outOfTime)
    }

    /// Notes how the attempt that ``next(at:admission:)`` asked for failed.
    ///
    /// - Parameter random: Uniform in 0..<1, for the wait before another try.
    package mutating func record(_ error: ProviderError, of index: Int, at now: Instant, random: Double) {
        progress[index].attempts += 1
        let isFirst = progress[index].attempts == 1
        progress[index].mayRetryAt = nil
        progress[index].wantsRoom = false
        if !candidates[index].isLocal { attempts += 1 }
        switch error {
        case .truncated where isFirst && !candidates[index].isLocal:
            progress[index].wantsRoom = true
        case .contentBlocked:
            refusals += 1
        default:
            guard isFirst, error.isTransient, !candidates[index].isLocal else { return }
            let spread = settings.retryWait.upperBound - settings.retryWait.lowerBound
            progress[index].mayRetryAt = now + settings.retryWait.lowerBound + spread * random
        }
    }

    private var lastStart: Instant { deadline - settings.reserve - settings.shortestAttempt }

    private func isBarred(_ index: Int) -> Bool {
        !candidates[index].isLocal && (attempts >= settings.maximumAttempts || refusals >= 2)
    }

    private func isAffordable(_ index: Int, _ now: Instant) -> Bool {
        candidates[index].isLocal ? now < deadline : !isBarred(index) && now <= lastStart
    }

    private func attempt(_ index: Int, at now: Instant) -> Step {
        let candidate = candidates[index]
        let last = candidate.isLocal ? deadline : deadline - settings.reserve
        return .attempt(
            index, deadline: min(last, now + candidate.attemptLimit), enlarged: progress[index].wantsRoom)
    }
}
