/// Whether one provider, model and operation may be called; a value driven by events and a clock.
///
/// Three rules open it, because traffic comes in three kinds. With little of it, three failures in a row are
/// all that will ever be seen. With much of it, five in a row notice a sudden end at once, which happens by
/// chance about once in 400 calls at 30 % errors. A slow decay shows as a share of the last half minute, and
/// twenty calls are the fewest from which a share of 30 % is told from one of 50 %. A call that succeeded after
/// its rival had to be sent for counts as slow, and slow ones open it like failed ones, at a share of their own.
///
/// Then one probe at a time; two successes close it.
package struct CircuitBreaker: Hashable, Sendable {
    package typealias Instant = ContinuousClock.Instant

    /// Thresholds and times.
    package struct Settings: Hashable, Sendable {
        package var window: Duration = .seconds(30)
        package var minimumCalls = 20
        package var failureRatio = 0.5
        package var slowRatio = 0.6
        package var consecutiveFailures = 5
        /// Holds while the window has fewer calls than this.
        package var lowTrafficCalls = 10
        package var lowTrafficFailures = 3
        /// Doubles with each opening.
        package var firstOpening: Duration = .seconds(5)
        /// A healed provider is used again after at most this, the jitter, and two probes.
        package var longestOpening: Duration = .seconds(20)
        /// Share by which an opening is lengthened or shortened at random.
        package var jitter = 0.2
        package var successesToClose = 2
        /// A probe that reported nothing for so long is forgotten.
        package var probeLimit: Duration = .seconds(20)
        /// First wait after a failure that only an operator can mend; doubles.
        package var firstSuspension: Duration = .seconds(900)
        package var longestSuspension: Duration = .seconds(21_600)
        /// The longest wish for a pause that is believed.
        package var longestPause: Duration = .seconds(600)

        package init() {}
    }

    /// What a finished call means for the ones to come.
    package enum Event: Hashable, Sendable {
        case succeeded
        /// An answer came, or would have, but somebody else had it first.
        case slow
        case failed
        /// The answer was unusable; two in a row count as one failure.
        case invalid
        /// The vendor asked for a pause; says nothing about its health.
        case throttled(Duration)
        /// Quota, key or configuration: waiting alone does not help.
        case suspended
        /// The vendor worked and the call was at fault, or nobody waited for the end.
        case neutral
    }

    package enum Admission: Hashable, Sendable {
        case allowed
        /// One trial call after an outage.
        case probe
        case refused(until: Instant)
    }

    private struct Sample: Hashable, Sendable {
        var at: Instant
        var failed: Bool
        var slow = false
    }

    /// What an operator or a dashboard is told.
    package enum State: String, Hashable, Sendable, Codable {
        case closed, open, halfOpen, throttled, suspended
        /// By an operator; see ``ProviderSwitch``.
        case forcedOpen, forcedClosed
    }

    let settings: Settings
    private var samples: [Sample] = []
    private var failuresInARow = 0
    private var invalidInARow = 0
    /// Not `nil` from opening to closing; in the past while half-open.
    var openUntil: Instant?
    var openings = 0
    private var probeStarted: Instant?
    private var probeSuccesses = 0
    var throttledUntil: Instant?
    var suspendedUntil: Instant?
    var suspensions = 0
    /// How often it opened or closed, for dashboards and tests.
    package private(set) var transitions = 0

    package init(settings: Settings = Settings()) { self.settings = settings }

    /// Whether a call may start now.
    package func admission(at now: Instant) -> Admission {
        let blocked = [throttledUntil, suspendedUntil, openUntil].compactMap(\.self).filter { $0 > now }.max()
        if let blocked { return .refused(until: blocked) }
        guard openUntil != nil || suspendedUntil != nil else { return .allowed }
        if let probeStarted, now - probeStarted < settings.probeLimit {
            return .refused(until: probeStarted + settings.probeLimit)
        }
        return .probe
    }

    /// The same when somebody insists on calling: only the vendor's own wish for a pause is respected.
    func insistedAdmission(at now: Instant) -> Admission {
        guard let throttledUntil, throttledUntil > now else { return .allowed }
        return .refused(until: throttledUntil)
    }

    package func state(at now: Instant) -> State {
        if let suspendedUntil { return suspendedUntil > now ? .suspended : .halfOpen }
        if let openUntil { return openUntil > now ? .open : .halfOpen }
        if let throttledUntil, throttledUntil > now { return .throttled }
        return .closed
    }

    /// Ends every wait but the one that the vendor asked for.
    mutating func close() {
        if openUntil != nil { transitions += 1 }
        openUntil = nil
        suspendedUntil = nil
        openings = 0
        suspensions = 0
        probeSuccesses = 0
    }

    /// Notes that an admitted call starts.
    package mutating func begin(at now: Instant) {
        if admission(at: now) == .probe { probeStarted = now }
    }

    /// Notes how a call ended.
    ///
    /// - Parameter random: Uniform in 0..<1, for jitter.
    package mutating func record(_ event: Event, at now: Instant, random: Double) {
        let wasProbe = probeStarted != nil
        probeStarted = nil
        switch event {
        case .succeeded:
            failuresInARow = 0
            invalidInARow = 0
            suspensions = 0
            suspendedUntil = nil
            keep(Sample(at: now, failed: false))
            // A call that began before the opening and ends during it is no news.
            if let openUntil, wasProbe || openUntil <= now { settleProbe() }
        case .slow:
            fail(Sample(at: now, failed: false, slow: true), wasProbe: wasProbe, random: random)
        case .failed:
            fail(Sample(at: now, failed: true), wasProbe: wasProbe, random: random)
        case .invalid:
            invalidInARow += 1
            guard invalidInARow >= 2 || wasProbe else { return }
            invalidInARow = 0
            fail(Sample(at: now, failed: true), wasProbe: wasProbe, random: random)
        case .throttled(let wait):
            // Of calls that come back together the longest wish holds.
            throttledUntil = max(throttledUntil ?? now, now + max(wait, .seconds(1 + random)))
        case .suspended:
            suspendedUntil =
                now + min(settings.firstSuspension * (1 << min(suspensions, 10)), settings.longestSuspension)
            suspensions += 1
        case .neutral:
            break
        }
    }

    private mutating func settleProbe() {
        probeSuccesses += 1
        guard probeSuccesses >= settings.successesToClose else { return }
        openUntil = nil
        transitions += 1
        openings = 0
        probeSuccesses = 0
        samples = []
    }

    private mutating func fail(_ sample: Sample, wasProbe: Bool, random: Double) {
        let now = sample.at
        failuresInARow += 1
        keep(sample)
        if let openUntil, openUntil > now, !wasProbe { return }
        guard openUntil != nil || isBad else { return }
        let length = min(settings.firstOpening * (1 << min(openings, 10)), settings.longestOpening)
        if openUntil == nil { transitions += 1 }
        openUntil = now + length * (1 + settings.jitter * (2 * random - 1))
        openings += 1
        probeSuccesses = 0
    }

    private var isBad: Bool {
        let isQuiet = samples.count < settings.lowTrafficCalls
        if failuresInARow >= (isQuiet ? settings.lowTrafficFailures : settings.consecutiveFailures) {
            return true
        }
        guard samples.count >= settings.minimumCalls else { return false }
        let total = Double(samples.count)
        return Double(samples.count { $0.failed }) >= settings.failureRatio * total
            || Double(samples.count { $0.slow }) >= settings.slowRatio * total
    }

    private mutating func keep(_ sample: Sample) {
        let oldest = sample.at - settings.window
        samples.removeAll { $0.at < oldest }
        samples.append(sample)
    }
}

extension CircuitBreaker.Event {
    /// What a failure says about the provider's health.
    package init(_ error: ProviderError) {
        self =
            switch error {
            case .rateLimited(let wait): .throttled(wait ?? .zero)
            case .overloaded(let wait?): .throttled(wait)
            case .overloaded(nil), .server, .network, .timedOut: .failed
            case .malformedResponse: .invalid
            case .quota, .authentication, .misconfigured: .suspended
            case .truncated, .contentBlocked, .requestInvalid, .tooLarge, .cancelled: .neutral
            }
    }
}
