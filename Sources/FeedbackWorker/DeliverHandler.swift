package import CoachDomain
package import CoachStore
package import Conversation
import Failpoints
package import JobQueue
package import Logging
package import Observability
package import Telegram

/// Brings one stored message to its reader: the deliver stage.
///
/// What belongs to a voice note is shown by editing the note's placeholder, which can be repeated at will and
/// is always done with the stored text. A short answer to a text message is sent; its intent is written down
/// first, and a send whose outcome is unknown is not repeated.
package struct DeliverHandler: StageHandler {
    package let stage = JobStage.deliver
    package let longestAttempt = Duration.seconds(180)

    private let ledger: Ledger
    private let telegram: TelegramClient
    private let placeholders: PlaceholderKeeper
    private let ambiguousSends: CounterSeries
    private let logger: Logger

    package init(
        ledger: Ledger, telegram: TelegramClient, placeholders: PlaceholderKeeper, metrics: MetricsRegistry,
        logger: Logger
    ) {
        self.ledger = ledger
        self.telegram = telegram
        self.placeholders = placeholders
        self.ambiguousSends = metrics.counter(MetricsCatalogue.ambiguousSends)
        self.logger = logger
    }

    package func run(_ job: ClaimedJob) async -> StageResult {
        do {
            guard let id = job.outboundMessageID else { throw StoreError.notFound("outbound message") }
            let message = try await ledger.outboundMessage(id)
            if let note = message.note { return try await edit(message, note, job) }
            return try await send(message, job)
        } catch TelegramError.recipientGone(let reason) {
            logger.notice("the user cannot be reached", metadata: ["reason": "\(reason.rawValue)"])
            do {
                try await ledger.markUnreachable(job.lease)
            } catch {
                return .ended(by: error)
            }
            return .ended(by: TelegramError.recipientGone(reason))
        } catch {
            return .ended(by: error)
        }
    }

    // MARK: Results of voice notes

    private func edit(_ message: OutboundMessage, _ note: NoteID, _ job: ClaimedJob) async throws
        -> StageResult
    {
        if let successor = message.successor {
            // An earlier attempt at this message may have come after its successor: show that once more.
            if job.lease.token > 1 { _ = try await show(successor, message, note, job) }
            return try await finish(job, as: .superseded, messageID: nil)
        }
        let messageID = try await show(message.body, message, note, job)
        // What came meanwhile may have been edited in before us. What comes later is edited in later.
        if message.kind != .feedback, let successor = try await ledger.outboundMessage(message.id).successor {
            _ = try await show(successor, message, note, job)
            return try await finish(job, as: .superseded, messageID: nil)
        }
        return try await finish(job, as: .delivered, messageID: messageID)
    }

    /// Puts a stored text into the note's placeholder.
    ///
    /// - Returns: The message's id.
    private func show(_ body: RichText, _ message: OutboundMessage, _ note: NoteID, _ job: ClaimedJob)
        async throws -> Int64
    {
        // A second round for a placeholder that the user has deleted.
        for _ in 1...2 {
            let messageID: Int64
            switch try await placeholder(of: note, job.lease) {
            case .known(let known): messageID = known
            case .beingSent:
                throw JobFailure(
                    .transient, code: "telegram.placeholder-busy",
                    detail: "another process sends the placeholder")
            case .refused(let error): throw error
            }
            await Failpoint.deliverBeforeEdit.cross()
            do {
                try await telegram.editMessageText(chatID: message.chatID, messageID: messageID, body)
                await Failpoint.deliverAfterEdit.cross()
                return messageID
            } catch TelegramError.notModified {
                return messageID
            } catch TelegramError.formatting {
                try await telegram.editMessageText(
                    chatID: message.chatID, messageID: messageID, RichText(text: body.text))
                return messageID
            } catch TelegramError.targetGone {
                logger.notice("the placeholder is gone; sending a fresh one")
                try await ledger.forgetPlaceholder(note, messageID: messageID, under: job.lease)
            }
        }
        throw JobFailure(
            .transient, code: "telegram.target-gone", detail: "the placeholder was deleted twice")
    }

    /// Waits a moment for a placeholder that the audio worker is sending right now.
    private func placeholder(of note: NoteID, _ lease: Lease) async throws -> PlaceholderKeeper.Outcome {
        for _ in 1...20 {
            let outcome = try await placeholders.ensure(note, under: lease)
            guard case .beingSent = outcome else { return outcome }
            try await Task.sleep(for: .milliseconds(100))
        }
        return .beingSent
    }

    // MARK: Answers to texts

    private func send(_ message: OutboundMessage, _ job: ClaimedJob) async throws -> StageResult {
        guard message.state == .pending else {
            // An attempt died between "I send" and "I sent": twice would be worse than perhaps not at all.
            ambiguousSends.increment()
            return try await finish(job, as: .delivered, messageID: nil)
        }
        try await ledger.beginSending(message.id, job.lease)
        do {
            await Failpoint.deliverBeforeSend.cross()
            let sent = try await telegram.sendMessage(
                chatID: message.chatID, message.body, replyingTo: message.replyToMessageID)
            await Failpoint.deliverAfterSend.cross()
            return try await finish(job, as: .delivered, messageID: sent.id)
        } catch let error as TelegramError {
            // A 5xx nearly always means that nothing was sent, and a bot that stays silent looks broken.
            if case .serverUnavailable = error {
            } else if error.mayHaveTakenEffect {
                return try await giveUp(error, job)
            }
            try await ledger.abandonSending(message.id, job.lease)
            throw error
        }
    }

    private func giveUp(_ error: TelegramError, _ job: ClaimedJob) async throws -> StageResult {
        ambiguousSends.increment()
        logger.warning("an answer's fate is unknown", metadata: ["error": "\(error)"])
        return try await finish(job, as: .delivered, messageID: nil)
    }

    private func finish(
        _ job: ClaimedJob, as state: OutboundMessage.State, messageID: Int64?
    ) async throws -> StageResult {
        let ledger = ledger
        try await LedgerWrite.persist { () async throws(StoreError) in
            try await ledger.completeDelivery(job.lease, as: state, messageID: messageID)
        }
        return .completed(next: [])
    }
}
