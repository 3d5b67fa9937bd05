import CoachDomain
import CoachStore
import Foundation
import Logging
import Support
import Testing

@testable import ProviderLedger
@testable import Providers

@Suite struct SharedHealthTests {
    /// A worker process: what it knows and how it shares it.
    private struct Worker {
        let health = ProviderHealth()
        let shared: SharedHealth

        init(_ ledger: Ledger) { shared = SharedHealth(ledger: ledger, health: health, logger: .silent) }

        func admission(_ key: ProviderKey) -> CircuitBreaker.Admission { health.admission(of: key, at: .now) }

        func state(_ key: ProviderKey) -> CircuitBreaker.State {
            health.snapshot.state(of: key, at: .now)
        }

        private func attempt(_ key: ProviderKey) -> FailoverPolicy.Attempt {
            FailoverPolicy.Attempt(
                id: 0, index: 0, key: key, isLocal: false, purpose: .first, started: .now,
                deadline: .now + .seconds(10))
        }

        func fail(_ key: ProviderKey, _ event: CircuitBreaker.Event, times: Int = 1) {
            for _ in 0..<times {
                let attempt = attempt(key)
                health.begin(attempt)
                health.end(attempt, event)
            }
        }

        func succeed(_ key: ProviderKey, times: Int = 1) {
            for _ in 0..<times {
                let attempt = attempt(key)
                health.begin(attempt)
                health.succeed(attempt, usage: ProviderUsage(outputTokens: 100))
            }
        }
    }

    @Test func `an outage that one process finds is known to all, and to one that starts later`()
        async throws
    {
        let fixture = try await ProviderLedgerFixture()
        let first = Worker(try fixture.process("worker-1"))
        let second = Worker(try fixture.process("worker-2"))
        first.fail(.openAI, .failed, times: 3)
        #expect(second.state(.openAI) == .closed)
        try await first.shared.exchange()
        try await second.shared.exchange()
        #expect(second.state(.openAI) == .open)
        guard case .refused = second.admission(.openAI) else {
            Issue.record("the second process calls on")
            return
        }
        let restarted = Worker(try fixture.process("worker-1"))
        await restarted.shared.learn()
        #expect(restarted.state(.openAI) == .open)
        #expect(restarted.state(.gemini) == .closed)
    }

    @Test func `a recovery that one process finds is used by all`() async throws {
        let fixture = try await ProviderLedgerFixture()
        let first = Worker(try fixture.process("worker-1"))
        let second = Worker(try fixture.process("worker-2"))
        first.fail(.openAI, .suspended)
        try await first.shared.exchange()
        try await second.shared.exchange()
        #expect(second.state(.openAI) == .suspended)
        second.succeed(.openAI)
        try await second.shared.exchange()
        try await first.shared.exchange()
        #expect(first.state(.openAI) == .closed && second.state(.openAI) == .closed)
        #expect(first.admission(.openAI) == .allowed)
    }

    @Test func `a pause that the vendor asked one process for is kept by all, the longest wish holds`()
        async throws
    {
        let fixture = try await ProviderLedgerFixture()
        let first = Worker(try fixture.process("worker-1"))
        let second = Worker(try fixture.process("worker-2"))
        first.fail(.openAI, .throttled(.seconds(120)))
        second.fail(.openAI, .throttled(.seconds(20)))
        try await first.shared.exchange()
        try await second.shared.exchange()
        try await first.shared.exchange()
        for worker in [first, second] {
            guard case .refused(let until) = worker.admission(.openAI) else {
                Issue.record("called inside the pause")
                return
            }
            #expect(until - .now > .seconds(110))
        }
    }

    @Test func `what happens here while the ledger is asked is not overwritten by its answer`() async throws {
        let fixture = try await ProviderLedgerFixture()
        let first = Worker(try fixture.process("worker-1"))
        let second = Worker(try fixture.process("worker-2"))
        first.fail(.openAI, .suspended)
        try await first.shared.exchange()
        first.succeed(.openAI)
        try await first.shared.exchange()
        // Between its own two looks the second found the same again.
        second.fail(.openAI, .suspended)
        try await second.shared.exchange()
        #expect(second.state(.openAI) == .suspended)
        try await first.shared.exchange()
        #expect(first.state(.openAI) == .suspended)
    }

