package import CoachDomain
import Foundation
import HTTPTransport

extension TelegramClient {
    /// Sends a text of at most 4096 UTF-16 units; see ``CoachDomain/RichText/messages(limit:)``.
    ///
    /// Not idempotent: after a failure with ``TelegramError/mayHaveTakenEffect`` the message may be there.
    ///
    /// - Returns: The message as Telegram stored it; its id is the handle for edits.
    package func sendMessage(
        chatID: Int64, _ text: RichText, replyingTo: Int64? = nil, threadID: Int64? = nil,
        keyboard: InlineKeyboard? = nil, silently: Bool = false, deadline: ContinuousClock.Instant? = nil
    ) async throws(TelegramError) -> Message {
        struct Parameters: Encodable {
            let chatId: Int64
            let messageThreadId: Int64?
            let text: String
            let entities: [MessageEntity]?
            let linkPreviewOptions = NoLinkPreview()
            let disableNotification: Bool?
            let replyParameters: ReplyParameters?
            let replyMarkup: InlineKeyboard?
        }
        return try await call(
            "sendMessage",
            Parameters(
                chatId: chatID, messageThreadId: threadID, text: text.text, entities: text.wireEntities,
                disableNotification: silently ? true : nil,
                replyParameters: replyingTo.map { ReplyParameters(to: $0) }, replyMarkup: keyboard),
            isRepeatable: false, deadline: deadline)
    }

    /// Replaces the text of a message of ours. Idempotent.
    ///
    /// - Parameter keyboard: Nil removes the buttons that are there.
    /// - Throws: ``TelegramError/notModified`` when the message is as wanted already: count that as done.
    package func editMessageText(
        chatID: Int64, messageID: Int64, _ text: RichText, keyboard: InlineKeyboard? = nil,
        deadline: ContinuousClock.Instant? = nil
    ) async throws(TelegramError) {
        struct Parameters: Encodable {
            let chatId: Int64
            let messageId: Int64
            let text: String
            let entities: [MessageEntity]?
            let linkPreviewOptions = NoLinkPreview()
            let replyMarkup: InlineKeyboard?
        }
        _ = try await call(
            "editMessageText",
            Parameters(
                chatId: chatID, messageId: messageID, text: text.text, entities: text.wireEntities,
                replyMarkup: keyboard),
            isRepeatable: true, deadline: deadline, as: Ignored.self)
    }

    /// Deletes a message younger than 48 h. Idempotent.
    package func deleteMessage(
        chatID: Int64, messageID: Int64, deadline: ContinuousClock.Instant? = nil
    ) async throws(TelegramError) {
        struct Parameters: Encodable {
            let chatId: Int64
            let messageId: Int64
        }
        _ = try await call(
            "deleteMessage", Parameters(chatId: chatID, messageId: messageID), isRepeatable: true,
            deadline: deadline, as: Ignored.self)
    }

    /// Shows what the bot is doing for the next 5 s.
    package func sendChatAction(
        chatID: Int64, _ action: ChatAction, threadID: Int64? = nil, deadline: ContinuousClock.Instant? = nil
    ) async throws(TelegramError) {
        struct Parameters: Encodable {
            let chatId: Int64
            let messageThreadId: Int64?
            let action: ChatAction
        }
        _ = try await call(
            "sendChatAction", Parameters(chatId: chatID, messageThreadId: threadID, action: action),
            isRepeatable: true, deadline: deadline, as: Ignored.self)
    }

    /// Puts one emoji on a message, or takes the bot's reaction away. Idempotent.
    package func setMessageReaction(
        chatID: Int64, messageID: Int64, emoji: String?, deadline: ContinuousClock.Instant? = nil
    ) async throws(TelegramError) {
        struct Reaction: Encodable {
            let type = "emoji"
            let emoji: String
        }
        struct Parameters: Encodable {
            let chatId: Int64
            let messageId: Int64
            let reaction: [Reaction]
        }
        _ = try await call(
            "setMessageReaction",
            Parameters(
                chatId: chatID, messageId: messageID, reaction: emoji.map { [Reaction(emoji: $0)] } ?? []),
            isRepeatable: true, deadline: deadline, as: Ignored.self)
    }

