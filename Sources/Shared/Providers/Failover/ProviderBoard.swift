package import CoachDomain

/// What a job asks about the providers before it calls one.
package protocol ProviderOutlook {
    /// Whether a call may start now.
    func admission(of key: ProviderKey, at now: ContinuousClock.Instant) -> CircuitBreaker.Admission

    /// How long a call is waited for before a rival is sent; `nil` for never.
    func hedgeDelay(of key: ProviderKey) -> Duration?

    /// How long a call of this provider can be expected to take at worst; `nil` while unknown.
    func patience(with key: ProviderKey) -> Duration?

    /// Whether the retry budget of the provider allows one more.
    func mayRetry(_ key: ProviderKey, at now: ContinuousClock.Instant) -> Bool
}

/// Everything that one process knows about its providers; a value that does no I/O and reads no clock.
package struct ProviderBoard: ProviderOutlook, Sendable {
    package typealias Instant = ContinuousClock.Instant

    package struct Settings: Hashable, Sendable {
        package var breaker = CircuitBreaker.Settings()
        /// Bounds of the wait before a rival is sent; the latter also while too little is known.
        package var hedgeDelay: ClosedRange<Duration> = .milliseconds(1_500)...(.seconds(8))
        package var hedgeQuantile = 0.95
        package var isHedging = true
        /// Calls at a time for a provider of this name; see ``ConcurrencyLimit``.
        package var ceilings: [String: Double] = ["deepgram": 50, "local-llm": 4, "local-stt": 4]

        package init() {}
    }

    /// What is known about one provider, model and operation.
    package struct Record: Sendable {
        package internal(set) var breaker: CircuitBreaker
        package internal(set) var latency = LatencyWindow()
        package internal(set) var concurrency: ConcurrencyLimit
        /// Mean units of recent successful calls, by unit: the estimate for a call whose bill is not seen.
        package internal(set) var meanUnits: [String: Double] = [:]
        var retries = RetryBudget()
    }

    /// Why a call is made; only first ones earn hedges and retries.
    package enum Purpose: Hashable, Sendable { case first, again }

    private let settings: Settings
    package private(set) var records: [ProviderKey: Record] = [:]
    /// Of speech and coaching each: a day of slow recognisers must not use up what coaching has earned.
    private var hedges: [ProviderCall.Operation: HedgeBudget] = [:]
    var switches: [ProviderSwitch.Subject: ProviderSwitch] = [:]

    package init(settings: Settings = Settings()) { self.settings = settings }

    // MARK: Questions

    package func admission(of key: ProviderKey, at now: Instant) -> CircuitBreaker.Admission {
        let word = word(on: key, at: now)
        // Without an end: far enough that nobody waits for it, near enough to be a time.
        if let word, word.isOpen { return .refused(until: word.until ?? now + .seconds(3_600)) }
        guard let record = records[key] else { return .allowed }
        let admission =
            word == nil ? record.breaker.admission(at: now) : record.breaker.insistedAdmission(at: now)
        // A full provider is one to come back to soon; a refusal of the breaker says when.
        if case .allowed = admission, record.concurrency.isFull {
            return .refused(until: now + .milliseconds(50))
        }
        return admission
    }

    package func hedgeDelay(of key: ProviderKey) -> Duration? {
        guard settings.isHedging else { return nil }
        let bounds = settings.hedgeDelay
        guard let typical = records[key]?.latency.quantile(settings.hedgeQuantile) else {
            return bounds.upperBound
        }
        return min(max(typical, bounds.lowerBound), bounds.upperBound)
    }

    package func patience(with key: ProviderKey) -> Duration? {
        // Only calls within this very limit are in the sample, so half as much again would creep down until it
        // cut off answers that were nearly there. Never so little that a good hour makes a trap.
        records[key]?.latency.quantile(0.99, minimumCount: 50).map { max($0 * 2, .seconds(4)) }
    }

    package func mayRetry(_ key: ProviderKey, at now: Instant) -> Bool {
        records[key]?.retries.mayRetry(at: now) ?? true
    }

    // MARK: Events

    /// Pays for one hedge.
    package mutating func takeHedge(_ operation: ProviderCall.Operation) -> Bool {
        settings.isHedging && hedges[operation, default: HedgeBudget()].take()
    }

    /// A job begins: it earns its share of a hedge.
    package mutating func noteJob(_ operation: ProviderCall.Operation) {
        hedges[operation, default: HedgeBudget()].earn()
    }

    package mutating func begin(_ key: ProviderKey, _ purpose: Purpose, at now: Instant) {
        update(key) { record in
            record.breaker.begin(at: now)
            record.concurrency.begin()
            switch purpose {
            case .first: record.retries.noteFirst(at: now)
            case .again: record.retries.noteRetry(at: now)
            }
        }
    }

    /// A call succeeded.
    package mutating func succeed(
        _ key: ProviderKey, latency: Duration, usage: ProviderUsage, at now: Instant
    ) {
        update(key) { record in
            record.breaker.record(.succeeded, at: now, random: 0.5)
            record.latency.record(latency)
            let work = usage.outputTokens.map(Double.init) ?? usage.audioSeconds ?? 1
            record.concurrency.succeed(latency: latency / .seconds(1), work: work)
            for (unit, amount) in usage.units {
                record.meanUnits[unit] = record.meanUnits[unit].map { $0 * 0.95 + amount * 0.05 } ?? amount
            }
        }
    }

    /// A call ended otherwise.
    package mutating func end(
        _ key: ProviderKey, _ event: CircuitBreaker.Event, isOverload: Bool = false, at now: Instant,
        random: Double
    ) {
        update(key) { record in
            record.breaker.record(event, at: now, random: random)
            if isOverload {
                record.concurrency.overload(
                    at: now, roundTrip: record.latency.quantile(0.5) ?? .seconds(1))
            } else {
                record.concurrency.release()
            }
        }
    }

    /// A call takes so long that a rival was sent. Five in a row with no answer between them are an outage, and
    /// this notices it before the first of them has run into a limit.
    package mutating func suspect(_ key: ProviderKey, at now: Instant) {
        update(key) { $0.breaker.record(.slow, at: now, random: 0.5) }
    }

    /// Takes over what another process, or this one before a restart, found out.
    ///
    /// - Parameter concurrency: Calls at a time that the provider was found to bear; used where nothing has
    ///   been learned here yet.
    package mutating func adopt(
        _ snapshot: BreakerSnapshot, of key: ProviderKey, concurrency: Double? = nil, at now: Instant
    ) {
        let isNew = records[key] == nil
        update(key) { record in
            record.breaker.adopt(snapshot, at: now)
            if isNew, let concurrency { record.concurrency.resume(at: concurrency) }
        }
    }

    /// Takes over how long successful calls took, oldest first, where nothing has been measured here yet.
    package mutating func adopt(latencies: [Duration], of key: ProviderKey) {
        guard records[key]?.latency.count ?? 0 == 0 else { return }
        update(key) { record in latencies.forEach { record.latency.record($0) } }
    }

    private mutating func update(_ key: ProviderKey, _ change: (inout Record) -> Void) {
        var record =
            records[key]
            ?? Record(
                breaker: CircuitBreaker(settings: settings.breaker),
                concurrency: ConcurrencyLimit(ceiling: settings.ceilings[key.provider] ?? 64))
        change(&record)
        records[key] = record
    }
}

extension CircuitBreaker.Event {
    /// What a failed attempt says about the provider's health: an answer that is cut off although it was given
    /// more room, or was only a probe, is no better than an unusable one.
    package init(_ error: ProviderError, of purpose: FailoverPolicy.Purpose) {
        self =
            error == .truncated && (purpose == .enlarged || purpose == .probe) ? .invalid : .init(error)
    }
}

extension ProviderError {
    /// Whether the provider asks for less at a time.
    package var isOverload: Bool {
        switch self {
        case .rateLimited, .overloaded: true
        default: false
        }
    }
}
