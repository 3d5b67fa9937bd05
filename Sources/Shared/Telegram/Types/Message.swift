/// A message in a chat, as far as the product reads it.
package struct Message: Hashable, Sendable, Decodable {
    /// Unique in its chat. 0 for a message that cannot be addressed.
    package let id: Int64
    package let chat: Chat
    /// Absent in channels.
    package let from: User?
    /// Unix time in seconds; 0 or absent for an inaccessible message.
    package let date: Int64?
    package let text: String?
    package let caption: String?
    package let entities: [MessageEntity]
    /// What can hold sound. Nil for anything else.
    package let file: MessageFile?
    /// Id of the message in the same chat that this one answers.
    package let replyToMessageID: Int64?
    /// The topic of a forum to which an answer belongs.
    package let threadID: Int64?
    /// Set on the last message of a group that became a supergroup.
    package let migratedToChatID: Int64?

    package init(
        id: Int64, chat: Chat, from: User? = nil, date: Int64? = nil, text: String? = nil,
        caption: String? = nil,
        entities: [MessageEntity] = [], file: MessageFile? = nil, replyToMessageID: Int64? = nil,
        threadID: Int64? = nil, migratedToChatID: Int64? = nil
    ) {
        self.id = id
        self.chat = chat
        self.from = from
        self.date = date
        self.text = text
        self.caption = caption
        self.entities = entities
        self.file = file
        self.replyToMessageID = replyToMessageID
        self.threadID = threadID
        self.migratedToChatID = migratedToChatID
    }

    package init(from decoder: any Decoder) throws {
        let fields = try LenientFields(decoder)
        id = try fields.required("message_id")
        chat = try fields.required("chat")
        from = fields.optional("from")
        date = fields.optional("date")
        text = fields.optional("text")
        caption = fields.optional("caption")
        entities = fields.list("entities") ?? []
        file = MessageFile(in: fields)
        // Only its id: messages that quote messages that quote messages need no bound then.
        replyToMessageID = fields.optional("reply_to_message", as: Reference.self)?.id
        threadID = fields.optional("message_thread_id")
        migratedToChatID = fields.optional("migrate_to_chat_id")
    }

    /// The command at the very start of the text, without slash and bot name, in lower case; and what follows.
    package var command: (name: String, argument: String)? {
        guard let text, text.hasPrefix("/") else { return nil }
        let words = text.dropFirst().split(maxSplits: 1, omittingEmptySubsequences: false) { $0.isWhitespace }
        guard let name = words.first?.prefix(while: { $0 != "@" }), !name.isEmpty else { return nil }
        return (name.lowercased(), words.count > 1 ? String(words[1]) : "")
    }

    private struct Reference: Decodable {
        let id: Int64

        init(from decoder: any Decoder) throws { id = try LenientFields(decoder).required("message_id") }
    }
}

/// Where messages are exchanged. The id is 64-bit and negative for groups.
package struct Chat: Hashable, Sendable, Decodable {
    package enum Kind: String, Sendable {
        case `private`, group, supergroup, channel
    }

    package let id: Int64
    /// Nil for a kind we do not know.
    package let kind: Kind?

    package init(id: Int64, kind: Kind? = .private) {
        self.id = id
        self.kind = kind
    }

    package init(from decoder: any Decoder) throws {
        let fields = try LenientFields(decoder)
        id = try fields.required("id")
        kind = fields.optional("type", as: String.self).flatMap(Kind.init)
    }
}

/// A person or a bot.
package struct User: Hashable, Sendable, Decodable {
    package let id: Int64
    package let isBot: Bool
    package let firstName: String?
    package let username: String?
    /// IETF tag of the user's app, such as `pt-br`.
    package let languageCode: String?

    package init(
        id: Int64, isBot: Bool = false, firstName: String? = nil, username: String? = nil,
        languageCode: String? = nil
    ) {
        self.id = id
        self.isBot = isBot
        self.firstName = firstName
        self.username = username
        self.languageCode = languageCode
    }

    package init(from decoder: any Decoder) throws {
        let fields = try LenientFields(decoder)
        id = try fields.required("id")
        isBot = fields.optional("is_bot") ?? false
        firstName = fields.optional("first_name")
        username = fields.optional("username")
        languageCode = fields.optional("language_code")
    }
}
