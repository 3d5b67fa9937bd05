/// Rows of buttons under a message.
package struct InlineKeyboard: Hashable, Sendable, Encodable {
    package struct Button: Hashable, Sendable, Encodable {
        package enum Action: Hashable, Sendable {
            /// 1 to 64 **bytes** that come back in a ``CallbackQuery``.
            case callback(String)
            case url(String)
        }

        package var text: String
        package var action: Action

        package init(_ text: String, _ action: Action) {
            self.text = text
            self.action = action
        }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: LenientFields.Name.self)
            try container.encode(text, forKey: .init(stringValue: "text"))
            switch action {
            case .callback(let data): try container.encode(data, forKey: .init(stringValue: "callback_data"))
            case .url(let url): try container.encode(url, forKey: .init(stringValue: "url"))
            }
        }
    }

    package var inlineKeyboard: [[Button]]

    package init(_ rows: [[Button]]) { inlineKeyboard = rows }
}

/// The message that a new one answers.
package struct ReplyParameters: Hashable, Sendable, Encodable {
    package var messageId: Int64
    /// Without this a message whose target was deleted would not be sent at all.
    package var allowSendingWithoutReply = true

    package init(to messageID: Int64) { messageId = messageID }
}

/// What the user sees while the bot works. Lasts 5 s or until the next message; repeat every 4 s.
package enum ChatAction: String, Sendable, Encodable {
    case typing
    case recordVoice = "record_voice"
    case uploadVoice = "upload_voice"
    case uploadPhoto = "upload_photo"
}

/// A file to send.
package enum OutgoingFile: Sendable {
    /// Already on Telegram's servers.
    case known(fileID: String)
    case bytes([UInt8], filename: String, contentType: String)
    case path(String, filename: String, contentType: String)
}

/// An entry of the command menu.
package struct BotCommand: Hashable, Sendable, Encodable {
    /// 1 to 32 lower-case letters, digits and underscores, without the slash.
    package var command: String
    /// At most 256 characters.
    package var description: String

    package init(command: String, description: String) {
        self.command = command
        self.description = description
    }
}
