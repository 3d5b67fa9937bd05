package import CoachDomain
package import CoachStore
import Failpoints
package import Logging
package import Observability
package import Redis
import ServiceLifecycle

/// How a runner works.
package struct JobRunnerConfiguration: Sendable {
    /// Jobs of this stage at the same time in this process; at least 1.
    package var concurrency: Int
    package var lease: Duration = .seconds(30)
    package var renewEvery: Duration = .seconds(10)
    /// How long running work may go on after the signal to stop.
    package var grace: Duration = .seconds(25)
    /// Longest wait for a hint in one read.
    package var block: Duration = .seconds(2)
    /// How often hints of dead workers are looked for, and how long those must have been idle.
    /// A hint is settled milliseconds after it was read; one that lives longer has lost its reader, or is kept
    /// through an outage of the ledger, and then a second claim finds nothing to do.
    package var reclaimEvery: Duration = .seconds(10)
    package var reclaimIdle: Duration = .seconds(20)
    /// How often the operator's pauses are looked up.
    package var pauseCheckEvery: Duration = .seconds(2)
    package var policy = RetryPolicy()

    package init(concurrency: Int) { self.concurrency = max(1, concurrency) }
}

/// Runs one stage: reads hints, claims jobs in the ledger, hands them to the handler, writes down failures.
package struct JobRunner: Service {
    private let handler: any StageHandler
    private let ledger: Ledger
    private let hints: HintStream
    private let redis: RedisConfiguration
    private let advice: AdviceCatalogue
    private let configuration: JobRunnerConfiguration
    private let metrics: JobMetrics
    private let logger: Logger
    private let keeper: LeaseKeeper

    /// - Parameters:
    ///   - hints: Names this process's consumer.
    ///   - redis: For the runner's own connection, on which it waits for hints.
    package init(
        handler: any StageHandler, ledger: Ledger, hints: HintStream, redis: RedisConfiguration,
        advice: AdviceCatalogue, configuration: JobRunnerConfiguration, metrics: MetricsRegistry,
        logger: Logger
    ) {
        self.handler = handler
        self.ledger = ledger
        self.hints = hints
        self.redis = redis
        self.advice = advice
        self.configuration = configuration
        self.metrics = JobMetrics(metrics, stage: handler.stage)
        var logger = logger
        logger[metadataKey: "stage"] = "\(handler.stage.rawValue)"
        self.logger = logger
        self.keeper = LeaseKeeper(
            ledger: ledger, duration: configuration.lease, longestAttempt: handler.longestAttempt,
            logger: logger)
    }

    /// Runs until the service group stops; returns after the running jobs have ended or were handed back.
    package func run() async throws {
        let renewal = Task { await keeper.renew(every: configuration.renewEvery) }
        defer { renewal.cancel() }
        await cancelWhenGracefulShutdown { await readHints() }
        // Not in the task that was cancelled: there Redis would not be asked any more.
        try? await hints.leave(handler.stage)
        await drain()
    }

    private func readHints() async {
        let stage = handler.stage
        let reader = RedisStreamReader(
            configuration: redis, streams: [stage.stream], group: HintStream.group, consumer: hints.consumer)
        var pause = PauseWatch(ledger: ledger, stage: stage, every: configuration.pauseCheckEvery)
        var lastReclaim = ContinuousClock.now
        var refusals = 0
        // Read and not yet answered for by the ledger: kept through its outage, because in Redis they are ours.
        var held: [HintStream.Hint] = []
        var settling: Task<Void, Never>?
        while !Task.isCancelled {
            await keeper.waitBelow(configuration.concurrency)
            let free = configuration.concurrency - (await keeper.count)
            guard await !pause.isPaused(logger) else {
                try? await Task.sleep(for: configuration.pauseCheckEvery)
                continue
            }
            do {
                var batch = held
                // Also when the stage is busy: a dead worker's hints would wait for a quiet moment for ever.
                if batch.isEmpty, .now - lastReclaim > configuration.reclaimEvery {
                    lastReclaim = .now
                    batch = try await hints.reclaim(stage, idle: configuration.reclaimIdle, count: free)
                }
                if batch.isEmpty {
                    batch = try await reader.read(count: free, block: configuration.block).map {
                        HintStream.Hint(entry: $0.id, job: HintStream.job(in: $0.fields))
                    }
                }
                held = batch
                let taken = batch
                // Unstructured: a claim that is cut off by the signal to stop would be a lease that nobody serves.
                try await Task { try await start(taken) }.value
                held = []
                await settling?.value
                settling = Task { await settle(taken) }
                refusals = 0
            } catch is CancellationError {
                break
            } catch {
                guard !Task.isCancelled else { break }
                refusals += 1
                logger.warning(
                    "waiting for hints failed", metadata: ["error": "\(SafeErrorDescription.of(error))"])
                try? await Task.sleep(for: Backoff.afterRefusals(refusals))
            }
        }
        await settling?.value
        await reader.close()
    }

    /// Claims what the hints name and starts it.
    private func start(_ batch: [HintStream.Hint]) async throws {
        await Failpoint.queueAfterRead.cross()
        let claimedAt = ContinuousClock.now
        let jobs = try await ledger.claim(batch.compactMap(\.job), lease: configuration.lease)
        await Failpoint.queueAfterClaim.cross()
        metrics.claimed.increment(by: Int64(jobs.count))
        for job in jobs { await launch(job, claimedAt: claimedAt) }
    }

    /// Drops hints after the ledger has answered for them, while the next are read.
    ///
    /// Whoever dies before, or does not reach Redis, leaves them to be reclaimed; a second claim finds nothing.
    private func settle(_ batch: [HintStream.Hint]) async {
        do {
            try await hints.settle(batch.map(\.entry), of: handler.stage)
        } catch {
            logger.warning("hints not settled", metadata: ["error": "\(SafeErrorDescription.of(error))"])
        }
        await Failpoint.queueAfterSettle.cross()
    }

    private func launch(_ job: ClaimedJob, claimedAt: ContinuousClock.Instant) async {
        let (gate, open) = AsyncStream<Void>.makeStream()
        // Unstructured, because a lost lease cancels one job and not its neighbours.
        let work = Task {
            for await _ in gate {}
            guard let note = job.note else { return await execute(job) }
            await NoteContext.with(note) { await execute(job) }
        }
        await keeper.hold(job.lease, claimedAt: claimedAt) { work.cancel() }
        open.finish()
    }

    private func execute(_ job: ClaimedJob) async {
        let started = ContinuousClock.now
        let result = await handler.run(job)
        // Cancellation stops work, never the writing down of what became of it.
        await Task { await conclude(job, result, took: .now - started) }.value
    }

    private func conclude(_ job: ClaimedJob, _ result: StageResult, took: Duration) async {
        let id = job.lease.job
        let outcome: JobOutcome
        switch result {
        case .completed(let next):
            outcome = .succeeded
            await Failpoint.queueBeforeAnnounce.cross()
            await announce(next)
        case .leaseLost:
            outcome = .fenced
            metrics.fencedWrites.increment()
        case .failed(var failure, let calls):
            switch await keeper.stop(of: id) {
            case .leaseLost:
                await returnLease(job.lease)
                outcome = .released
            case .shuttingDown:
                outcome = .released
            case .stuck:
                failure = JobFailure(
                    .transient, code: "stage.stuck", detail: "no end after \(handler.longestAttempt)")
                outcome = await writeFailure(job, failure, calls)
            case nil:
                outcome = await writeFailure(job, failure, calls)
            }
        }
        _ = await keeper.release(id)
        metrics.finished(outcome).increment()
        metrics.duration.observe(took)
        logger.info(
            "job ended",
            metadata: [
                "job": "\(id)", "outcome": "\(outcome.rawValue)", "attempt": "\(job.lifeCycle.attempts)",
                "seconds": "\(took.inSeconds)",
            ])
    }

    private func writeFailure(_ job: ClaimedJob, _ failure: JobFailure, _ calls: [ProviderCall]) async
        -> JobOutcome
    {
        var lifeCycle = job.lifeCycle
        guard
            let outcome = try? lifeCycle.apply(
                .failed(failure), age: job.age, policy: configuration.policy, random: .random(in: 0..<1))
        else { return .fenced }
        let next = lifeCycle
        let log: Logger.Level = next.state == .dead ? .error : .warning
        logger.log(
            level: log, "attempt failed",
            metadata: [
                "job": "\(job.lease.job)", "code": "\(failure.code)", "detail": "\(failure.detail)",
                "state": "\(next.state.rawValue)", "delay": "\(outcome.delay.inSeconds)",
            ])
        do {
            let following = try await LedgerWrite.persist { () async throws(StoreError) -> [JobHint] in
                try await ledger.fail(
                    job.lease, failure: failure, next: next, delay: outcome.delay,
                    advice: advice[failure.advice], calls: calls)
            }
            await announce(following)
            return next.state == .dead ? .dead : .retrying
        } catch .fenced {
            metrics.fencedWrites.increment()
            return .fenced
        } catch {
            // The lease runs out and the sweeper takes the job back.
            logger.error(
                "failure not written",
                metadata: ["job": "\(job.lease.job)", "error": "\(SafeErrorDescription.of(error))"])
            return .other
        }
    }

    /// A lease that could not be renewed may still be ours, when the ledger was out of reach for everybody. Giving
    /// it back says that this worker lives: an outage is no worker's death.
    private func returnLease(_ lease: Lease) async {
        do {
            let returned = try await LedgerWrite.persist { () async throws(StoreError) in
                try await ledger.handBack([lease])
            }
            await announce(returned.map { JobHint(job: $0, stage: handler.stage) })
        } catch {
            logger.warning(
                "a lost lease was not given back",
                metadata: ["job": "\(lease.job)", "error": "\(SafeErrorDescription.of(error))"])
        }
    }

    private func announce(_ next: [JobHint]) async {
        guard !next.isEmpty else { return }
        do {
            try await hints.announce(next)
        } catch {
            logger.warning(
                "hint not sent; the sweeper will", metadata: ["error": "\(SafeErrorDescription.of(error))"])
        }
    }

    /// Waits for running jobs; what is not done when the grace is over goes back to the queue at once.
    private func drain() async {
        let limit = ContinuousClock.now + configuration.grace
        // Cancellation ends the grace, not the handing back.
        while await keeper.count > 0, .now < limit, !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(20))
        }
        let unfinished = await keeper.stopAll()
        guard !unfinished.isEmpty else { return }
        do {
            let returned = try await Task { try await ledger.handBack(unfinished) }.value
            await announce(returned.map { JobHint(job: $0, stage: handler.stage) })
            logger.notice("jobs handed back", metadata: ["count": "\(returned.count)"])
        } catch {
            logger.error(
                "jobs not handed back; their leases run out",
                metadata: ["error": "\(SafeErrorDescription.of(error))"])
        }
    }
}
