/// Which provider to call next for one job; a value that does no I/O and reads no clock.
///
/// There is no other retry layer. Providers are tried in order, each once, and a second time only when nobody
/// else is eligible, the failure was a passing one and the budget allows it. A call that takes longer than
/// nearly all of them gets a rival at another provider. A provider that is coming back is probed beside the
/// call that the user waits for, never instead of it. A cut-off answer is asked for again with more room, an
/// unusable one once more with what was wrong. Content that two providers decline is not offered to a third.
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
        /// Calls over the network for one job, repairs, rivals and probes included.
        package var maximumAttempts = 4
        /// Kept back for what follows the last attempt.
        package var reserve: Duration = .milliseconds(1_500)
        /// Less time than this is not worth a call.
        package var shortestAttempt: Duration = .milliseconds(500)
        /// Bounds of the wait before the same provider is called again.
        package var retryWait: ClosedRange<Duration> = .milliseconds(250)...(.seconds(2))
        /// Time that must be left for asking the same provider to mend its answer; `nil` for never.
        package var repairTime: Duration?
        package var isHedging = true
        /// Longest wait for a breaker to let calls through; `nil` for as long as the job has.
        package var longestPause: Duration?

        package init() {}
    }

    package enum Stop: Hashable, Sendable {
        /// Nobody is left who may be called.
        case exhausted
        case outOfTime
        case outOfAttempts
    }

    package enum Purpose: Hashable, Sendable {
        case first
        /// The same provider once more.
        case retry
        /// The same provider with half as much room again.
        case enlarged
        /// The same provider, told what was wrong with its answer.
        case repair
        /// Another provider while the first is still at work.
        case hedge
        /// A provider that was down, beside the call that counts.
        case probe
    }

    package struct Attempt: Hashable, Sendable {
        package var id: Int
        package var index: Int
        package var key: ProviderKey
        package var isLocal: Bool
        package var purpose: Purpose
        package var started: Instant
        package var deadline: Instant

        /// Whether the job waits for it in the first place.
        package var isMain: Bool { purpose != .probe && purpose != .hedge }
    }

    package enum Step: Hashable, Sendable {
        case attempt(Attempt)
        /// Until a call under way ends, or until then if that is earlier; `nil` is no limit.
        case wait(until: Instant?)
        case stop(Stop)
    }

    private struct Progress: Hashable, Sendable {
        var attempts = 0
        var mayRetryAt: Instant?
        var wants: Purpose?
        var wasRepaired = false
        var isSkipped = false
    }

    package let candidates: [Candidate]
    private let deadline: Instant
    private let settings: Settings
    private var progress: [Progress]
    private var underway: [Attempt] = []
    private var attempts = 0
    private var refusals = 0
    private var wasHedged = false
    private var hasProbed = false
    private var nextID = 0

    package init(candidates: [Candidate], deadline: Instant, settings: Settings = Settings()) {
        self.candidates = candidates
        self.deadline = deadline
        self.settings = settings
        progress = Array(repeating: Progress(), count: candidates.count)
    }

    /// Calls that have not ended, in order of their start.
    package var attemptsUnderway: [Attempt] { underway }

    // MARK: Events

    /// The attempt failed.
    ///
    /// - Parameter random: Uniform in 0..<1, for the wait before another try.
    package mutating func fail(_ id: Int, _ error: ProviderError, at now: Instant, random: Double) {
        guard let attempt = end(id), !attempt.isLocal else { return }
        let index = attempt.index
        let isFirst = progress[index].attempts == 1
        switch error {
        case .truncated where isFirst:
            progress[index].wants = .enlarged
        case .contentBlocked:
            refusals += 1
        default:
            guard isFirst, error.isTransient, attempt.purpose != .probe else { return }
            let spread = settings.retryWait.upperBound - settings.retryWait.lowerBound
            progress[index].mayRetryAt = now + settings.retryWait.lowerBound + spread * random
        }
    }

    /// The answer came and was of no use.
    package mutating func reject(_ id: Int, at now: Instant) {
        guard let attempt = end(id), !attempt.isLocal else { return }
        guard let time = settings.repairTime, !progress[attempt.index].wasRepaired, deadline - now > time
        else { return }
        progress[attempt.index].wasRepaired = true
        progress[attempt.index].wants = .repair
    }

    /// The attempt was not made after all, because nobody would pay for it; it does not count.
    package mutating func skip(_ id: Int) {
        guard let attempt = end(id) else { return }
        progress[attempt.index].isSkipped = true
        if !attempt.isLocal { attempts -= 1 }
    }

    private mutating func end(_ id: Int) -> Attempt? {
        guard let place = underway.firstIndex(where: { $0.id == id }) else { return nil }
        return underway.remove(at: place)
    }

    // MARK: Decisions

    /// The next thing to do; an attempt that is returned counts as started.
    ///
    /// - Parameters:
    ///   - now: The caller's clock.
    ///   - takeHedge: Pays for a hedge; asked only when everything else speaks for one.
    package mutating func next(
        at now: Instant, outlook: some ProviderOutlook, takeHedge: () -> Bool
    ) -> Step {
        if underway.contains(where: { $0.purpose != .probe }) {
            return beside(at: now, outlook, takeHedge)
        }
        if let index = progress.indices.first(where: { progress[$0].wants != nil && isAffordable($0, now) }),
            let purpose = progress[index].wants
        {
            progress[index].wants = nil
            return start(index, purpose, at: now, outlook)
        }
        var reopening: Instant?
        var probe: Int?
        for index in candidates.indices where isUntried(index) {
            switch candidates[index].isLocal
                ? .allowed : outlook.admission(of: candidates[index].key, at: now)
            {
            case .allowed:
                // Whoever is coming back is tried before somebody who merely runs in this process.
                if candidates[index].isLocal, let probe { return start(probe, .first, at: now, outlook) }
                if isAffordable(index, now) { return start(index, .first, at: now, outlook) }
            case .probe:
                if isAffordable(index, now) { probe = probe ?? index }
            case .refused(let until):
                if let longest = settings.longestPause, until - now > longest { continue }
                reopening = min(reopening ?? until, until)
            }
        }
        if let probe { return start(probe, .first, at: now, outlook) }
        for index in candidates.indices {
            guard let retry = progress[index].mayRetryAt, !isBarred(index),
                outlook.mayRetry(candidates[index].key, at: now)
            else { continue }
            var due = retry
            if case .refused(let until) = outlook.admission(of: candidates[index].key, at: now) {
                if let longest = settings.longestPause, until - now > longest { continue }
                due = max(due, until)
            }
            if due <= now, isAffordable(index, now) { return start(index, .retry, at: now, outlook) }
            reopening = min(reopening ?? due, due)
        }
        // A probe that is still out may yet bring the answer.
        let probeEnd = underway.map(\.deadline).max()
        if attempts >= settings.maximumAttempts {
            return probeEnd == nil ? .stop(.outOfAttempts) : .wait(until: nil)
        }
        guard let reopening else {
            if probeEnd != nil { return .wait(until: nil) }
            return .stop(now >= lastStart ? .outOfTime : .exhausted)
        }
        // Never zero, or a breaker that changes its mind would make the caller spin.
        let until = max(reopening, now + .milliseconds(10))
        if until < lastStart { return .wait(until: until) }
        return probeEnd == nil ? .stop(.outOfTime) : .wait(until: nil)
    }

    /// What can be done while a call is under way.
    private mutating func beside(
        at now: Instant, _ outlook: some ProviderOutlook, _ takeHedge: () -> Bool
    ) -> Step {
        guard let main = underway.first(where: { $0.purpose != .probe }), !main.isLocal else {
            return .wait(until: nil)
        }
        if !hasProbed {
            for index in candidates.indices where isUntried(index) && !candidates[index].isLocal {
                if outlook.admission(of: candidates[index].key, at: now) == .probe, isAffordable(index, now) {
                    hasProbed = true
                    return start(index, .probe, at: now, outlook)
                }
            }
        }
        guard settings.isHedging, !wasHedged, let delay = outlook.hedgeDelay(of: main.key) else {
            return .wait(until: nil)
        }
        let rival = candidates.indices.first { index in
            isUntried(index) && !candidates[index].isLocal && isAffordable(index, now)
                && candidates[index].key.provider != main.key.provider
                && outlook.admission(of: candidates[index].key, at: now) == .allowed
        }
        guard let rival else { return .wait(until: nil) }
        let due = main.started + delay
        guard due <= now else { return due < main.deadline ? .wait(until: due) : .wait(until: nil) }
        guard takeHedge() else {
            // Whoever still waits in half a second needs it more.
            let again = now + .milliseconds(500)
            return .wait(until: again < main.deadline ? again : nil)
        }
        wasHedged = true
        return start(rival, .hedge, at: now, outlook)
    }

    private var lastStart: Instant { deadline - settings.reserve - settings.shortestAttempt }

    private func isUntried(_ index: Int) -> Bool {
        progress[index].attempts == 0 && !progress[index].isSkipped && !isBarred(index)
    }

    private func isBarred(_ index: Int) -> Bool {
        !candidates[index].isLocal && (attempts >= settings.maximumAttempts || refusals >= 2)
    }

    private func isAffordable(_ index: Int, _ now: Instant) -> Bool {
        candidates[index].isLocal ? now < deadline : !isBarred(index) && now <= lastStart
    }

    private mutating func start(
        _ index: Int, _ purpose: Purpose, at now: Instant, _ outlook: some ProviderOutlook
    ) -> Step {
        let candidate = candidates[index]
        var limit = candidate.attemptLimit
        if !candidate.isLocal, let patience = outlook.patience(with: candidate.key) {
            limit = min(limit, patience)
        }
        let last = candidate.isLocal ? deadline : deadline - settings.reserve
        let attempt = Attempt(
            id: nextID, index: index, key: candidate.key, isLocal: candidate.isLocal, purpose: purpose,
            started: now, deadline: min(last, now + limit))
        nextID += 1
        progress[index].attempts += 1
        progress[index].mayRetryAt = nil
        if !candidate.isLocal { attempts += 1 }
        underway.append(attempt)
        return .attempt(attempt)
    }
}
