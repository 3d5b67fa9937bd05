import CoachDomain
import CoachStore
import Conversation
package import Telegram

/// What the bot makes of one update; pure.
package struct UpdateClassifier: Sendable {
    /// Why an update leads to nothing.
    package enum Ignorable: String, Sendable {
        case edited, foreignButton, membership, unknownKind, fromBot, groupChatter, serviceMessage
    }

    package enum Verdict: Hashable, Sendable {
        case take(Intake)
        case ignore(Ignorable)
    }

    package init() {}

    package func verdict(on update: Update) -> Verdict {
        switch update.content {
        case .message(let message): verdict(on: message, updateID: update.id)
        case .editedMessage: .ignore(.edited)
        case .callbackQuery(let query): verdict(on: query, updateID: update.id)
        case .myChatMember: .ignore(.membership)
        case .other: .ignore(.unknownKind)
        }
    }

    private func verdict(on message: Message, updateID: Int64) -> Verdict {
        if message.from?.isBot == true { return .ignore(.fromBot) }
        guard message.id > 0 else { return .ignore(.serviceMessage) }
        if let attachment = message.file, let kind = kind(of: attachment) {
            return .take(.note(note(kind, attachment, message, updateID)))
        }
        guard let request = request(in: message) else { return .ignore(.groupChatter) }
        return .take(
            .request(
                IncomingRequest(
                    userID: message.from?.id ?? message.chat.id, chatID: message.chat.id, updateID: updateID,
                    messageID: message.id, languageCode: message.from?.languageCode.map(Self.storable),
                    body: request)))
    }

    /// A button is pressed in the chat where it was sent. One of another program, or under a message that cannot be
    /// addressed any more, asks for nothing that could be answered.
    private func verdict(on query: CallbackQuery, updateID: Int64) -> Verdict {
        guard let message = query.message, message.id > 0,
            let request = query.data.flatMap(CallbackData.decode)
        else { return .ignore(.foreignButton) }
        return .take(
            .request(
                IncomingRequest(
                    userID: query.from.id, chatID: message.chat.id, updateID: updateID,
                    messageID: message.id, callbackQueryID: Self.storable(query.id),
                    languageCode: query.from.languageCode.map(Self.storable), body: request)))
    }

    private func note(
        _ kind: IncomingNote.Kind, _ attachment: MessageFile, _ message: Message, _ updateID: Int64
    ) -> IncomingNote {
        IncomingNote(
            userID: message.from?.id ?? message.chat.id, chatID: message.chat.id, updateID: updateID,
            messageID: message.id, kind: kind, fileID: Self.storable(attachment.fileID),
            fileUniqueID: attachment.fileUniqueID.map(Self.storable), fileBytes: attachment.fileSize,
            mimeType: attachment.mimeType.map(Self.storable),
            declaredSeconds: attachment.duration.map(Double.init),
            languageCode: message.from?.languageCode.map(Self.storable))
    }

    /// `nil` for a file that does not even claim to hold sound. What claims to is opened and judged by its bytes.
    private func kind(of attachment: MessageFile) -> IncomingNote.Kind? {
        switch attachment.kind {
        case .voice: .voice
        case .audio: .audio
        case .videoNote: .videoNote
        case .video: .video
        case .animation: nil
        case .document: claimsSound(attachment) ? .document : nil
        }
    }

    private func claimsSound(_ attachment: MessageFile) -> Bool {
        let type = attachment.mimeType?.lowercased() ?? ""
        if type.hasPrefix("audio/") || type.hasPrefix("video/") || type == "application/ogg" { return true }
        guard let name = attachment.fileName?.lowercased() else { return type.isEmpty }
        return Self.soundExtensions.contains { name.hasSuffix("." + $0) }
    }

    private static let soundExtensions = [
        "ogg", "oga", "opus", "mp3", "m4a", "mp4", "aac", "wav", "flac", "webm", "mov", "amr", "3gp",
    ]

    /// In a group the bot answers commands only: it is not spoken to by everybody who types.
    private func request(in message: Message) -> SpeakerRequest? {
        let isPrivate = message.chat.kind == .private
        guard let command = message.command?.name else {
            guard isPrivate else { return nil }
            return .tell(message.text != nil ? .text : .unsupported)
        }
        if let request = Self.commands[command] { return request }
        return isPrivate ? .tell(.unknownCommand) : nil
    }

    /// By name; the menu that Telegram shows is made of the phrasebook's descriptions of these.
    private static let commands: [String: SpeakerRequest] = [
        "start": .tell(.start), "help": .tell(.help), "privacy": .tell(.privacy), "progress": .progress,
        "history": .history, "topics": .practise(nil), "settings": .settings(.overview), "export": .export,
        "delete": .erase(.ask),
    ]

    /// Postgres text cannot hold U+0000.
    private static func storable(_ text: String) -> String {
        text.contains("\0") ? text.replacing("\0", with: "") : text
    }
}
