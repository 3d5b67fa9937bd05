import CoachDomain
package import CoachStore
package import Logging
import Observability
package import Providers
import ServiceLifecycle
import Synchronization

/// Keeps what this process and all others know about the providers the same.
///
/// A change goes to the ledger at once, many of them together; what others found out, and what operators said, is
/// read every second. Without the ledger each process goes on with what it knows itself.
package final class SharedHealth: Service {
    private struct State {
        /// Changed here and not yet told.
        var untold: Set<ProviderKey> = []
        /// Version of each row as it was last seen.
        var seen: [ProviderKey: Int64] = [:]
    }

    private let ledger: Ledger
    private let health: ProviderHealth
    private let logger: Logger
    private let pause: Duration
    private let state = Mutex(State())
    private let wishes: AsyncStream<Void>
    private let wish: AsyncStream<Void>.Continuation

    /// - Parameter pause: Between two looks when nothing happens here; how stale others' news can be.
    package init(
        ledger: Ledger, health: ProviderHealth, pause: Duration = .seconds(1), logger: Logger
    ) {
        self.ledger = ledger
        self.health = health
        self.pause = pause
        self.logger = logger
        (wishes, wish) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        health.observe { [weak self] key in self?.note(key) }
    }

    private func note(_ key: ProviderKey) {
        state.withLock { _ = $0.untold.insert(key) }
        wish.yield()
    }

    /// Takes over what is known, latencies of the last hours included; before the first job of a process.
    package func learn() async {
        do {
            try await exchange()
            let latencies = try await ledger.latestLatencies(of: 256, within: .seconds(6 * 3_600))
            for (key, latencies) in latencies { health.adopt(latencies: latencies, of: ProviderKey(key)) }
        } catch {
            logger.warning(
                "what is known about providers cannot be read",
                metadata: ["error": "\(SafeErrorDescription.of(error))"])
        }
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            await withTaskGroup { group in
                group.addTask { [self] in
                    while !Task.isCancelled {
                        try? await Task.sleep(for: pause * Double.random(in: 0.75..<1.25))
                        wish.yield()
                    }
                }
                for await _ in wishes {
                    await exchangeOrWarn()
                    // A storm of changes is told ten times a second, not once for each.
                    try? await Task.sleep(for: min(pause, .milliseconds(100)))
                }
                group.cancelAll()
            }
        }
        // What was found out last serves the others; nothing else is told, as they may know better by now.
        await exchangeOrWarn()
    }

    private func exchangeOrWarn() async {
        do {
            try await exchange()
        } catch {
            logger.warning(
                "news about providers cannot be exchanged",
                metadata: ["error": "\(SafeErrorDescription.of(error))"])
        }
    }

    /// Tells what changed here and takes over what changed elsewhere.
    package func exchange() async throws(StoreError) {
        let told = state.withLock { state in
            defer { state.untold = [] }
            return state.untold
        }
        let now = ContinuousClock.now
        let board = health.snapshot
        let changes = told.compactMap { key in board.records[key].map { ProviderState(key, $0, at: now) } }
        let knowledge: ProviderKnowledge
        do {
            knowledge = try await ledger.exchange(changes, deadline: .now + .seconds(2))
        } catch {
            state.withLock { $0.untold.formUnion(told) }
            throw error
        }
        for kept in knowledge.states { adopt(kept, told: told) }
        health.replaceSwitches(knowledge.boardSwitches)
    }

    private func adopt(_ kept: KeptProviderState, told: Set<ProviderKey>) {
        let key = ProviderKey(kept.state.key)
        let isNews = state.withLock { state in
            let seen = state.seen[key] ?? 0
            state.seen[key] = kept.version
            // What happened here in the meantime is newer, and others will hear of it next.
            guard kept.version > seen, !state.untold.contains(key) else { return false }
            // One's own word comes back; only what somebody said in between is news.
            return !(told.contains(key) && kept.version == seen + 1)
        }
        guard isNews, let snapshot = BreakerSnapshot(kept.state) else { return }
        health.adopt(snapshot, of: key, concurrency: kept.state.concurrency)
    }
}

extension ProviderKnowledge {
    /// The switches on this process's clock.
    var boardSwitches: [ProviderSwitch.Subject: ProviderSwitch] {
        let now = ContinuousClock.now
        return switches.reduce(into: [:]) { switches, word in
            switches[.init(provider: word.provider, operation: word.operation)] = ProviderSwitch(
                isOpen: word.isOpen, until: word.secondsLeft.map { now + .seconds($0) })
        }
    }
}

extension ProviderBoard {
    /// Takes over everything that the ledger knows; for a look from outside.
    package mutating func learn(_ knowledge: ProviderKnowledge, at now: Instant) {
        for kept in knowledge.states {
            guard let snapshot = BreakerSnapshot(kept.state) else { continue }
            adopt(snapshot, of: ProviderKey(kept.state.key), at: now)
        }
        replaceSwitches(knowledge.boardSwitches)
    }
}

extension ProviderKey {
    package init(_ key: ProviderStateKey) {
        self.init(provider: key.provider, model: key.model, operation: key.operation)
    }
}

extension ProviderState {
    init(_ key: ProviderKey, _ record: ProviderBoard.Record, at now: ContinuousClock.Instant) {
        let snapshot = BreakerSnapshot(record.breaker, at: now)
        self.init(
            key: ProviderStateKey(provider: key.provider, model: key.model, operation: key.operation),
            state: snapshot.state.rawValue, openFor: snapshot.openFor, throttledFor: snapshot.throttledFor,
            suspendedFor: snapshot.suspendedFor, openings: snapshot.openings,
            suspensions: snapshot.suspensions, concurrency: record.concurrency.learned)
    }
}

extension BreakerSnapshot {
    /// `nil` for a state that this version does not know.
    init?(_ kept: ProviderState) {
        guard let state = CircuitBreaker.State(rawValue: kept.state) else { return nil }
        self.init(
            state: state, openFor: kept.openFor, throttledFor: kept.throttledFor,
            suspendedFor: kept.suspendedFor, openings: kept.openings, suspensions: kept.suspensions)
    }
}
