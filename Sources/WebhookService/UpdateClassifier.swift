import CoachDomain
import CoachStore
package import Conversation
package import Telegram

/// What the bot makes of one update; pure.
package struct UpdateClassifier: Sendable {
    /// Why an update leads to nothing.
    package enum Ignorable: String, Sendable {
        case edited, callback, membership, unknownKind, fromBot, groupChatter, serviceMessage
    }

    package enum Verdict: Hashable, Sendable {
        case take(Intake)
        case ignore(Ignorable)
    }

    private let phrasebooks: Phrasebooks

    package init(phrasebooks: Phrasebooks) { self.phrasebooks = phrasebooks }

    package func verdict(on update: Update) -> Verdict {
        switch update.content {
        case .message(let message): verdict(on: message, updateID: update.id)
        case .editedMessage: .ignore(.edited)
        case .callbackQuery: .ignore(.callback)
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
        guard let question = question(in: message) else { return .ignore(.groupChatter) }
        let language = message.from?.languageCode.map(Self.storable)
        return .take(
            .question(
                IncomingQuestion(
                    userID: message.from?.id ?? message.chat.id, chatID: message.chat.id, updateID: updateID,
                    messageID: message.id, languageCode: language,
                    answer: RichText(text: phrasebooks.book(for: language).answer(to: question)))))
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
    private func question(in message: Message) -> Phrasebook.Question? {
        let isPrivate = message.chat.kind == .private
        switch message.command?.name {
        case "start": return .start
        case "help": return .help
        case .some: return isPrivate ? .unknownCommand : nil
        case nil:
            guard isPrivate else { return nil }
            return message.text != nil ? .text : .unsupported
        }
    }

    /// Postgres text cannot hold U+0000.
    private static func storable(_ text: String) -> String {
        text.contains("\0") ? text.replacing("\0", with: "") : text
    }
}
