package import CoachDomain
package import CoachStore
package import Conversation
import Failpoints
package import JobQueue
package import Logging
package import Observability
import Providers
package import Telegram

/// The transcribe stage: one voice note from Telegram's servers to words and measures in the ledger.
package struct TranscribeHandler: StageHandler {
    package let stage = JobStage.transcribe
    /// The longest note at the pace of the recogniser in this process.
    package let longestAttempt = Duration.seconds(1_800)
    /// Telegram says "temporarily unavailable" of a file that is gone as well as of an outage of its own.
    private static let fileAttempts = 4
    private let ledger: Ledger
    private let telegram: TelegramClient
    private let placeholders: PlaceholderKeeper
    private let typing: TypingIndicator
    private let transcriber: NoteTranscriber
    private let phrasebooks: Phrasebooks
    private let showsWords: Bool
    private let workspace: Workspace
    private let feedbackDeadline: Duration
    private let metrics: TranscribeMetrics
    private let logger: Logger

    /// - Parameters:
    ///   - showsWords: Whether the speaker sees the words before the coaching: worth an edit where a model is asked,
    ///     not where the coaching is there at the same moment.
    ///   - feedbackDeadline: From the note's arrival to its answer.
    package init(
        ledger: Ledger, telegram: TelegramClient, placeholders: PlaceholderKeeper,
        typing: TypingIndicator, transcriber: NoteTranscriber, phrasebooks: Phrasebooks, showsWords: Bool,
        workspace: Workspace, feedbackDeadline: Duration, metrics: MetricsRegistry, logger: Logger
    ) {
        self.ledger = ledger
        self.telegram = telegram
        self.placeholders = placeholders
        self.typing = typing
        self.transcriber = transcriber
        self.phrasebooks = phrasebooks
        self.showsWords = showsWords
        self.workspace = workspace
        self.feedbackDeadline = feedbackDeadline
        self.metrics = TranscribeMetrics(metrics)
        self.logger = logger
    }

    package func run(_ job: ClaimedJob) async -> StageResult {
        let start = ContinuousClock.now
        do {
            guard let id = job.note else { throw StoreError.notFound("voice message") }
            let note = try await ledger.noteToTranscribe(id)
            // At the same time as the download: the user sees at once that somebody listens.
            async let placeholder: Void = announce(id, job.lease)
            let result = await typing.during(note.chatID) { await transcribe(note, job, start) }
            await placeholder
            return result
        } catch {
            return .ended(by: error)
        }
    }

    private func transcribe(_ note: NoteToTranscribe, _ job: ClaimedJob, _ start: ContinuousClock.Instant)
        async
        -> StageResult
    {
        do {
            if let bytes = note.fileBytes, bytes > Int64(TelegramClient.maximumDownloadBytes) {
                throw TelegramError.fileTooBig
            }
            let result = try await workspace.withFile { path in
                await Failpoint.transcribeBeforeDownload.cross()
                return try await listen(to: note, job, start, keptAt: path)
            }
            metrics.heard(result)
            return try await store(result, of: note, job, start)
        } catch let failure as NoteTranscriber.Failure {
            metrics.book(failure.calls)
            return .ended(
                by: JobFailure(failure.reason, attempts: job.lifeCycle.attempts), calls: failure.calls)
        } catch TelegramError.fileUnavailable where job.lifeCycle.attempts >= Self.fileAttempts {
            return .ended(
                by: JobFailure(
                    .permanent, code: "telegram.file-unavailable",
                    detail: "Telegram did not give out the file in \(Self.fileAttempts) attempts",
                    advice: .fileUnavailable))
        } catch {
            return .ended(by: error)
        }
    }

    /// Downloads and hears the note. It is decoded while it comes; a download that breaks off fails the attempt
    /// as a whole, and the next one begins anew.
    private func listen(
        to note: NoteToTranscribe, _ job: ClaimedJob, _ start: ContinuousClock.Instant, keptAt path: String
    ) async throws -> NoteTranscriber.Result {
        // Only a language that the person has pinned: Telegram tells that of the app, and a wrong hint is worse
        // than none.
        let context = CallContext(
            deadline: start + longestAttempt - .seconds(60), language: note.person.settings.spokenLanguage,
            note: note.note, job: job.lease.job)
        let file = try await telegram.getFile(note.fileID)
        guard let stream = try await telegram.stream(file) else {
            _ = try await telegram.download(file, to: path)
            await Failpoint.transcribeAfterDownload.cross()
            metrics.downloaded(.now - start)
            return try await transcriber.transcribe(
                file: path, declaredSeconds: note.declaredSeconds, context: context)
        }
        do throws(NoteTranscriber.Failure) {
            let metrics = metrics
            return try await transcriber.transcribe(
                arriving: stream, expectedBytes: file.size.map(Int.init), keptAt: path,
                declaredSeconds: note.declaredSeconds, context: context,
                arrived: {
                    await Failpoint.transcribeAfterDownload.cross()
                    metrics.downloaded(.now - start)
                })
        } catch {
            if case .download(let cause) = error.reason { throw cause }
            throw error
        }
    }

    private func store(
        _ result: NoteTranscriber.Result, of note: NoteToTranscribe, _ job: ClaimedJob,
        _ start: ContinuousClock.Instant
    ) async throws -> StageResult {
        let heard =
            showsWords
            ? ReplyRenderer(phrasebook: phrasebooks.book(for: note.person.language)).heard(
                result.note.transcript, metrics: result.note.metrics, isPartial: result.note.audio.isPartial)
            : nil
        // What is left of the promise to the user, but always enough for one good try.
        let left = feedbackDeadline - job.age - (.now - start)
        let ledger = ledger
        await Failpoint.transcribeBeforeCommit.cross()
        let next = try await LedgerWrite.persist { () async throws(StoreError) in
            try await ledger.completeTranscription(
                job.lease, result.note, heard: heard, coachWithin: max(left, .seconds(15)),
                calls: result.calls)
        }
        await Failpoint.transcribeAfterCommit.cross()
        logger.info(
            "note transcribed",
            metadata: [
                "provider": "\(result.note.transcript.provider)",
                "audioSeconds": "\(result.note.audio.originalSeconds)",
                "uploadSeconds": "\(result.note.audio.uploadSeconds)",
            ])
        return .completed(next: next)
    }

    /// A placeholder that cannot be sent now is sent with the result; it is no reason to fail.
    private func announce(_ note: NoteID, _ lease: Lease) async {
        do {
            if case .refused(let error) = try await placeholders.ensure(note, under: lease) {
                logger.warning("no placeholder yet", metadata: ["error": "\(error)"])
            }
        } catch {
            logger.warning("no placeholder yet", metadata: ["error": "\(error)"])
        }
    }
}
