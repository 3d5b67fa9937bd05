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
    private let typing: TypingIndicator
    private let phrasebooks: Phrasebooks
    private let metrics: MetricsRegistry
    private let logger: Logger

    package init(
        ledger: Ledger, chain: CoachChain, typing: TypingIndicator, phrasebooks: Phrasebooks,
        metrics: MetricsRegistry, logger: Logger
    ) {
        self.ledger = ledger
        self.chain = chain
        self.typing = typing
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
            let outcome = await typing.during(note.chatID) {
                await chain.coach(
                    note.transcript, metrics: note.metrics, language: note.person.language,
                    focus: note.person.settings.focus,
                    context: CallContext(
                        deadline: start + max(job.timeLeft ?? .seconds(25), Self.leastTime), note: id,
                        job: job.lease.job))
            }
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
        let book = phrasebooks.book(for: note.person.language)
        let feedback = outcome.feedback
        let reply = OutgoingMessage(
            ReplyRenderer(phrasebook: book).render(
                feedback: feedback, transcript: note.transcript, metrics: note.metrics,
                isPartial: note.audio.isPartial, comparison: comparison(of: note)),
            buttons: Replies.buttons(
                of: note.note, in: book, hasMoreTips: feedback.improvements.count > 1,
                hasRewrite: !feedback.rewrite.isEmpty))
        let extras = extras(of: note, feedback)
        let ledger = ledger
        await Failpoint.coachBeforeCommit.cross()
        let next = try await LedgerWrite.persist { () async throws(StoreError) in
            try await ledger.completeCoaching(
                job.lease, feedback: feedback, reply: reply, followUps: extras, calls: outcome.calls)
        }
        await Failpoint.coachAfterCommit.cross()
        logger.info("note coached", metadata: ["provider": "\(outcome.feedback.provider)"])
        return .completed(next: [JobHint(job: next, stage: .deliver)])
    }

    /// Against the note that this one says again.
    private func comparison(of note: NoteToCoach) -> FocusComparison? {
        guard let before = note.rehearsed, let focus = before.feedback.improvements.first else { return nil }
        return FocusComparison(
            focus: focus, before: before.metrics, after: note.metrics, transcript: note.transcript)
    }

    /// What follows the answer, as the person wants it.
    private func extras(of note: NoteToCoach, _ feedback: Feedback) -> [OutgoingMessage] {
        var extras: [OutgoingMessage] = []
        if note.person.settings.sendsCard {
            extras.append(OutgoingMessage(RichText(), attachment: .card(note.note)))
        }
        if note.person.settings.speaksRewrite, !feedback.rewrite.isEmpty {
            // The text is there already; whoever accepts no voice messages needs no second one.
            extras.append(OutgoingMessage(RichText(), attachment: .spokenRewrite(note.note)))
        }
        return extras
    }
}
