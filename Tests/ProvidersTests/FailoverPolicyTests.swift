import CoachDomain
import Testing

@testable import Providers

@Suite struct FailoverPolicyTests {
    private let start = ContinuousClock.now
    private let names = ["a", "b", "c"]

    private func key(_ name: String) -> ProviderKey {
        ProviderKey(provider: name, model: "m", operation: .coaching)
    }

    private func policy(seconds: Double = 30, local: Set<String> = [], names: [String]? = nil)
        -> FailoverPolicy
    {
        FailoverPolicy(
            candidates: (names ?? self.names).map {
                .init(key: key($0), isLocal: local.contains($0), attemptLimit: .seconds(10))
            }, deadline: start + .seconds(seconds))
    }

    private func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }
    private let open: (ProviderKey) -> CircuitBreaker.Admission = { _ in .allowed }

    @Test func `providers are tried in order, within the attempt limit and the reserve`() {
        var policy = policy(seconds: 15)
        #expect(policy.next(at: at(0), admission: open) == .attempt(0, deadline: at(10), enlarged: false))
        policy.record(.server(status: 500), of: 0, at: at(1), random: 0)
        #expect(policy.next(at: at(1), admission: open) == .attempt(1, deadline: at(11), enlarged: false))
        policy.record(.server(status: 500), of: 1, at: at(8), random: 0)
        #expect(policy.next(at: at(8), admission: open) == .attempt(2, deadline: at(13.5), enlarged: false))
    }

    @Test func `a closed provider is skipped without being tried`() {
        let policy = policy()
        let step = policy.next(at: at(0)) { $0.provider == "a" ? .refused(until: at(60)) : .allowed }
        #expect(step == .attempt(1, deadline: at(10), enlarged: false))
    }

    @Test func `a passing failure is retried once, only when nobody else is left, after a wait`() {
        var policy = policy()
        for index in 0..<3 {
            guard case .attempt(index, _, _) = policy.next(at: at(1), admission: open) else {
                Issue.record("expected an attempt of \(index)")
                return
            }
            policy.record(index == 1 ? .quota : .server(status: 503), of: index, at: at(1), random: 0)
        }
        #expect(policy.next(at: at(1), admission: open) == .wait(until: at(1.25)))
        #expect(
            policy.next(at: at(1.25), admission: open) == .attempt(0, deadline: at(11.25), enlarged: false))
        policy.record(.server(status: 503), of: 0, at: at(2), random: 0)
        // Four calls are the limit, although the third provider would be due.
        #expect(policy.next(at: at(5), admission: open) == .stop(.outOfAttempts))
    }

    @Test func `a lone provider is called twice at most`() {
        var policy = policy(names: ["a"])
        policy.record(.network(mayHaveActed: false), of: 0, at: at(0), random: 0)
        #expect(policy.next(at: at(2), admission: open) == .attempt(0, deadline: at(12), enlarged: false))
        policy.record(.network(mayHaveActed: false), of: 0, at: at(2), random: 0)
        #expect(policy.next(at: at(4), admission: open) == .stop(.exhausted))
    }

    @Test(arguments: [
        ProviderError.quota, .authentication, .misconfigured(code: nil), .requestInvalid(code: nil),
        .tooLarge,
        .contentBlocked, .cancelled,
    ])
    func `what waiting cannot mend is never sent again`(error: ProviderError) {
        var policy = policy(names: ["a"])
        policy.record(error, of: 0, at: at(0), random: 0)
        #expect(policy.next(at: at(5), admission: open) == .stop(.exhausted))
    }

    @Test func `a cut-off answer is asked for once more with more room, before others`() {
        var policy = policy()
        policy.record(.truncated, of: 0, at: at(1), random: 0)
        #expect(policy.next(at: at(1), admission: open) == .attempt(0, deadline: at(11), enlarged: true))
        policy.record(.truncated, of: 0, at: at(2), random: 0)
        #expect(policy.next(at: at(2), admission: open) == .attempt(1, deadline: at(12), enlarged: false))
    }

    @Test func `declined content is offered to one other provider only`() {
        var policy = policy()
        policy.record(.contentBlocked, of: 0, at: at(0), random: 0)
        #expect(policy.next(at: at(0), admission: open) == .attempt(1, deadline: at(10), enlarged: false))
        policy.record(.contentBlocked, of: 1, at: at(1), random: 0)
        #expect(policy.next(at: at(1), admission: open) == .stop(.exhausted))
    }

    @Test func `with everyone closed it waits for the first to open, if there is time`() {
        let closed: (ProviderKey) -> CircuitBreaker.Admission = { key in
            .refused(until: self.at(key.provider == "b" ? 4 : 40))
        }
        #expect(policy().next(at: at(0), admission: closed) == .wait(until: at(4)))
        #expect(policy(seconds: 5).next(at: at(0), admission: closed) == .stop(.outOfTime))
    }

    @Test func `a local provider needs neither breaker nor reserve`() {
        var policy = policy(seconds: 3, local: ["c"])
        let closed: (ProviderKey) -> CircuitBreaker.Admission = { _ in .refused(until: self.at(100)) }
        #expect(policy.next(at: at(2.9), admission: closed) == .attempt(2, deadline: at(3), enlarged: false))
        policy.record(.malformedResponse, of: 2, at: at(2.9), random: 0)
        #expect(policy.next(at: at(2.9), admission: closed) == .stop(.outOfTime))
    }

    @Test func `local attempts do not use up the calls of a job`() {
        var policy = policy(local: ["c"], names: ["a", "b", "d", "e", "f", "c"])
        for index in 0..<4 { policy.record(.quota, of: index, at: at(0), random: 0) }
        #expect(policy.next(at: at(1), admission: open) == .attempt(5, deadline: at(11), enlarged: false))
    }

    @Test func `too little time is not spent on a call`() {
        #expect(policy(seconds: 2).next(at: at(0.1), admission: open) == .stop(.outOfTime))
        #expect(
            policy(seconds: 2).next(at: at(0), admission: open)
                == .attempt(0, deadline: at(0.5), enlarged: false))
    }

    @Test func `every sequence of failures ends within four calls and before the deadline`() {
        let errors: [ProviderError] = [
            .server(status: 500), .truncated, .quota, .rateLimited(retryAfter: .seconds(1)), .contentBlocked,
            .malformedResponse,
        ]
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            var policy = policy(seconds: 20)
            var now = 0.0
            var calls = 0
            var steps = 0
            loop: while steps < 100 {
                steps += 1
                switch policy.next(at: at(now), admission: open) {
                case .attempt(let index, let deadline, _):
                    calls += 1
                    #expect(deadline <= at(18.5) && deadline > at(now))
                    now += Double.random(in: 0.01...3, using: &generator)
                    let error = errors[Int.random(in: 0..<errors.count, using: &generator)]
                    policy.record(
                        error, of: index, at: at(now), random: Double.random(in: 0..<1, using: &generator))
                case .wait(let until):
                    #expect(until > at(now))
                    now = (until - start) / .seconds(1)
                case .stop: break loop
                }
            }
            #expect(calls <= 4 && steps < 100)
        }
    }
}
