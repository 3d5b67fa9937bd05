import CoachDomain
import Testing

@testable import Providers

/// An outlook of constants.
struct FixedOutlook: ProviderOutlook {
    var admissions: [String: CircuitBreaker.Admission] = [:]
    var delay: Duration? = .seconds(3)
    var limit: Duration?
    var retries = true

    func admission(of key: ProviderKey, at now: ContinuousClock.Instant) -> CircuitBreaker.Admission {
        admissions[key.provider] ?? .allowed
    }

    func hedgeDelay(of key: ProviderKey) -> Duration? { delay }

    func patience(with key: ProviderKey) -> Duration? { limit }

    func mayRetry(_ key: ProviderKey, at now: ContinuousClock.Instant) -> Bool { retries }
}

@Suite struct FailoverPolicyTests {
    private let start = ContinuousClock.now

    private func policy(
        seconds: Double = 30, local: Set<String> = [], names: [String] = ["a", "b", "c"],
        repairTime: Duration? = nil
    ) -> FailoverPolicy {
        var settings = FailoverPolicy.Settings()
        settings.repairTime = repairTime
        return FailoverPolicy(
            candidates: names.map {
                .init(
                    key: ProviderKey(provider: $0, model: "m", operation: .coaching),
                    isLocal: local.contains($0), attemptLimit: .seconds(10))
            }, deadline: start + .seconds(seconds), settings: settings)
    }

    private func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

    /// The next step in words: `a` is a first attempt, `a retry` another, `wait 1.25`, `wait`, or why it stops.
    private func step(
        _ policy: inout FailoverPolicy, _ seconds: Double, _ outlook: FixedOutlook = FixedOutlook(),
        hedges: Bool = true
    ) -> String {
        switch policy.next(at: at(seconds), outlook: outlook, takeHedge: { hedges }) {
        case .attempt(let attempt):
            attempt.purpose == .first ? attempt.key.provider : "\(attempt.key.provider) \(attempt.purpose)"
        case .wait(let until?): "wait \((until - start) / .seconds(1))"
        case .wait(nil): "wait"
        case .stop(let stop): "\(stop)"
        }
    }

    private func fail(
        _ policy: inout FailoverPolicy, _ error: ProviderError, _ seconds: Double, random: Double = 0
    ) {
        guard let last = policy.attemptsUnderway.last else {
            Issue.record("nothing is under way")
            return
        }
        policy.fail(last.id, error, at: at(seconds), random: random)
    }

    @Test func `providers are tried in order, within the attempt limit and the reserve`() {
        var policy = policy(seconds: 15)
        var ends: [Double] = []
        for (time, name) in [(0.0, "a"), (1, "b"), (8, "c")] {
            #expect(step(&policy, time) == name)
            ends.append((policy.attemptsUnderway[0].deadline - start) / .seconds(1))
            fail(&policy, .server(status: 500), time)
        }
        #expect(ends == [10, 11, 13.5])
    }

    @Test func `what nearly all calls take, doubled, is enough`() {
        var policy = policy()
        _ = step(&policy, 0, FixedOutlook(limit: .seconds(4)))
        #expect(policy.attemptsUnderway[0].deadline == at(4))
    }

    @Test func `a closed provider is skipped without being tried`() {
        var policy = policy()
        #expect(step(&policy, 0, FixedOutlook(admissions: ["a": .refused(until: at(60))])) == "b")
    }

    @Test func `a passing failure is retried once, only when nobody else is left, after a wait`() {
        var policy = policy()
        for (name, error) in [
            ("a", ProviderError.server(status: 503)), ("b", .quota), ("c", .server(status: 503)),
        ] {
            #expect(step(&policy, 1) == name)
            fail(&policy, error, 1)
        }
        #expect(step(&policy, 1) == "wait 1.25")
        #expect(step(&policy, 1.25, FixedOutlook(retries: false)) == "exhausted")
        #expect(step(&policy, 1.25) == "a retry")
        fail(&policy, .server(status: 503), 2)
        // Four calls are the limit, although the third provider would be due.
        #expect(step(&policy, 5) == "outOfAttempts")
    }

    @Test func `a lone provider is called twice at most`() {
        var policy = policy(names: ["a"])
        #expect(step(&policy, 0) == "a")
        fail(&policy, .network(mayHaveActed: false), 0)
        #expect(step(&policy, 1) == "a retry")
        fail(&policy, .network(mayHaveActed: false), 1)
        #expect(step(&policy, 5) == "exhausted")
    }

    @Test(arguments: [
        ProviderError.quota, .authentication, .misconfigured(code: nil), .requestInvalid(code: nil),
        .tooLarge,
    ])
    func `what will fail again is not sent again`(error: ProviderError) {
        var policy = policy(names: ["a"])
        _ = step(&policy, 0)
        fail(&policy, error, 0)
        #expect(step(&policy, 5) == "exhausted")
    }

