import BotAPIEmulator
import Foundation
import Synchronization

/// A person's private chat with the bot, seen from the person's side.
struct Chat: Sendable {
    /// A message of the bot as it stands in the chat now.
    struct BotMessage: Hashable, Sendable {
        var id: Int64
        var text: String
        var isEdited: Bool
        /// The person's message that it answers.
        var answers: Int64?
    }

    /// One call of the bot that concerns this chat.
    struct Action: Hashable, Sendable {
        var method: String
        var text: String?
        var status: Int
        /// The message that came of it.
        var message: Int64?
    }

    /// What the bot says before it has an answer.
    static let placeholder = "🎧 Listening…"

    /// Ends what the bot says when it has the words and not yet the coaching.
    static let working = "✍️ Your coaching is on its way…"

    private static let lastUser = Mutex<Int64>(700_000)

    /// Also the person's id.
    let id: Int64
    let emulator: BotAPIEmulator
    private let languageCode: String?

    init(emulator: BotAPIEmulator, languageCode: String? = "en") {
        id = Self.lastUser.withLock { last in
            last += 1
            return last
        }
        self.emulator = emulator
        self.languageCode = languageCode
    }

    var user: EmulatedUser { EmulatedUser(id: id, languageCode: languageCode) }

    // MARK: What a person does

    /// Sends a file as the app does.
    ///
    /// - Returns: The message's id.
    @discardableResult
    func send(
        _ kind: String = "voice", _ bytes: [UInt8] = Fixtures.voiceNote, seconds: Int? = 14,
        mimeType: String? = "audio/ogg", filename: String? = nil, declaredSize: Int64? = nil
    ) async throws -> Int64 {
        try await perform(
            .file(
                UserAction.FileMessage(
                    kind: kind, bytes: bytes, seconds: seconds, mimeType: mimeType, filename: filename,
                    declaredSize: declaredSize)))
    }

    /// Sends a voice note whose size the message does not tell.
    @discardableResult
    func sendUndeclared(_ bytes: [UInt8]) async throws -> Int64 {
        let file = await emulator.store(bytes, filename: "voice.oga", mimeType: "audio/ogg")
        return try await perform(
            .raw(["voice": ["file_id": .string(file), "file_unique_id": "u", "duration": 30]]))
    }

    @discardableResult
    func say(_ text: String) async throws -> Int64 { try await perform(.text(text)) }

    @discardableResult
    func sendSticker() async throws -> Int64 {
        try await perform(
            .raw([
                "sticker": [
                    "file_id": "sticker", "file_unique_id": "usticker", "type": "regular", "width": 512,
                    "height": 512, "is_animated": false, "is_video": false, "emoji": "👍",
                ]
            ]))
    }

    func block() async throws { _ = try await emulator.perform(.block, by: user) }
    func unblock() async throws { _ = try await emulator.perform(.unblock, by: user) }

    private func perform(_ action: UserAction) async throws -> Int64 {
        guard let id = try await emulator.perform(action, by: user).messageID else {
            throw NeverHappened(description: "the app gave the message no id")
        }
        return id
    }

    // MARK: What a person sees

    /// Everything that the bot has written and not deleted, oldest first; without pictures, sound and files.
    func botMessages() async -> [BotMessage] {
        await emulator.messages(inChat: id).compactMap { message in
            guard message["from"]?["is_bot"]?.bool == true, let id = message["message_id"]?.integer,
                let text = message["text"]?.string
            else { return nil }
            return BotMessage(
                id: id, text: text, isEdited: message["edit_date"] != nil,
                answers: message["reply_to_message"]?["message_id"]?.integer)
        }
    }

    /// The bot's reactions to the person's messages.
    func reactions() async -> [String] {
        await emulator.messages(inChat: id).flatMap { message in
            (message["reactions"]?.array ?? []).compactMap { $0["emoji"]?.string }
        }
    }

    /// What the bot did in this chat, oldest first; reactions included, reads not.
    func allActions() async -> [Action] {
        await emulator.calls().filter { $0.chatID == id }.map { call in
            Action(
                method: call.method, text: call.text, status: call.status,
                message: call.answer["result"]?["message_id"]?.integer)
        }
    }

    /// The same without what only goes along: typing, the words before the coaching, pictures.
    func actions() async -> [Action] {
        await allActions().filter { action in
            !["sendChatAction", "sendPhoto", "sendVoice", "sendDocument"].contains(action.method)
                && action.text?.hasSuffix(Self.working) != true
        }
    }

    /// Answers, however often edited: messages that say neither that the bot listens nor that it thinks.
    func results() async -> [BotMessage] {
        await botMessages().filter { $0.text != Self.placeholder && !$0.text.hasSuffix(Self.working) }
    }

    /// The first message that is an answer and no placeholder.
    func answer(within limit: Duration = .seconds(90)) async throws -> BotMessage {
        try await eventually("an answer in chat \(id)", within: limit) {
            await results().first
        }
    }

    /// Waits for the bot to say that it listens.
    func placeholder(within limit: Duration = .seconds(60)) async throws -> BotMessage {
        try await eventually("a placeholder in chat \(id)", within: limit) {
            await botMessages().first { $0.text == Self.placeholder }
        }
    }
}
