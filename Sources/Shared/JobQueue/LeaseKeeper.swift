import CoachDomain
import CoachStore
import Failpoints
import Logging
import Observability

/// Holds the leases of one runner: prolongs them in one statement, and stops work whose lease is gone.
///
/// Lives on a queue of its own, timer included: decoders and analyses that keep every thread of the shared pool
/// busy cannot make a lease run out.
actor LeaseKeeper {
    /// Why a running job was stopped.
    enum Stop: Sendable { case leaseLost, stuck, shuttingDown }

    private struct Held {
        var lease: Lease
        var since: ContinuousClock.Instant
        var renewed: ContinuousClock.Instant
        var cancel: @Sendable () -> Void
        var stop: Stop?
    }

    private let ledger: Ledger
    private let duration: Duration
    private let longestAttempt: Duration
    private let logger: Logger
    private var held: [JobID: Held] = [:]
    private var waiters: [CheckedContinuation<Void, Never>] = []
    private let executor = QueueExecutor(label: "leases")
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(ledger: Ledger, duration: Duration, longestAttempt: Duration, logger: Logger) {
        self.ledger = ledger
        self.duration = duration
        self.longestAttempt = longestAttempt
        self.logger = logger
    }

    var count: Int { held.count }

    func hold(_ lease: Lease, claimedAt: ContinuousClock.Instant, cancel: @escaping @Sendable () -> Void) {
        held[lease.job] = Held(lease: lease, since: claimedAt, renewed: claimedAt, cancel: cancel)
    }

    /// Ends the watch over a job.
    ///
    /// - Returns: Why it was stopped, or `nil` when it ran to its own end.
    func release(_ job: JobID) -> Stop? {
        let stop = held.removeValue(forKey: job)?.stop
        wakeWaiters()
        return stop
    }

    /// Why a job was stopped, while it is still held.
    func stop(of job: JobID) -> Stop? { held[job]?.stop }

    /// Returns when fewer than `limit` jobs are held.
    ///
    /// Returns at once when the task is cancelled: a worker that is to stop must not wait for a free place.
    func waitBelow(_ limit: Int) async {
        while held.count >= limit, !Task.isCancelled {
            await withTaskCancellationHandler {
                await withCheckedContinuation { waiter in
                    if Task.isCancelled { waiter.resume() } else { waiters.append(waiter) }
                }
            } onCancel: {
                Task { await self.wakeWaiters() }
            }
        }
    }

    private func wakeWaiters() {
        for waiter in waiters { waiter.resume() }
        waiters = []
    }

    /// Prolongs every lease at this interval until the task is cancelled.
    func renew(every interval: Duration) async {
        for await _ in executor.ticks(every: interval) { await renewAll() }
    }

    /// Prolongs every lease now.
    ///
    /// A lease that could not be prolonged for its whole length has run out, whatever the ledger says: work
    /// under it is stopped before somebody else starts it again.
    func renewAll(now: ContinuousClock.Instant = .now) async {
        for (job, entry) in held where entry.stop == nil && now - entry.since > longestAttempt {
            stop(job, .stuck)
        }
        let leases = held.values.filter { $0.stop == nil }.map(\.lease)
        guard !leases.isEmpty else { return }
        await Failpoint.queueBeforeRenewal.cross()
        do {
            // A statement that hangs must not hide that the lease runs out.
            let kept = try await ledger.renew(leases, for: duration, deadline: .now + duration / 4)
            for lease in leases {
                if kept.contains(lease.job) {
                    held[lease.job]?.renewed = now
                } else if held[lease.job]?.lease == lease {
                    stop(lease.job, .leaseLost)
                }
            }
        } catch {
            logger.warning(
                "leases not prolonged",
                metadata: ["error": "\(SafeErrorDescription.of(error))", "count": "\(leases.count)"])
            for lease in leases {
                guard let entry = held[lease.job], .now - entry.renewed > duration else { continue }
                stop(lease.job, .leaseLost)
            }
        }
    }

    /// Stops everything that still runs and returns its leases, so that they can be handed back.
    func stopAll() -> [Lease] {
        let open = held.values.filter { $0.stop == nil }.map(\.lease)
        for lease in open { stop(lease.job, .shuttingDown) }
        return open
    }

    private func stop(_ job: JobID, _ reason: Stop) {
        held[job]?.stop = reason
        held[job]?.cancel()
    }
}
