/// A person who talks with the bot.
package struct EmulatedUser: Hashable, Sendable, Codable {
    /// Also the id of the private chat.
    package var id: Int64
    package var firstName: String
    package var languageCode: String?

    package init(id: Int64, firstName: String = "Sam", languageCode: String? = "en") {
        self.id = id
        self.firstName = firstName
        self.languageCode = languageCode
    }

    var json: JSONValue {
        var fields: [String: JSONValue] = [
            "id": .integer(id), "is_bot": false, "first_name": .string(firstName),
        ]
        if let languageCode { fields["language_code"] = .string(languageCode) }
        return .object(fields)
    }

    var chat: JSONValue {
        ["id": .integer(id), "type": "private", "first_name": .string(firstName)]
    }
}

/// A message as both sides see it.
struct StoredMessage {
    let id: Int64
    let chatID: Int64
    let isFromBot: Bool
    let date: Int64
    var editDate: Int64?
    /// Text or caption with entities, markup, the file: what else the Bot API shows of it.
    var content: [String: JSONValue]
    /// The bot's reactions.
    var reactions: [JSONValue] = []
}

/// A file on the emulated servers.
struct StoredFile {
    let id: String
    let path: String
    let bytes: [UInt8]
    /// What `getFile` goes by; larger than the bytes where a test pretends.
    let size: Int64
    let mimeType: String?
    let filename: String?

    /// What messages show of it.
    var json: [String: JSONValue] {
        var fields: [String: JSONValue] = [
            "file_id": .string(id), "file_unique_id": .string("u" + id), "file_size": .integer(size),
        ]
        if let mimeType { fields["mime_type"] = .string(mimeType) }
        return fields
    }
}

/// Everything Telegram knows about one bot and the people it talks with.
///
/// Pure: calls go in with the time, answers come out. The texts of refusals are those of the Bot API server.
struct BotState {
    struct Chat {
        var user: EmulatedUser
        /// The user has blocked the bot.
        var isBlocked = false
        /// The user accepts no voice messages.
        var refusesVoice = false
        var messages: [StoredMessage] = []
    }

    struct Webhook: Equatable {
        var url: String
        var secret: String
        var maximumConnections: Int
    }

    struct Moment {
        /// Wall clock, Unix seconds.
        let date: Int64
        let instant: ContinuousClock.Instant
    }

    let bot: JSONValue
    var chats: [Int64: Chat] = [:]
    var files: [String: StoredFile] = [:]
    /// Ids of presses that can still be answered.
    var openCallbacks: [String: ContinuousClock.Instant] = [:]
    var commands: [JSONValue] = []
    var webhook: Webhook?
    var allowedUpdates: Set<String> = []
    var updates: UpdateQueue
    var lastError: (date: Int64, message: String)?
    private var lastWebhookChange: ContinuousClock.Instant?
    private var lastMessageID: Int64 = 0
    private var lastUpdateID: Int64
    private var lastFileNumber = 0

    init(botID: Int64, username: String, firstUpdateID: Int64, timeScale: Double = 1) {
        bot = [
            "id": .integer(botID), "is_bot": true, "first_name": "Speech Coach",
            "username": .string(username),
        ]
        lastUpdateID = firstUpdateID - 1
        updates = UpdateQueue(timeScale: timeScale)
    }

    mutating func newMessageID() -> Int64 {
        lastMessageID += 1
        return lastMessageID
    }

    /// Queues an update unless the bot does not want its kind.
    ///
    /// - Returns: Its id; nil when it was not wanted.
    @discardableResult
    mutating func announce(
        _ kind: String, _ content: JSONValue, queue: String, lifetime: Duration, at now: Moment
    ) -> Int64? {
        guard allowedUpdates.isEmpty || allowedUpdates.contains(kind) else { return nil }
        lastUpdateID += 1
        updates.add(
            id: lastUpdateID, body: ["update_id": .integer(lastUpdateID), kind: content], queue: queue,
            lifetime: lifetime, at: now.instant)
        return lastUpdateID
    }

    mutating func store(
        _ bytes: [UInt8], folder: String, filename: String?, mimeType: String?, declaredSize: Int64? = nil
    ) -> StoredFile {
        lastFileNumber += 1
        let fallback = folder == "voice" ? "oga" : "bin"
        let suffix = filename?.split(separator: ".").last.map(String.init) ?? fallback
        let file = StoredFile(
            id: "file\(lastFileNumber)", path: "\(folder)/file_\(lastFileNumber).\(suffix)", bytes: bytes,
            size: declaredSize ?? Int64(bytes.count), mimeType: mimeType, filename: filename)
        files[file.id] = file
        return file
    }

