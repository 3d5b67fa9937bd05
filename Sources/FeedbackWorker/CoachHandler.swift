package import CoachDomain
package import CoachStore
package import Conversation
import Failpoints
package import JobQueue
package import Logging
package import Observability
package import Providers

/// The coach stage: from words and measures to the stored answer.
///
/// Cannot fail for want of a model: the rules coach, which needs nobody, ends every chain.
package struct CoachHandler: StageHandler {
    package let stage = JobStage.coach
    package let longestAttempt = Duration.seconds(180)

    /// A job that waited too long in the queue still gets its answer, from the rules.
    private static let leastTime = Duration.milliseconds(1)

    private let ledger: Ledger
    private let chain: CoachChain
    private let phrasebooks: Phrasebooks
    private let metrics: MetricsRegistry
    private let logger: Logger

    package init(
        ledger: Ledger, chain: CoachChain, phrasebooks: Phrasebooks, metrics: MetricsRegistry, logger: Logger
    ) {
        self.ledger = ledger
        self.chain = chain
        self.phrasebooks = phrasebooks
        self.metrics = metrics
        self.logger = logger
    }

    package func run(_ job: ClaimedJob) async -> StageResult {
        let start = ContinuousClock.now
        do {
            guard let id = job.note else { throw StoreError.notFound("voice message") }
            let note = try await ledger.noteToCoach(id)
            await Failpoint.coachBeforeModel.cross()
            let outcome = await chain.coach(
                note.transcript, metrics: note.metrics, language: note.languageCode,
                context: CallContext(
                    deadline: start + max(job.timeLeft ?? .seconds(25), Self.leastTime), note: id,
                    job: job.lease.job))
            metrics.book(outcome.calls)
            metrics.counter(MetricsCatalogue.answerRepairs).increment(by: Int64(outcome.repairs))
            metrics.counter(MetricsCatalogue.answersRefused).increment(by: Int64(outcome.flaws.count))
            // A chain that was cancelled has hurried to the rules; whoever has the job next does better.
            try Task.checkCancellation()
            return try await store(outcome, of: note, job)
        } catch {
            return .ended(by: error)
        }
    }

    private func store(_ outcome: CoachOutcome, of note: NoteToCoach, _ job: ClaimedJob) async throws
        -> StageResult
    {
        let reply = ReplyRenderer(phrasebook: phrasebooks.book(for: note.languageCode)).render(
            feedback: outcome.feedback, transcript: note.transcript, metrics: note.metrics,
            isPartial: note.audio.isPartial)
        let ledger = ledger
        await Failpoint.coachBeforeCommit.cross()
        let next = try await LedgerWrite.persist { () async throws(StoreError) in
            try await ledger.completeCoaching(
                job.lease, feedback: outcome.feedback, reply: reply, calls: outcome.calls)
        }
        await Failpoint.coachAfterCommit.cross()
        logger.info("note coached", metadata: ["provider": "\(outcome.feedback.provider)"])
        return .completed(next: [JobHint(job: next, stage: .deliver)])
    }
}
