extension BotState {
    // MARK: Looking up

    /// The chat that a call names, if the bot may write there.
    private func writableChat(_ call: APICall) throws(Refusal) -> Chat {
        guard !call.text("chat_id").isEmpty else { throw .badRequest("chat_id is empty") }
        guard let id = call.integer("chat_id"), let chat = chats[id] else {
            throw .badRequest("chat not found")
        }
        guard !chat.isBlocked else { throw .forbidden("bot was blocked by the user") }
        return chat
    }

    private func index(of id: Int64?, in chat: Chat, for purpose: String) throws(Refusal) -> Int {
        guard let id, let index = chat.messages.firstIndex(where: { $0.id == id }) else {
            throw .badRequest("message to \(purpose) not found")
        }
        return index
    }

    /// The id of the message that a new one answers; nil for none, or for one that is gone where that is allowed.
    private func replyTarget(_ call: APICall, in chat: Chat) throws(Refusal) -> Int64? {
        guard let reply = try call.json("reply_parameters") else { return nil }
        guard let id = reply["message_id"]?.integer else {
            throw .badRequest("can't parse reply parameters: message_id is missing")
        }
        if chat.messages.contains(where: { $0.id == id }) { return id }
        guard reply["allow_sending_without_reply"]?.bool == true else {
            throw .badRequest("message to be replied not found")
        }
        return nil
    }

    private mutating func append(
        _ content: [String: JSONValue], replyingTo target: Int64?, to chat: Chat, _ now: Moment
    ) -> JSONValue {
        var content = content
        if let target, let original = chat.messages.first(where: { $0.id == target }) {
            content["reply_to_message"] = json(of: original)
        }
        let message = StoredMessage(
            id: newMessageID(), chatID: chat.user.id, isFromBot: true, date: now.date, content: content)
        chats[chat.user.id]?.messages.append(message)
        return json(of: message)
    }

    // MARK: Methods

    mutating func sendMessage(_ call: APICall, _ now: Moment) throws(Refusal) -> JSONValue {
        let chat = try writableChat(call)
        let text = try TextRules.check(call, isCaption: false)
        var content: [String: JSONValue] = ["text": .string(text.text)]
        if !text.entities.isEmpty { content["entities"] = .array(text.entities) }
        if let markup = try KeyboardRules.check(call) { content["reply_markup"] = markup }
        return append(content, replyingTo: try replyTarget(call, in: chat), to: chat, now)
    }

    mutating func editMessageText(_ call: APICall, _ now: Moment) throws(Refusal) -> JSONValue {
        let chat = try writableChat(call)
        let index = try index(of: call.integer("message_id"), in: chat, for: "edit")
        let text = try TextRules.check(call, isCaption: false)
        let markup = try KeyboardRules.check(call)
        var message = chat.messages[index]
        guard message.isFromBot else { throw .badRequest("message can't be edited") }
        guard message.content["text"] != nil else {
            throw .badRequest("there is no text in the message to edit")
        }
        var content = message.content
        content["text"] = .string(text.text)
        content["entities"] = text.entities.isEmpty ? nil : .array(text.entities)
        content["reply_markup"] = markup
        guard content != message.content else {
            throw .badRequest(
                "message is not modified: specified new message content and reply markup are exactly the same as a "
                    + "current content and reply markup of the message")
        }
        message.content = content
        message.editDate = now.date
        chats[chat.user.id]?.messages[index] = message
        return json(of: message)
    }

    mutating func deleteMessage(_ call: APICall, _ now: Moment) throws(Refusal) -> JSONValue {
        let chat = try writableChat(call)
        let index = try index(of: call.integer("message_id"), in: chat, for: "delete")
        guard now.date - chat.messages[index].date < 48 * 3600 else {
            throw .badRequest("message can't be deleted for everyone")
        }
        chats[chat.user.id]?.messages.remove(at: index)
        return true
    }

    func sendChatAction(_ call: APICall) throws(Refusal) -> JSONValue {
        _ = try writableChat(call)
        let known: Set<String> = [
            "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice",
            "upload_document", "choose_sticker", "find_location", "record_video_note", "upload_video_note",
            "cancel",
        ]
        guard known.contains(call.text("action").lowercased()) else {
            throw .badRequest("wrong parameter action in request")
        }
        return true
    }

    /// Emoji that any chat allows; others need the chat's consent.
    private static let reactions = Set(
        "👍👎❤🔥🥰👏😁🤔🤯😱🤬😢🎉🤩🤮💩🙏👌🕊🤡🥱🥴😍🐳🌚🌭💯🤣⚡🍌🏆💔🤨😐🍓🍾💋😈😴😭🤓👻👀🎃🙈😇😨🤝✍🤗🫡🎅🎄☃💅🤪🗿🆒💘🙉🦄😘💊🙊😎👾🤷😡")