    func file(atPath path: String) -> StoredFile? { files.values.first { $0.path == path } }

    func json(of message: StoredMessage) -> JSONValue {
        guard let chat = chats[message.chatID] else { return .null }
        var fields = message.content
        fields["message_id"] = .integer(message.id)
        fields["date"] = .integer(message.date)
        fields["chat"] = chat.user.chat
        fields["from"] = message.isFromBot ? bot : chat.user.json
        if let edited = message.editDate { fields["edit_date"] = .integer(edited) }
        return .object(fields)
    }

    // MARK: Calls

    /// Everything but `getUpdates`: that one waits, and nothing here waits.
    mutating func answer(_ call: APICall, at now: Moment) -> APIAnswer {
        do throws(Refusal) {
            return .success(try perform(call, now))
        } catch {
            return .failure(error)
        }
    }

    private mutating func perform(_ call: APICall, _ now: Moment) throws(Refusal) -> JSONValue {
        switch call.method.lowercased() {
        case "getme": return bot
        case "sendmessage": return try sendMessage(call, now)
        case "editmessagetext": return try editMessageText(call, now)
        case "deletemessage": return try deleteMessage(call, now)
        case "sendchataction": return try sendChatAction(call)
        case "setmessagereaction": return try setMessageReaction(call)
        case "sendvoice": return try sendVoice(call, now)
        case "sendphoto": return try sendPhoto(call, now)
        case "senddocument": return try sendDocument(call, now)
        case "answercallbackquery": return try answerCallbackQuery(call, now)
        case "getfile": return try getFile(call)
        case "setmycommands": return try setMyCommands(call)
        case "setwebhook": return try setWebhook(call, now)
        case "deletewebhook": return try removeWebhook(call)
        case "getwebhookinfo": return webhookInfo
        default: throw Refusal(code: 404, description: "Not Found: method not found")
        }
    }

    // MARK: Webhook and polling

    private mutating func setWebhook(_ call: APICall, _ now: Moment) throws(Refusal) -> JSONValue {
        let url = call.text("url")
        guard !url.isEmpty else { return try removeWebhook(call) }
        if let last = lastWebhookChange, now.instant - last < .seconds(1) {
            throw .tooManyRequests(retryAfter: 1)
        }
        lastWebhookChange = now.instant
        // Like a server in local mode: plain HTTP and any port will do.
        guard url.hasPrefix("http://") || url.hasPrefix("https://"), url.split(separator: "/").count >= 2
        else {
            throw .badRequest("invalid webhook URL specified")
        }
        let secret = call.text("secret_token")
        guard secret.utf8.count <= 256 else { throw .badRequest("secret token is too long") }
        guard secret.utf8.allSatisfy(Self.isSecretByte) else {
            throw .badRequest("secret token contains unallowed characters")
        }
        let connections = Int(call.integer("max_connections") ?? 40)
        let wanted = Webhook(url: url, secret: secret, maximumConnections: min(max(connections, 1), 100))
        try updateAllowedUpdates(call)
        if call.flag("drop_pending_updates") { updates.dropAll() }
        let isUnchanged = webhook == wanted
        if !isUnchanged {
            webhook = wanted
            lastError = nil
        }
        return true
    }

    private static func isSecretByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
        default: false
        }
    }

    private mutating func removeWebhook(_ call: APICall) throws(Refusal) -> JSONValue {
        webhook = nil
        lastError = nil
        if call.flag("drop_pending_updates") { updates.dropAll() }
        return true
    }

    /// Left out it keeps what it was; an empty list means all but a few special kinds.
    mutating func updateAllowedUpdates(_ call: APICall) throws(Refusal) {
        guard let list = try call.json("allowed_updates")?.array else { return }
        allowedUpdates = Set(list.compactMap(\.string))
    }

    private var webhookInfo: JSONValue {
        var fields: [String: JSONValue] = [
            "url": .string(webhook?.url ?? ""), "has_custom_certificate": false,
            "pending_update_count": .integer(Int64(updates.pending.count)),
        ]
        if let webhook { fields["max_connections"] = .integer(Int64(webhook.maximumConnections)) }
        if !allowedUpdates.isEmpty {
            fields["allowed_updates"] = .array(allowedUpdates.sorted().map { .string($0) })
        }
        if let lastError {
            fields["last_error_date"] = .integer(lastError.date)
            fields["last_error_message"] = .string(lastError.message)
        }
        return .object(fields)
    }
}
