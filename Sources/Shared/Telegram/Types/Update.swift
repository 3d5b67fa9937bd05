package import Foundation

/// One event from Telegram.
package struct Update: Hashable, Sendable, Decodable {
    package enum Content: Hashable, Sendable {
        case message(Message)
        case editedMessage(Message)
        case callbackQuery(CallbackQuery)
        /// The bot's own standing in a chat changed: a user blocked or unblocked it, for example.
        case myChatMember(ChatMemberChange)
        /// A kind of no interest, or one without the ids that it cannot do without. The name is Telegram's.
        case other(kind: String)
    }

    /// Positive; sequential, but starts anew at random after a week of silence. For recognizing repetitions
    /// only.
    package let id: Int64
    package let content: Content

    package init(id: Int64, content: Content) {
        self.id = id
        self.content = content
    }

    package init(from decoder: any Decoder) throws {
        let fields = try LenientFields(decoder)
        id = try fields.required("update_id")
        if let message = fields.optional("message", as: Message.self) {
            content = .message(message)
        } else if let message = fields.optional("edited_message", as: Message.self) {
            content = .editedMessage(message)
        } else if let query = fields.optional("callback_query", as: CallbackQuery.self) {
            content = .callbackQuery(query)
        } else if let change = fields.optional("my_chat_member", as: ChatMemberChange.self) {
            content = .myChatMember(change)
        } else {
            // Bounded, because it may end up in a log line.
            let kind = fields.names.filter { $0 != "update_id" }.min() ?? "none"
            content = .other(kind: String(kind.prefix(64)))
        }
    }

    /// Reads a webhook's request body.
    ///
    /// - Throws: `DecodingError` when it is not JSON, is nested deeper than 512 levels or has no update id. Such
    ///   a body can never be understood; answering it with a failure would only bring it back.
    package init(json: Data) throws {
        self = try JSONDecoder().decode(Update.self, from: json)
    }
}

/// The press of a button under a message.
package struct CallbackQuery: Hashable, Sendable, Decodable {
    package let id: String
    package let from: User
    /// What the button carried, at most 64 bytes.
    package let data: String?
    /// The message under which the button was, as far as it is still accessible.
    package let message: Message?

    package init(from decoder: any Decoder) throws {
        let fields = try LenientFields(decoder)
        id = try fields.required("id")
        from = try fields.required("from")
        data = fields.optional("data")
        message = fields.optional("message")
    }
}

/// A change of the bot's own membership.
package struct ChatMemberChange: Hashable, Sendable, Decodable {
    package enum Status: String, Sendable {
        case creator, administrator, member, restricted, left, kicked
    }

    package let chat: Chat
    package let from: User
    /// In a private chat `kicked` means that the user blocked the bot. Nil for a status we do not know.
    package let status: Status?

    package init(from decoder: any Decoder) throws {
        let fields = try LenientFields(decoder)
        chat = try fields.required("chat")
        from = try fields.required("from")
        status = fields.optional("new_chat_member", as: Member.self)?.status
    }

    private struct Member: Decodable {
        let status: Status?

        init(from decoder: any Decoder) throws {
            status = try LenientFields(decoder).optional("status", as: String.self).flatMap(Status.init)
        }
    }
}