    /// Ends the spinner on a pressed button; to be called within seconds, before any work.
    ///
    /// - Parameter text: At most 200 characters, shown as a notice.
    package func answerCallbackQuery(
        _ id: String, text: String? = nil, showsAlert: Bool = false, deadline: ContinuousClock.Instant? = nil
    ) async throws(TelegramError) {
        struct Parameters: Encodable {
            let callbackQueryId: String
            let text: String?
            let showAlert: Bool?
        }
        _ = try await call(
            "answerCallbackQuery",
            Parameters(callbackQueryId: id, text: text, showAlert: showsAlert ? true : nil),
            isRepeatable: true, deadline: deadline, as: Ignored.self)
    }

    /// Sends sound that plays in the chat: Ogg/Opus, MP3 or M4A; anything else arrives as a file. Not idempotent.
    ///
    /// - Throws: ``TelegramError/voiceForbidden`` when the user accepts none: send text instead.
    package func sendVoice(
        chatID: Int64, _ voice: OutgoingFile, caption: RichText? = nil, seconds: Int? = nil,
        replyingTo: Int64? = nil, deadline: ContinuousClock.Instant? = nil
    ) async throws(TelegramError) -> Message {
        try await sendFile(
            "sendVoice", field: "voice", voice, chatID: chatID, caption: caption, replyingTo: replyingTo,
            more: seconds.map { [.field("duration", String($0))] } ?? [], deadline: deadline)
    }

    /// Sends a picture. Kept below 100 kB it stays clear of Telegram's limit on uploads of equal size. Not
    /// idempotent.
    package func sendPhoto(
        chatID: Int64, _ photo: OutgoingFile, caption: RichText? = nil, replyingTo: Int64? = nil,
        deadline: ContinuousClock.Instant? = nil
    ) async throws(TelegramError) -> Message {
        try await sendFile(
            "sendPhoto", field: "photo", photo, chatID: chatID, caption: caption, replyingTo: replyingTo,
            more: [],
            deadline: deadline)
    }

    /// Sends a file as it is. Not idempotent.
    package func sendDocument(
        chatID: Int64, _ document: OutgoingFile, caption: RichText? = nil, replyingTo: Int64? = nil,
        deadline: ContinuousClock.Instant? = nil
    ) async throws(TelegramError) -> Message {
        try await sendFile(
            "sendDocument", field: "document", document, chatID: chatID, caption: caption,
            replyingTo: replyingTo, more: [], deadline: deadline)
    }

    private func sendFile(
        _ method: String, field: String, _ file: OutgoingFile, chatID: Int64, caption: RichText?,
        replyingTo: Int64?, more: [MultipartPart], deadline: ContinuousClock.Instant?
    ) async throws(TelegramError) -> Message {
        var parts: [MultipartPart] = [.field("chat_id", String(chatID))] + more
        if let caption {
            parts.append(.field("caption", caption.text))
            if let entities = caption.wireEntities { parts.append(try .json("caption_entities", entities)) }
        }
        if let replyingTo { parts.append(try .json("reply_parameters", ReplyParameters(to: replyingTo))) }
        switch file {
        case .known(let id): parts.append(.field(field, id))
        case .bytes(let bytes, let filename, let contentType):
            parts.append(.file(field, bytes: bytes, filename: filename, contentType: contentType))
        case .path(let path, let filename, let contentType):
            parts.append(.file(field, path: path, filename: filename, contentType: contentType))
        }
        return try await upload(method, parts, deadline: deadline)
    }
}

/// Links in a transcript are the user's words, not something to unfold.
private struct NoLinkPreview: Encodable {
    let isDisabled = true
}

/// A result that is `true` or a message, of which nothing is needed.
struct Ignored: Decodable, Sendable {
    init(from decoder: any Decoder) throws {}
}

extension MultipartPart {
    fileprivate static func json(_ name: String, _ value: some Encodable) throws(TelegramError)
        -> MultipartPart
    {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        guard let data = try? encoder.encode(value) else { throw .invalidRequest(status: 0) }
        return MultipartPart(name: name, content: .bytes([UInt8](data)))
    }
}