    @Test func `a cut-off answer is asked for again with more room, once`() {
        var policy = policy()
        _ = step(&policy, 0)
        fail(&policy, .truncated, 1)
        #expect(step(&policy, 1) == "a enlarged")
        fail(&policy, .truncated, 2)
        #expect(step(&policy, 2) == "b")
    }

    @Test func `content that two decline is not offered to a third, but to nobody who is local`() {
        var policy = policy(local: ["c"])
        for name in ["a", "b"] {
            #expect(step(&policy, 0) == name)
            fail(&policy, .contentBlocked, 0)
        }
        #expect(step(&policy, 0) == "c")
    }

    @Test func `an unusable answer is asked for once more while there is time, then from the next`() {
        var policy = policy(repairTime: .seconds(8))
        #expect(step(&policy, 0) == "a")
        policy.reject(policy.attemptsUnderway[0].id, at: at(1))
        #expect(step(&policy, 1) == "a repair")
        policy.reject(policy.attemptsUnderway[0].id, at: at(2))
        #expect(step(&policy, 2) == "b")
        policy.reject(policy.attemptsUnderway[0].id, at: at(23))
        #expect(step(&policy, 23) == "c")
    }

    @Test func `no attempt starts that has no time left; a local one needs none`() {
        var policy = policy(seconds: 3, local: ["b"], names: ["a", "b"])
        #expect(step(&policy, 1.2) == "b")
        var lone = self.policy(seconds: 3, names: ["a"])
        #expect(step(&lone, 1.2) == "outOfTime")
    }

    @Test func `it waits for a breaker that opens in time and gives up on one that does not`() {
        let blocked = FixedOutlook(admissions: ["a": .refused(until: at(4))])
        var patient = policy(names: ["a"])
        #expect(step(&patient, 0, blocked) == "wait 4.0")
        var hasty = policy(seconds: 5, names: ["a"])
        #expect(step(&hasty, 0, blocked) == "outOfTime")
    }

    // MARK: Rivals and probes

    @Test func `a call that takes long gets one rival at another provider`() {
        var policy = policy()
        #expect(step(&policy, 0) == "a")
        #expect(step(&policy, 1) == "wait 3.0")
        #expect(step(&policy, 3) == "b hedge")
        #expect(step(&policy, 9) == "wait")
        #expect(policy.attemptsUnderway.map(\.key.provider) == ["a", "b"])
    }

    @Test func `no token, no closed rival, same vendor: no rival`() {
        var unpaid = policy()
        _ = step(&unpaid, 0)
        #expect(step(&unpaid, 3, hedges: false) == "wait 3.5")
        #expect(step(&unpaid, 3.5) == "b hedge")
        var blocked = policy()
        _ = step(&blocked, 0)
        let open = FixedOutlook(admissions: ["b": .refused(until: at(9)), "c": .probe])
        #expect(step(&blocked, 1, open) == "c probe")
        #expect(step(&blocked, 4, open) == "wait")
        var same = policy(names: ["a", "a"])
        _ = step(&same, 0)
        #expect(step(&same, 4) == "wait")
    }

    @Test func `when both are out the first failure waits for the other`() {
        var policy = policy()
        _ = step(&policy, 0)
        _ = step(&policy, 3)
        policy.fail(policy.attemptsUnderway[0].id, .server(status: 500), at: at(4), random: 0)
        #expect(step(&policy, 4) == "wait")
        policy.fail(policy.attemptsUnderway[0].id, .server(status: 500), at: at(5), random: 0)
        #expect(step(&policy, 5) == "c")
    }

    @Test func `a provider that comes back is probed beside the call, not instead of it`() {
        let back = FixedOutlook(admissions: ["a": .probe])
        var policy = policy()
        #expect(step(&policy, 0, back) == "b")
        #expect(step(&policy, 0, back) == "a probe")
        // A failed probe changes nothing for the job.
        fail(&policy, .server(status: 500), 1)
        #expect(step(&policy, 1, back) == "wait 3.0")
        fail(&policy, .server(status: 500), 2)
        #expect(step(&policy, 2, back) == "c")
    }

    @Test func `when nobody else is left the one that comes back is the call`() {
        let back = FixedOutlook(admissions: ["a": .probe])
        var alone = policy(local: ["b"], names: ["a", "b"])
        #expect(step(&alone, 0, back) == "a")
    }

    @Test func `an attempt that nobody paid for does not count`() {
        var policy = policy(local: ["c"])
        for name in ["a", "b"] {
            #expect(step(&policy, 0) == name)
            policy.skip(policy.attemptsUnderway[0].id)
        }
        #expect(step(&policy, 0) == "c")
    }

    @Test func `never more than four calls for one job`() {
        var policy = policy(names: ["a", "b", "c", "d", "e", "f"], repairTime: .seconds(1))
        var calls = 0
        for second in 0..<20 {
            let word = step(&policy, Double(second))
            guard !word.hasPrefix("wait") else { continue }
            guard word != "outOfAttempts" else { break }
            calls += 1
            policy.reject(policy.attemptsUnderway[0].id, at: at(Double(second)))
        }
        #expect(calls == 4)
    }
}
