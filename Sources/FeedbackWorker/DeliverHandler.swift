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
/// What a note's one message shows is an edit of its placeholder, which can be repeated at will and is always done
/// with the stored text. Everything else is sent by ``MessageSender``.
package struct DeliverHandler: StageHandler {
    package let stage = JobStage.deliver
    package let longestAttempt = Duration.seconds(180)

    private let ledger: Ledger
    private let telegram: TelegramClient
    private let placeholders: PlaceholderKeeper
    private let sender: MessageSender
    private let logger: Logger

    package init(
        ledger: Ledger, telegram: TelegramClient, placeholders: PlaceholderKeeper,
        attachments: any AttachmentRenderer, metrics: MetricsRegistry, logger: Logger
    ) {
        self.ledger = ledger
        self.telegram = telegram
        self.placeholders = placeholders
        self.sender = MessageSender(
            ledger: ledger, telegram: telegram, attachments: attachments, metrics: metrics, logger: logger)
        self.logger = logger
    }

    package func run(_ job: ClaimedJob) async -> StageResult {
        do {
            guard let id = job.outboundMessageID else { throw StoreError.notFound("outbound message") }
            let message = try await ledger.outboundMessage(id)
            guard message.kind.isShownInPlaceholder, let note = message.note else {
                return try await finish(message, try await sender.send(message, job), job)
            }
            return try await finish(message, try await edit(message, note, job), job)
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

    private func finish(_ message: OutboundMessage, _ delivery: Delivery, _ job: ClaimedJob) async throws
        -> StageResult
    {
        let ledger = ledger
        let next = try await LedgerWrite.persist { () async throws(StoreError) -> [JobHint] in
            if message.kind == .farewell {
                try await ledger.completeFarewell(job.lease, message)
                return []
            }
            return try await ledger.completeDelivery(
                job.lease, as: delivery.state, messageID: delivery.messageID, calls: delivery.calls)
        }
        return .completed(next: next)
    }

    // MARK: Results of voice notes

    private func edit(_ message: OutboundMessage, _ note: NoteID, _ job: ClaimedJob) async throws -> Delivery
    {
        if let successor = message.successor {
            // An earlier attempt at this message may have come after its successor: show that once more.
            if job.lease.token > 1 { _ = try await show(successor, message, note, job) }
            return .superseded
        }
        let messageID = try await show(message.face, message, note, job)
        // What came meanwhile may have been edited in before us. What comes later is edited in later.
        if message.kind != .feedback, let successor = try await ledger.outboundMessage(message.id).successor {
            _ = try await show(successor, message, note, job)
            return .superseded
        }
        return .delivered(messageID)
    }

    /// Puts a stored text into the note's placeholder.
    ///
    /// - Returns: The message's id.
    private func show(
        _ face: OutboundMessage.Face, _ message: OutboundMessage, _ note: NoteID, _ job: ClaimedJob
    ) async throws -> Int64 {
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
                try await telegram.edit(face, messageID: messageID, chatID: message.chatID)
                await Failpoint.deliverAfterEdit.cross()
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
}

extension TelegramClient {
    /// Edits a message into a face; one that shows it already, or that refuses the formatting, counts as done.
    func edit(_ face: OutboundMessage.Face, messageID: Int64, chatID: Int64) async throws(TelegramError) {
        do throws(TelegramError) {
            try await editMessageText(
                chatID: chatID, messageID: messageID, face.body, keyboard: InlineKeyboard(face.buttons))
        } catch {
            switch error {
            case .notModified: return
            case .formatting:
                try await editMessageText(
                    chatID: chatID, messageID: messageID, RichText(text: face.body.text),
                    keyboard: InlineKeyboard(face.buttons))
            default: throw error
            }
        }
    }
}

extension InlineKeyboard {
    /// `nil` for no buttons.
    init?(_ buttons: [[MessageButton]]) {
        guard !buttons.isEmpty else { return nil }
        self.init(buttons.map { $0.map { Button($0.label, .callback($0.data)) } })
    }
}
