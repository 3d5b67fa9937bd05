/// Asks a role's dependencies how they are, and remembers the answer for a moment.
///
/// All are asked at once. One that does not answer in time is down, with that reason, for as long as its
/// question stays open: it is not asked again meanwhile, so a hung dependency costs one task, not one a
/// scrape. Requests that come while questions are open share their answers.
package actor HealthRegistry {
    private struct Entry {
        let check: HealthCheck
        var running: Task<String?, Never>?
        /// Why it is down; the outer nil before the first answer.
        var failure: String??
    }

    private let deadline: Duration
    private let freshness: Duration
    private let now: @Sendable () -> ContinuousClock.Instant
    private var entries: [Entry]
    private var refreshedAt: ContinuousClock.Instant?
    private var refresh: Task<Void, Never>?
    private var isDraining = false

    /// - Parameters:
    ///   - checks: The role's dependencies, each with a name of its own.
    ///   - deadline: How long one question may take before its dependency counts as down.
    ///   - freshness: How long answers are repeated without asking again.
    ///   - now: The clock that freshness is measured by.
    package init(
        _ checks: [HealthCheck], deadline: Duration = .milliseconds(1_500), freshness: Duration = .seconds(1),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.deadline = deadline
        self.freshness = freshness
        self.now = now
        entries = checks.map { Entry(check: $0) }
    }

    /// From now on the role is not ready, whatever its dependencies say. There is no way back.
    package func drain() { isDraining = true }

    /// How things are; asks anew when the last answers are stale.
    ///
    /// Takes no longer than the deadline. Cancelling the caller does not stop the questions.
    package func report() async -> HealthReport {
        if let refreshedAt, now() - refreshedAt < freshness { return current() }
        let running = refresh ?? Task { await self.ask() }
        refresh = running
        await running.value
        return current()
    }

    private func current() -> HealthReport {
        var dependencies: [String: HealthReport.Dependency] = [:]
        var status = HealthReport.Status.ready
        for entry in entries {
            let reason: String? = entry.failure ?? "not asked yet"
            dependencies[entry.check.name] = HealthReport.Dependency(
                status: reason == nil ? .up : .down, reason: reason, required: entry.check.isRequired)
            guard reason != nil else { continue }
            if entry.check.isRequired {
                status = .unavailable
            } else if status == .ready {
                status = .degraded
            }
        }
        return HealthReport(status: isDraining ? .draining : status, dependencies: dependencies)
    }

    private func ask() async {
        let questions = entries.indices.map { index in
            let question = entries[index].running ?? Task { await self.answer(index) }
            entries[index].running = question
            return question
        }
        let limit = deadline
        await withTaskGroup(of: (Int, Bool).self) { group in
            for (index, question) in questions.enumerated() {
                group.addTask { (index, await question.isDone(within: limit)) }
            }
            // An answer may have come between the end of the wait and here: it counts.
            for await (index, isDone) in group where !isDone && entries[index].running != nil {
                entries[index].failure = "no answer within \(limit)"
            }
        }
        refreshedAt = now()
        refresh = nil
    }

    private func answer(_ index: Int) async -> String? {
        let failure = await entries[index].check.failure()
        entries[index].failure = failure
        entries[index].running = nil
        return failure
    }
}

extension Task where Failure == Never {
    /// Whether the task ends within `limit`; does not cancel it, and does not wait for it any longer.
    fileprivate func isDone(within limit: Duration) async -> Bool {
        let (results, continuation) = AsyncStream.makeStream(of: Bool.self)
        let ending = Task<Void, Never> {
            _ = await self.value
            continuation.yield(true)
        }
        let timer = Task<Void, Never> {
            guard (try? await Task<Never, Never>.sleep(for: limit)) != nil else { return }
            continuation.yield(false)
        }
        defer {
            timer.cancel()
            ending.cancel()
        }
        return await results.first { _ in true } ?? false
    }
}
