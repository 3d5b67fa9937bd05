/// What a person does in the chat.
package enum UserAction: Sendable, Equatable {
    /// A file of the person's, declared as the sender's app would.
    package struct FileMessage: Sendable, Equatable {
        /// `voice`, `audio`, `video_note`, `video` or `document`.
        package var kind: String
        package var bytes: [UInt8]
        /// A file that was stored before, instead of the bytes.
        package var storedFileID: String?
        package var seconds: Int?
        package var mimeType: String?
        package var filename: String?
        /// Declared instead of the real size, to look like a larger file.
        package var declaredSize: Int64?

        package init(
            kind: String = "voice", bytes: [UInt8], storedFileID: String? = nil, seconds: Int? = nil,
            mimeType: String? = "audio/ogg",
            filename: String? = nil, declaredSize: Int64? = nil
        ) {
            self.kind = kind
            self.bytes = bytes
            self.storedFileID = storedFileID
            self.seconds = seconds
            self.mimeType = mimeType
            self.filename = filename
            self.declaredSize = declaredSize
        }
    }

    case text(String)
    case file(FileMessage)
    /// Presses the button with that data under a message of the bot.
    case press(messageID: Int64, data: String)
    case block
    case unblock
    /// From now on voice messages to this person are refused.
    case refuseVoice
    /// Any content of a message, as the Bot API would show it: for kinds and faults nobody thought of.
    case raw([String: JSONValue])
}

/// What a person's action led to.
package struct UserActionResult: Sendable, Equatable {
    /// Nil when the bot does not want updates of that kind.
    package let updateID: Int64?
    package let messageID: Int64?
}

extension BotState {
    private static let messageLifetime = Duration.seconds(24 * 3600)
    private static let callbackLifetime = Duration.seconds(150)

    /// - Throws: 400 when the person tries what the app would not let them do.
    mutating func perform(
        _ action: UserAction, by user: EmulatedUser, at now: Moment
    ) throws(Refusal) -> UserActionResult {
        var chat = chats[user.id] ?? Chat(user: user)
        chat.user = user
        chats[user.id] = chat
        switch action {
        case .text(let text):
            var content: [String: JSONValue] = ["text": .string(text)]
            if text.hasPrefix("/") {
                let length = text.prefix { !$0.isWhitespace }.utf16.count
                content["entities"] = [
                    ["type": "bot_command", "offset": 0, "length": .integer(Int64(length))]
                ]
            }
            return say(content, user, now)
        case .file(let file):
            return say(try declaration(of: file), user, now)
        case .raw(let content):
            return say(content, user, now)
        case .press(let id, let data):
            return try press(id, data, user, now)
        case .block, .unblock:
            return setBlocked(action == .block, user, now)
        case .refuseVoice:
            chats[user.id]?.refusesVoice = true
            return UserActionResult(updateID: nil, messageID: nil)
        }
    }

    private mutating func say(
        _ content: [String: JSONValue], _ user: EmulatedUser, _ now: Moment
    ) -> UserActionResult {
        let message = StoredMessage(
            id: newMessageID(), chatID: user.id, isFromBot: false, date: now.date, content: content)
        chats[user.id]?.messages.append(message)
        let update = announce(
            "message", json(of: message), queue: "chat \(user.id)", lifetime: Self.messageLifetime, at: now)
        return UserActionResult(updateID: update, messageID: message.id)
    }

    private mutating func declaration(
        of message: UserAction.FileMessage
    ) throws(Refusal) -> [String: JSONValue] {
        let folder =
            ["voice": "voice", "audio": "music", "video_note": "video_notes"][message.kind] ?? "documents"
        let file: StoredFile
        if let id = message.storedFileID {
            guard let stored = files[id] else { throw .badRequest("no file \(id)") }
            file = stored
        } else {
            file = store(
                message.bytes, folder: folder, filename: message.filename, mimeType: message.mimeType,
                declaredSize: message.declaredSize)
        }
        var fields = file.json
        if let seconds = message.seconds { fields["duration"] = .integer(Int64(seconds)) }
        if let filename = message.filename { fields["file_name"] = .string(filename) }
        if message.kind == "video_note" { fields["length"] = 384 }
        return [message.kind: .object(fields)]
    }

    private mutating func press(
        _ id: Int64, _ data: String, _ user: EmulatedUser, _ now: Moment
    ) throws(Refusal) -> UserActionResult {
        guard let message = chats[user.id]?.messages.first(where: { $0.id == id }) else {
            throw .badRequest("no message \(id) in the chat")
        }
        let buttons = message.content["reply_markup"]?["inline_keyboard"]?.array ?? []
        let carried = buttons.flatMap { $0.array ?? [] }.compactMap { $0["callback_data"]?.string }
        guard carried.contains(data) else {
            throw .badRequest("no button with that data under message \(id)")
        }
        let query = "\(user.id)\(openCallbacks.count + 1)\(now.date)"
        openCallbacks[query] = now.instant + .seconds(15)
        let update = announce(
            "callback_query",
            [
                "id": .string(query), "from": user.json, "data": .string(data), "chat_instance": "1",
                "message": json(of: message),
            ],
            queue: "user \(user.id)", lifetime: Self.callbackLifetime, at: now)
        return UserActionResult(updateID: update, messageID: nil)
    }

    private mutating func setBlocked(
        _ isBlocked: Bool, _ user: EmulatedUser, _ now: Moment
    ) -> UserActionResult {
        chats[user.id]?.isBlocked = isBlocked
        let (old, new) = isBlocked ? ("member", "kicked") : ("kicked", "member")
        let update = announce(
            "my_chat_member",
            [
                "chat": user.chat, "from": user.json, "date": .integer(now.date),
                "old_chat_member": ["user": bot, "status": .string(old)],
                "new_chat_member": ["user": bot, "status": .string(new)],
            ],
            queue: "membership \(user.id)", lifetime: Self.messageLifetime, at: now)
        return UserActionResult(updateID: update, messageID: nil)
    }
}
