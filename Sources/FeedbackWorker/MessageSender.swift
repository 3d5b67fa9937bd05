import CoachDomain
import CoachStore
import Failpoints
import JobQueue
import Logging
import Observability
import Telegram

/// Sends what is a message of its own.
///
/// Sends are not idempotent, so the intent is written down before each, and a send whose outcome is unknown is
/// not repeated: a long text goes on with its next part.
struct MessageSender: Sendable {
    private let ledger: Ledger
    private let telegram: TelegramClient
    private let attachments: any AttachmentRenderer
    private let ambiguousSends: CounterSeries
    private let logger: Logger

    init(
        ledger: Ledger, telegram: TelegramClient, attachments: any AttachmentRenderer,
        metrics: MetricsRegistry, logger: Logger
    ) {
        self.ledger = ledger
        self.telegram = telegram
        self.attachments = attachments
        self.ambiguousSends = metrics.counter(MetricsCatalogue.ambiguousSends)
        self.logger = logger
    }

    func send(_ message: OutboundMessage, _ job: ClaimedJob) async throws -> Delivery {
        if let attachment = message.attachment {
            return try await send(attachment, message, job)
        }
        if let menu = message.replaces {
            do throws(TelegramError) {
                try await telegram.edit(message.face, messageID: menu, chatID: message.chatID)
                return .delivered(menu)
            } catch {
                guard error == .targetGone else { throw error }
            }
        }
        return try await send(message.face.body.messages(), message, job)
    }

    // MARK: Texts

    private func send(_ parts: [RichText], _ message: OutboundMessage, _ job: ClaimedJob) async throws
        -> Delivery
    {
        var sent = message.partsSent
        if message.state == .sending {
            // An attempt died between "I send" and "I sent": twice would be worse than perhaps not at all.
            ambiguousSends.increment()
            sent += 1
            try await ledger.partSent(message.id, job.lease, parts: sent)
        }
        var last: Int64?
        while sent < parts.count {
            let isLast = sent == parts.count - 1
            let part = parts[sent]
            last = try await once(message, job) { () async throws(TelegramError) in
                try await telegram.sendMessage(
                    chatID: message.chatID, part, replyingTo: sent == 0 ? message.replyToMessageID : nil,
                    keyboard: isLast ? InlineKeyboard(message.face.buttons) : nil,
                    silently: message.kind == .extra)
            }
            sent += 1
            if !isLast { try await ledger.partSent(message.id, job.lease, parts: sent) }
        }
        return .delivered(last)
    }

    /// One send under the rule of intent.
    ///
    /// - Returns: The message's id; `nil` when nobody knows whether it was sent.
    private func once(
        _ message: OutboundMessage, _ job: ClaimedJob,
        _ send: () async throws(TelegramError) -> Message
    ) async throws -> Int64? {
        try await ledger.beginSending(message.id, job.lease)
        do throws(TelegramError) {
            await Failpoint.deliverBeforeSend.cross()
            let sent = try await send()
            await Failpoint.deliverAfterSend.cross()
            return sent.id
        } catch {
            // A 5xx nearly always means that nothing was sent, and a bot that stays silent looks broken.
            if case .serverUnavailable = error {
            } else if error.mayHaveTakenEffect {
                ambiguousSends.increment()
                logger.warning("a message's fate is unknown", metadata: ["error": "\(error)"])
                return nil
            }
            try await ledger.abandonSending(message.id, job.lease)
            throw error
        }
    }

    // MARK: Attachments

    private func send(_ attachment: Attachment, _ message: OutboundMessage, _ job: ClaimedJob) async throws
        -> Delivery
    {
        guard message.state == .pending else {
            ambiguousSends.increment()
            return .delivered(nil)
        }
        guard let rendered = try await attachments.render(attachment, for: message.person) else {
            return .superseded
        }
        do {
            let id = try await once(message, job) { () async throws(TelegramError) in
                try await upload(rendered.content, message)
            }
            return .delivered(id, calls: rendered.calls)
        } catch TelegramError.voiceForbidden {
            // What would have been heard can be read.
            let parts = message.face.body.messages()
            let text = try await send(parts, message, job)
            return .delivered(text.messageID, calls: rendered.calls)
        }
    }

    private func upload(_ content: RenderedAttachment.Content, _ message: OutboundMessage)
        async throws(TelegramError) -> Message
    {
        let body = message.face.body
        let caption = body.text.isEmpty ? nil : body.truncated(to: RichText.captionLimit)
        switch content {
        case .picture(let bytes):
            return try await telegram.sendPhoto(
                chatID: message.chatID, .bytes(bytes, filename: "card.png", contentType: "image/png"),
                caption: caption, replyingTo: message.replyToMessageID)
        case .voice(let bytes, let seconds):
            return try await telegram.sendVoice(
                chatID: message.chatID, .bytes(bytes, filename: "voice.ogg", contentType: "audio/ogg"),
                seconds: Int(seconds.rounded()), replyingTo: message.replyToMessageID)
        case .document(let bytes, let filename, let contentType):
            return try await telegram.sendDocument(
                chatID: message.chatID, .bytes(bytes, filename: filename, contentType: contentType),
                caption: caption, replyingTo: message.replyToMessageID)
        }
    }
}