    mutating func setMessageReaction(_ call: APICall) throws(Refusal) -> JSONValue {
        let chat = try writableChat(call)
        let index = try index(of: call.integer("message_id"), in: chat, for: "react")
        let wanted = try call.json("reaction")?.array ?? []
        guard wanted.count <= 1 else { throw .badRequest("REACTIONS_TOO_MANY") }
        for reaction in wanted {
            guard reaction["type"]?.string == "emoji", let emoji = reaction["emoji"]?.string else {
                throw .badRequest("can't parse ReactionType: invalid reaction type specified")
            }
            guard emoji.count == 1, let character = emoji.first,
                Self.reactions.contains(where: { $0.unicodeScalars.first == character.unicodeScalars.first })
            else { throw .badRequest("REACTION_INVALID") }
        }
        chats[chat.user.id]?.messages[index].reactions = wanted
        return true
    }

    mutating func answerCallbackQuery(_ call: APICall, _ now: Moment) throws(Refusal) -> JSONValue {
        guard call.text("text").count <= 200 else { throw .badRequest("MESSAGE_TOO_LONG") }
        guard let expiry = openCallbacks.removeValue(forKey: call.text("callback_query_id")),
            expiry > now.instant
        else {
            throw .badRequest("query is too old and response timeout expired or query ID is invalid")
        }
        return true
    }

    mutating func setMyCommands(_ call: APICall) throws(Refusal) -> JSONValue {
        let wanted = try call.json("commands")?.array ?? []
        guard wanted.count <= 100 else { throw .badRequest("BOT_COMMANDS_TOO_MUCH") }
        for command in wanted {
            let name = command["command"]?.string ?? ""
            let isName = name.utf8.allSatisfy { byte in
                (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x5F
            }
            guard (1...32).contains(name.count), isName else { throw .badRequest("BOT_COMMAND_INVALID") }
            guard (1...256).contains(command["description"]?.string?.count ?? 0) else {
                throw .badRequest("BOT_COMMAND_DESCRIPTION_INVALID")
            }
        }
        commands = wanted
        return true
    }

    // MARK: Files

    mutating func sendVoice(_ call: APICall, _ now: Moment) throws(Refusal) -> JSONValue {
        let chat = try writableChat(call)
        let text = try TextRules.check(call, isCaption: true)
        let target = try replyTarget(call, in: chat)
        guard !chat.refusesVoice else { throw .badRequest("VOICE_MESSAGES_FORBIDDEN") }
        let file = try incoming("voice", call, limit: 50_000_000)
        var voice = file.json
        voice["duration"] = .integer(call.integer("duration") ?? 0)
        return append(withCaption(text, ["voice": .object(voice)]), replyingTo: target, to: chat, now)
    }

    mutating func sendPhoto(_ call: APICall, _ now: Moment) throws(Refusal) -> JSONValue {
        let chat = try writableChat(call)
        let text = try TextRules.check(call, isCaption: true)
        let target = try replyTarget(call, in: chat)
        let file = try incoming("photo", call, limit: 10_000_000)
        return append(withCaption(text, ["photo": [.object(file.json)]]), replyingTo: target, to: chat, now)
    }

    mutating func sendDocument(_ call: APICall, _ now: Moment) throws(Refusal) -> JSONValue {
        let chat = try writableChat(call)
        let text = try TextRules.check(call, isCaption: true)
        let target = try replyTarget(call, in: chat)
        let file = try incoming("document", call, limit: 50_000_000)
        return append(withCaption(text, ["document": .object(file.json)]), replyingTo: target, to: chat, now)
    }

    private func withCaption(_ text: TextRules.Text, _ content: [String: JSONValue]) -> [String: JSONValue] {
        var content = content
        if !text.text.isEmpty { content["caption"] = .string(text.text) }
        if !text.entities.isEmpty { content["caption_entities"] = .array(text.entities) }
        return content
    }

    /// A file that came with the call, or one that is known already.
    private mutating func incoming(_ field: String, _ call: APICall, limit: Int) throws(Refusal) -> StoredFile
    {
        // A multipart call may point at a part by any name.
        let reference = call.text(field)
        let part = reference.hasPrefix("attach://") ? String(reference.dropFirst(9)) : field
        if let upload = call.uploads[part] {
            guard !upload.bytes.isEmpty else { throw .badRequest("file must be non-empty") }
            guard upload.bytes.count <= limit else {
                throw Refusal(code: 413, description: "Request Entity Too Large")
            }
            return store(
                upload.bytes, folder: field, filename: upload.filename, mimeType: upload.contentType)
        }
        guard !reference.isEmpty else { throw .badRequest("there is no \(field) in the request") }
        guard let known = files[reference] else {
            throw .badRequest("wrong file identifier/HTTP URL specified")
        }
        return known
    }

    func getFile(_ call: APICall) throws(Refusal) -> JSONValue {
        let id = call.text("file_id")
        guard !id.isEmpty else { throw .badRequest("file_id not specified") }
        guard let file = files[id] else { throw .badRequest("invalid file_id") }
        guard file.size <= 20 << 20 else { throw .badRequest("file is too big") }
        return [
            "file_id": .string(file.id), "file_unique_id": .string("u" + file.id),
            "file_size": .integer(file.size),
            "file_path": .string(file.path),
        ]
    }
}
