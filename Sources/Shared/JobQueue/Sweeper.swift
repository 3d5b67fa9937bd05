package import CoachDomain
package import CoachStore
import Failpoints
import Foundation
package import Logging
package import Observability
import Redis
import ServiceLifecycle

/// Keeps the promise that no job is forgotten: looks at the ledger, never at Redis, for what is unfinished.
///
/// Any number may run at once; rows that one of them holds are skipped by the others.
package struct Sweeper: Service {
    private let ledger: Ledger
    private let hints: HintStream
    private let advice: AdviceCatalogue
    private let notice: LocalizedText
    private let policy: RetryPolicy
    private let metrics: MetricsRegistry
    private let logger: Logger
    /// Between two looks for due retries and silent workers; jittered.
    private let tick: Duration
    /// Every so many ticks: is a hint missing?
    private let ticksPerAudit = 5
    /// A ready job whose hint is older than this may have lost it.
    private let hintAge: Duration = .seconds(30)
    private let batch = 500
    private let longestLease: Duration = .seconds(60)
    /// A stage with more hints than this has enough fresh work: its retries wait, but not longer than `hintAge`.
    private let busyLength = 20
    /// Workers get this long after a start of Postgres to renew, before they count as dead.
    private let settling: Duration
    private let consumerSilence: Duration = .seconds(3_600)

    /// - Parameter notice: What a speaker is told whose answer takes longer than ``RetryPolicy/noticeAge``.
    package init(
        ledger: Ledger, hints: HintStream, advice: AdviceCatalogue, notice: LocalizedText,
        policy: RetryPolicy = RetryPolicy(), tick: Duration = .seconds(1), settling: Duration = .seconds(10),
        metrics: MetricsRegistry, logger: Logger
    ) {
        self.ledger = ledger
        self.hints = hints
        self.advice = advice
        self.notice = notice
        self.policy = policy
        self.settling = settling
        self.tick = tick
        self.metrics = metrics
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var ticks = 0
            while !Task.isCancelled {
                do {
                    try await sweep(audit: ticks % ticksPerAudit == 0)
                } catch {
                    logger.warning("sweep failed", metadata: ["error": "\(SafeErrorDescription.of(error))"])
                }
                ticks += 1
                try? await Task.sleep(for: tick * Double.random(in: 0.75..<1.25))
            }
        }
    }

    /// One look.
    ///
    /// - Parameter audit: Also compare the ledger's ready jobs with the hints that Redis holds.
    package func sweep(audit: Bool) async throws {
        let sweepable = try await ledger.sweepable()
        var rescue = Rescue()
        if sweepable.expired {
            rescue = try await ledger.rescueExpired(
                limit: batch, crashLimit: policy.crashLimit, settling: settling,
                advice: advice[.internalTrouble])
        }
        if rescue.rescued + rescue.buried > 0 {
            metrics.counter(MetricsCatalogue.rescuedJobs).increment(by: Int64(rescue.rescued))
            logger.warning(
                "silent workers",
                metadata: ["rescued": "\(rescue.rescued)", "buried": "\(rescue.buried)"])
        }
        await Failpoint.sweepAfterRescue.cross()
        var due: [JobHint] = []
        if sweepable.due {
            due = try await ledger.promoteDue(limit: batch, busy: await busyStages(), patience: hintAge)
        }
        await Failpoint.sweepAfterPromotion.cross()
        try await hints.announce(rescue.ready + due)
        guard audit else { return }
        try await ledger.clampToClock(lease: longestLease, wait: policy.throttleLimit)
        try await hints.announce(await ledger.admitWaiting(limit: batch))
        try await hints.announce(
            await ledger.noticeDelays(olderThan: policy.noticeAge, text: notice, limit: batch))
        try await auditHints()
    }

    /// Stages with so much fresh work that retries stand back. Without Redis nothing is announced anyway.
    private func busyStages() async -> Set<JobStage> {
        var busy: Set<JobStage> = []
        for stage in JobStage.allCases {
            if let length = try? await hints.unread(of: stage), length > busyLength { busy.insert(stage) }
        }
        return busy
    }

    private func auditHints() async throws {
        let emptied = try await hints.wasEmptied()
        if emptied {
            metrics.counter(MetricsCatalogue.redisWipes).increment()
            logger.notice("Redis is empty: announcing every ready job")
        }
        for stage in JobStage.allCases {
            _ = try await hints.forgetDead(stage, silence: consumerSilence)
            let backlog = try await ledger.backlog(stage)
            metrics.gauge(MetricsCatalogue.queueDepth, stage.label, .ready).set(Double(backlog.waiting))
            metrics.gauge(MetricsCatalogue.queueOldestAge, stage.label).set(backlog.oldest.inSeconds)
            guard backlog.waiting > 0 else { continue }
            if emptied {
                try await announceAgain(stage, since: backlog.asOf)
            } else if backlog.oldestHint > hintAge, try await hints.unread(of: stage) < backlog.waiting {
                // A long queue is no lost hint: only fewer hints than ready jobs means that some are gone.
                try await announceAgain(stage, since: backlog.asOf - hintAge.inSeconds)
            }
        }
    }

    /// In batches, so that a restart with thousands of waiting jobs floods neither server.
    private func announceAgain(_ stage: JobStage, since cutoff: Date) async throws {
        var total = 0
        while !Task.isCancelled {
            let stale = try await ledger.unannounced(stage, since: cutoff, limit: batch)
            await Failpoint.sweepBetweenBatches.cross()
            try await hints.announce(stale)
            total += stale.count
            guard stale.count == batch else { break }
            try await Task.sleep(for: .milliseconds(50))
        }
        if total > 0 {
            logger.notice("announced again", metadata: ["stage": "\(stage)", "count": "\(total)"])
        }
    }
}
