package import CoachDomain
package import CoachStore
package import Logging
import Observability
package import Providers
import Synchronization

/// Pays for calls from the ledger's budgets.
///
/// Wishes and settlements that come while the ledger is busy with others go together with the next round trip,
/// so many calls at once cost few of them. A job waits for one, before its call; settlements wait for nobody.
package final class LedgerPurse: SpendingGate {
    private struct Wish {
        var request: CostRequest
        var answer: CheckedContinuation<Int64?, Never>
    }

    private struct State {
        var wishes: [Wish] = []
        var settlements: [CostSettlement] = []
        var isBusy = false
        /// Woken when there is nothing left to settle.
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    /// How much of a budget is gone when money is short.
    private static let tightShare = 0.8
    /// Longer than any call outlives its deadline.
    private static let grace: Duration = .seconds(60)
    /// What the ledger does not answer in this time, nobody can say.
    private static let patience: Duration = .seconds(2)
    private static let largestBatch = 256
    /// More than a worker makes in an hour without a ledger; the oldest are booked by their expiry.
    private static let mostSettlements = 20_000

    private let ledger: Ledger
    private let limits: SpendingLimits
    private let logger: Logger
    private let state = Mutex(State())

    package init(ledger: Ledger, limits: SpendingLimits, logger: Logger) {
        self.ledger = ledger
        self.limits = limits
        self.logger = logger
    }

    package func outlook(note: NoteID?) async -> SpendingOutlook {
        guard limits != SpendingLimits() else { return SpendingOutlook() }
        do {
            return Self.outlook(
                try await ledger.spending(note: note, deadline: .now + Self.patience), limits: limits)
        } catch {
            logger.warning(
                "budgets cannot be read; only what costs nothing is asked",
                metadata: ["error": "\(SafeErrorDescription.of(error))"])
            return SpendingOutlook(level: .exhausted)
        }
    }

    /// What the use of budgets means for a job.
    static func outlook(_ uses: [BudgetUse], limits: SpendingLimits) -> SpendingOutlook {
        var outlook = SpendingOutlook()
        for use in uses {
            guard let limit = limits[use.scope] else { continue }
            let level: SpendingLevel =
                use.usedMicroUSD >= limit
                ? .exhausted
                : Double(use.usedMicroUSD) >= tightShare * Double(limit) ? .tight : .normal
            guard level != .normal else { continue }
            if use.scope == .providerDay {
                outlook.providers[use.subject] = level
            } else if outlook.level != .exhausted {
                outlook.level = level
            }
        }
        return outlook
    }

    package func reserve(_ request: SpendingRequest) async -> Int64? {
        let cost = CostRequest(
            note: request.note, job: request.job, provider: request.key.provider, model: request.key.model,
            operation: request.key.operation, ceilingMicroUSD: request.microUSD,
            priceVersion: request.priceVersion,
            expiry: max(request.deadline - .now, .zero) + Self.grace)
        return await withCheckedContinuation { answer in
            state.withLock { $0.wishes.append(Wish(request: cost, answer: answer)) }
            launch()
        }
    }

    package func settle(_ reservation: Int64, _ call: ProviderCall?) {
        state.withLock { state in
            state.settlements.append(CostSettlement(reservation: reservation, call: call))
            if state.settlements.count > Self.mostSettlements { state.settlements.removeFirst() }
        }
        launch()
    }

    /// Returns when everything that was settled so far is in the ledger, or after `limit`.
    package func flush(within limit: Duration = .seconds(5)) async {
        let alarm = Task { [self] in
            guard (try? await Task.sleep(for: limit)) != nil else { return }
            wake(evenIfBusy: true)
        }
        await withCheckedContinuation { waiter in
            state.withLock { $0.waiters.append(waiter) }
            launch()
            wake(evenIfBusy: false)
        }
        alarm.cancel()
    }

    private func wake(evenIfBusy: Bool) {
        let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            guard evenIfBusy || (!state.isBusy && state.settlements.isEmpty) else { return [] }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    // MARK: Round trips

    private func launch() {
        let mayStart = state.withLock { state in
            guard !state.isBusy, !state.wishes.isEmpty || !state.settlements.isEmpty else { return false }
            state.isBusy = true
            return true
        }
        guard mayStart else { return }
        Task { [self] in
            while let (wishes, settlements) = takeBatch() { await book(wishes, settlements) }
            wake(evenIfBusy: false)
        }
    }

    /// - Returns: `nil` when there is nothing left; then nobody is busy any more.
    private func takeBatch() -> ([Wish], [CostSettlement])? {
        state.withLock { state in
            guard !state.wishes.isEmpty || !state.settlements.isEmpty else {
                state.isBusy = false
                return nil
            }
            let wishes = Array(state.wishes.prefix(Self.largestBatch))
            let settlements = Array(state.settlements.prefix(Self.largestBatch))
            state.wishes.removeFirst(wishes.count)
            state.settlements.removeFirst(settlements.count)
            return (wishes, settlements)
        }
    }

    private func book(_ wishes: [Wish], _ settlements: [CostSettlement]) async {
        do {
            let verdicts = try await ledger.book(
                settlements, wishes.map(\.request), limits: limits, deadline: .now + Self.patience)
            var crowded: [Wish] = []
            for (wish, verdict) in zip(wishes, verdicts) {
                switch verdict {
                case .granted(let id): wish.answer.resume(returning: id)
                case .crowded: crowded.append(wish)
                case .refused(let budget):
                    logger.notice(
                        "a budget is used up",
                        metadata: [
                            "budget": "\(budget.rawValue)", "provider": "\(wish.request.provider)",
                        ])
                    wish.answer.resume(returning: nil)
                }
            }
            state.withLock { $0.wishes.insert(contentsOf: crowded, at: 0) }
        } catch {
            await recover(wishes, settlements, from: error)
        }
    }

    /// Wishes are refused: nobody can say what is left. Settlements are kept for the next time, except one that
    /// the ledger will never take, which its expiry books.
    private func recover(
        _ wishes: [Wish], _ settlements: [CostSettlement], from error: StoreError
    ) async {
        logger.warning(
            "money could not be booked", metadata: ["error": "\(SafeErrorDescription.of(error))"])
        for wish in wishes { wish.answer.resume(returning: nil) }
        guard !settlements.isEmpty else { return }
        if error.isDataError || error == .unreadable("a value that JSON cannot hold") {
            guard settlements.count > 1 else { return }
            for settlement in settlements { await book([], [settlement]) }
            return
        }
        state.withLock { $0.settlements.insert(contentsOf: settlements, at: 0) }
        // Whoever wishes in the meantime waits for this too: a ledger that is away is not asked by everybody.
        try? await Task.sleep(for: .milliseconds(500))
    }
}
