/// Whether one provider, model and operation may be called; a value driven by events and a clock.
///
/// Opens at half of at least five calls failing within the window, or at three failures in a row, which
/// is what notices an outage when there is little traffic. Then one probe at a time; two successes close it.
package struct CircuitBreaker: Hashable, Sendable {
    package typealias Instant = ContinuousClock.Instant

    /// Thresholds and times.
    package struct Settings: Hashable, Sendable {
        package var window: Duration = .seconds(30)
        package var minimumCalls = 5
        package var failureRatio = 0.5
        package var consecutiveFailures = 3
        /// Doubles with each opening.
        package var firstOpening: Duration = .seconds(5)
        package var longestOpening: Duration = .seconds(120)
        /// Share by which an opening is lengthened or shortened at random.
        package var jitter = 0.2
        package var successesToClose = 2
        /// A probe that reported nothing for so long is forgotten.
        package var probeLimit: Duration = .seconds(60)
        /// First wait after a failure that only an operator can mend; doubles.
        package var firstSuspension: Duration = .seconds(900)
        package var longestSuspension: Duration = .seconds(21_600)

        package init() {}
    }

    /// What a finished call means for the ones to come.
    package enum Event: Hashable, Sendable {
        case succeeded
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
    }

    private let settings: Settings
    private var samples: [Sample] = []
    private var failuresInARow = 0
    private var invalidInARow = 0
    /// Not `nil` from opening to closing; in the past while half-open.
    private var openUntil: Instant?
    private var openings = 0
    private var probeStarted: Instant?
    private var probeSuccesses = 0
    private var throttledUntil: Instant?
    private var suspendedUntil: Instant?
    private var suspensions = 0

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
        if event != .invalid { invalidInARow = 0 }
        switch event {
        case .succeeded:
            failuresInARow = 0
            suspensions = 0
            suspendedUntil = nil
            keep(Sample(at: now, failed: false))
            if openUntil != nil { settleProbe() }
        case .failed:
            fail(at: now, wasProbe: wasProbe, random: random)
        case .invalid:
            invalidInARow += 1
            guard invalidInARow >= 2 else { return }
            invalidInARow = 0
            fail(at: now, wasProbe: wasProbe, random: random)
        case .throttled(let wait):
            throttledUntil = now + max(wait, .seconds(1 + random))
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
        openings = 0
        probeSuccesses = 0
        samples = []
    }

    private mutating func fail(at now: Instant, wasProbe: Bool, random: Double) {
        failuresInARow += 1
        keep(Sample(at: now, failed: true))
        // A call that began before the opening and ends during it is no news.
        if let openUntil, openUntil > now, !wasProbe { return }
        let failures = samples.count { $0.failed }
        let isOften =
            samples.count >= settings.minimumCalls
            && Double(failures) >= settings.failureRatio * Double(samples.count)
        guard openUntil != nil || isOften || failuresInARow >= settings.consecutiveFailures else { return }
        let length = min(settings.firstOpening * (1 << min(openings, 10)), settings.longestOpening)
        openUntil = now + length * (1 + settings.jitter * (2 * random - 1))
        openings += 1
        probeSuccesses = 0
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
