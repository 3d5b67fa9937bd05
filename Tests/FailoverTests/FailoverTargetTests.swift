import Foundation
import Synchronization
import Testing

/// The promises of `docs/failover.md`; seeded, on a virtual clock, without a wall clock anywhere.
@Suite struct FailoverTargetTests {
    private static let runs = Mutex<[String: Task<SimulationResult, Never>]>([:])

    /// Each kind of day is simulated once.
    private static func run(_ scenario: Scenario) async -> SimulationResult {
        await runs.withLock { runs in
            let run = runs[scenario.name] ?? Task { await aside { PolicySimulation.run(scenario.workload) } }
            runs[scenario.name] = run
            return run
        }.value
    }

    /// Off Swift's pool: seconds of arithmetic would hold up every other test of the process.
    private static func aside<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            DispatchQueue.global(qos: .utility).async { continuation.resume(returning: work()) }
        }
    }

    @Test func `the same seed gives the same run`() async {
        let healthy = await Self.run(Scenario.healthy)
        let again = await Self.aside { PolicySimulation.run(Scenario.healthy.workload) }
        #expect(again.jobs.map(\.wait) == healthy.jobs.map(\.wait))
        #expect(again.booked == healthy.booked)
        #expect(healthy.jobs.count > 3_000)
    }

    @Test func `healthy: hardly more calls than jobs, and every job gets a model's answer`() async {
        let healthy = await Self.run(Scenario.healthy)
        #expect(healthy.amplification() <= 1.06)
        #expect(healthy.share(answeredByModels: 0..<1_800) >= 0.999)
    }

    @Test func `hedging cuts the slowest hundredth by a third for a twentieth of the money`() async {
        let healthy = await Self.run(Scenario.healthy)
        let plain = await Self.aside { PolicySimulation.run(Scenario.healthy.workload, isHedging: false) }
        let during = Scenario.healthy.outage
        #expect(healthy.quantile(0.99, during: during) <= 0.65 * plain.quantile(0.99, during: during))
        #expect(healthy.bill <= 1.05 * plain.bill)
    }

    @Test(arguments: Scenario.outages.indices)
    func `with the primary down nobody waits much longer, and it is not asked in vain`(index: Int) async {
        let healthy = await Self.run(Scenario.healthy)
        let scenario = Scenario.outages[index]
        let run = await Self.run(scenario)
        let calm = healthy.quantile(0.99, during: Scenario.healthy.outage)
        #expect(run.quantile(0.99, during: scenario.steady) <= calm + 3, "\(scenario.name)")
        #expect(run.amplification(during: scenario.outage) <= 1.15, "\(scenario.name)")
        #expect(run.share(answeredByModels: scenario.outage) >= 0.99, "\(scenario.name)")
        #expect(run.callsInsideRetryAfter == 0 && run.repeatsOfHopeless == 0, "\(scenario.name)")
    }

    /// Noticed: after five requests or ten seconds hardly anybody is sent there to wait.
    @Test(arguments: [0, 1, 2, 3])
    func `an outage is noticed within five requests or ten seconds and a recovery used within thirty`(
        index: Int
    ) async {
        let scenario = Scenario.outages[index]
        let run = await Self.run(scenario)
        let there = run.calls.filter { $0.provider == "primary" && scenario.steady.contains($0.started) }
        // One that comes back may be the only one with a free place.
        let vain = there.count { !$0.isExtra }
        #expect(vain * 200 <= run.jobs.count { scenario.steady.contains($0.arrived) }, "\(scenario.name)")
        let back = run.jobs.first { $0.arrived > scenario.outage.upperBound && $0.provider == "primary" }
        #expect((back?.arrived ?? .infinity) <= scenario.outage.upperBound + 30, "\(scenario.name)")
    }

    @Test func `an error in three is no reason to flap`() async {
        let scenario = Scenario.degraded[1]
        let run = await Self.run(scenario)
        let minutes = (scenario.outage.upperBound - scenario.outage.lowerBound) / 60
        #expect(Double(run.transitions["primary"] ?? 0) / minutes <= 3)
    }

    @Test func `with every provider down everybody gets the local report, soon`() async {
        let run = await Self.run(Scenario.allDown)
        #expect(run.jobs.count == run.jobs.count { $0.wait <= 40 })
        #expect(run.quantile(0.99, during: Scenario.allDown.steady) <= 1)
    }

    /// Of a black hole nobody knows what it charges, so it is booked; that is the one day above a hundredth.
    @Test func `the ledger is within a hundredth of the bill, and with a black hole rather above it`() async {
        for scenario in Scenario.all where scenario.name != "every provider down" {
            let run = await Self.run(scenario)
            let error = (run.booked - run.bill) / run.bill
            #expect(
                (-0.01...(scenario.name == "black hole" ? 0.02 : 0.01)).contains(error),
                "\(scenario.name): \(error)")
        }
    }

    @Test func `no other way is better in the slowest hundredth or in answers`() async {
        for scenario in Scenario.outages {
            let ours = await Self.run(scenario)
            for baseline in Baseline.allCases {
                let theirs = await Self.aside { baseline.run(scenario.workload) }
                #expect(
                    ours.quantile(0.99, during: scenario.outage)
                        <= theirs.quantile(0.99, during: scenario.outage),
                    "\(scenario.name), \(baseline.rawValue)")
                #expect(
                    ours.share(answeredByModels: scenario.outage)
                        >= theirs.share(answeredByModels: scenario.outage) - 0.001,
                    "\(scenario.name), \(baseline.rawValue)")
            }
        }
    }

    /// `FAILOVER_TABLE=1 swift test --filter FailoverTargetTests` prints the table of `docs/failover.md`.
    @Test func `every kind of day can be shown as a table`() async {
        var lines = [
            "| scenario | handled by | p50 s | p99 s | calls/job | model answers | in Retry-After |",
            "|---|---|---|---|---|---|---|",
        ]
        for scenario in Scenario.all {
            var runs = [("this policy", await Self.run(scenario))]
            for baseline in Baseline.allCases {
                runs.append((baseline.rawValue, await Self.aside { baseline.run(scenario.workload) }))
            }
            for (name, run) in runs {
                let during = scenario.outage
                lines.append(
                    String(
                        format: "| %@ | %@ | %.1f | %.1f | %.2f | %.1f %% | %d |", scenario.name, name,
                        run.quantile(0.5, during: during), run.quantile(0.99, during: during),
                        run.amplification(during: during), 100 * run.share(answeredByModels: during),
                        run.callsInsideRetryAfter))
            }
        }
        #expect(lines.count == 2 + 3 * Scenario.all.count)
        if ProcessInfo.processInfo.environment["FAILOVER_TABLE"] != nil {
            print(lines.joined(separator: "\n"))
        }
    }
}