    @Test func `a process that stops does not end an outage that it has not heard of`() async throws {
        let fixture = try await ProviderLedgerFixture()
        let first = Worker(try fixture.process("worker-1"))
        let second = Worker(try fixture.process("worker-2"))
        second.succeed(.openAI, times: 3)
        first.fail(.openAI, .failed, times: 3)
        try await first.shared.exchange()
        let stopping = Task { try await second.shared.run() }
        stopping.cancel()
        _ = await stopping.result
        try await second.shared.exchange()
        try await first.shared.exchange()
        #expect(first.state(.openAI) == .open && second.state(.openAI) == .open)
    }

    @Test func `nothing new is written when nothing changed`() async throws {
        let fixture = try await ProviderLedgerFixture()
        let worker = Worker(fixture.ledger)
        worker.fail(.openAI, .failed, times: 3)
        for _ in 0..<5 { try await worker.shared.exchange() }
        worker.succeed(.gemini, times: 20)
        worker.fail(.gemini, .failed)
        for _ in 0..<5 { try await worker.shared.exchange() }
        #expect(
            try await fixture.text("select string_agg(provider || version, ',') from provider_state")
                == "openai1")
    }

    @Test func `an operator's switch reaches running processes, is audited, and ends by hand or by time`()
        async throws
    {
        let fixture = try await ProviderLedgerFixture()
        let worker = Worker(try fixture.process("worker-1"))
        let ann = try fixture.process("operator:ann")
        let set = try await ann.openProvider(
            "openai", [.coaching], reason: "bad answers", for: .seconds(600))
        #expect(set.map(\.isOpen) == [true] && set.first?.setBy == "operator:ann")
        try await worker.shared.exchange()
        #expect(worker.state(.openAI) == .forcedOpen)
        // A success of a call that was under way does not undo it.
        worker.succeed(.openAI)
        #expect(worker.state(.openAI) == .forcedOpen)
        try await fixture.execute("update provider_switches set expires_at = now()")
        try await worker.shared.exchange()
        #expect(worker.state(.openAI) == .closed)

        worker.fail(.openAI, .suspended)
        try await worker.shared.exchange()
        #expect(
            try await ann.closeProvider("openai", [.coaching], reason: "paid the bill", for: nil).isEmpty)
        try await worker.shared.exchange()
        #expect(worker.state(.openAI) == .closed)

        _ = try await ann.closeProvider("openai", [.coaching], reason: nil, for: .seconds(60))
        try await worker.shared.exchange()
        worker.fail(.openAI, .failed, times: 5)
        #expect(worker.state(.openAI) == .forcedClosed && worker.admission(.openAI) == .allowed)
        #expect(
            try await fixture.text(
                """
                select string_agg(action || ' ' || actor || ' ' || (detail->>'provider') || ' ' ||
                    coalesce(detail->>'reason', '-'), '; ' order by id) from operator_actions
                """)
                == "provider-opened operator:ann openai bad answers; "
                + "provider-closed operator:ann openai paid the bill; provider-closed operator:ann openai -")
    }

    @Test func `latencies of before a restart decide when a rival is sent`() async throws {
        let fixture = try await ProviderLedgerFixture()
        for second in 1...100 {
            try await fixture.execute(
                """
                insert into provider_calls (operation, provider, model, units, cost_micro_usd, price_version,
                    latency_seconds, outcome)
                values ('coaching', 'openai', 'gpt-6-luna', '{}', 5, 'v', \(Double(second) / 20), 'success')
                """)
        }
        let worker = Worker(fixture.ledger)
        await worker.shared.learn()
        #expect(worker.health.hedgeDelay(of: .openAI) == .seconds(4.75))
        let statistics = try await fixture.ledger.providerStatistics(within: .seconds(3_600))
        #expect(statistics.map(\.p50Seconds) == [2.5] && statistics.map(\.p99Seconds) == [4.95])
        #expect(statistics.first?.costMicroUSD == 500 && statistics.first?.calls == 100)
    }

    @Test func `running processes share by themselves`() async throws {
        let fixture = try await ProviderLedgerFixture()
        let first = Worker(try fixture.process("worker-1"))
        let second = Worker(try fixture.process("worker-2"))
        let tasks = [first, second].map { worker in Task { try await worker.shared.run() } }
        first.fail(.openAI, .failed, times: 3)
        while second.state(.openAI) != .open { try await Task.sleep(for: .milliseconds(10)) }
        for task in tasks { task.cancel() }
        for task in tasks { _ = await task.result }
    }
}
