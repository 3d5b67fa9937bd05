import BotAPIEmulator
import Foundation

/// Buttons, pictures, sound and files, as a person meets them.
extension Chat {
    /// A button under a message of the bot.
    struct Button: Hashable, Sendable {
        var label: String
        var data: String
    }

    /// A file that the bot has sent.
    struct Received: Hashable, Sendable {
        /// `photo`, `voice` or `document`.
        var kind: String
        var caption: String
        var bytes: [UInt8]
    }

    func buttons(under message: Int64) async -> [Button] {
        await emulator.messages(inChat: id).filter { $0["message_id"]?.integer == message }
            .flatMap { $0["reply_markup"]?["inline_keyboard"]?.array ?? [] }
            .flatMap { $0.array ?? [] }
            .compactMap { button in
                guard let label = button["text"]?.string, let data = button["callback_data"]?.string else {
                    return nil
                }
                return Button(label: label, data: data)
            }
    }

    /// Presses the button whose label contains `label`, waiting for it to appear.
    func press(_ label: String, under message: Int64) async throws {
        let button = try await eventually("a button \(label)") {
            await buttons(under: message).first { $0.label.contains(label) }
        }
        try await press(data: button.data, under: message)
    }

    func press(data: String, under message: Int64) async throws {
        _ = try await emulator.perform(.press(messageID: message, data: data), by: user)
    }

    /// The first message of the bot after `message` that fulfils a condition.
    func says(
        after message: Int64, _ what: String, within limit: Duration = .seconds(60),
        _ fits: (BotMessage) -> Bool = { _ in true }
    ) async throws -> BotMessage {
        try await eventually("the bot says \(what)", within: limit) {
            await botMessages().first { $0.id > message && fits($0) }
        }
    }

    /// The message as it stands, once it fulfils a condition.
    func becomes(_ message: Int64, _ what: String, _ fits: (BotMessage) -> Bool) async throws -> BotMessage {
        try await eventually("the message becomes \(what)") {
            await botMessages().first { $0.id == message && fits($0) }
        }
    }

    /// The bot's files after `message`, once there are as many.
    func files(_ kind: String, after message: Int64 = 0, count: Int = 1) async throws -> [Received] {
        try await eventually("\(count) \(kind) after message \(message)", within: .seconds(90)) {
            let found = await receivedFiles(kind, after: message)
            return found.count >= count ? found : nil
        }
    }

    /// The bot's files that stand in the chat.
    func receivedFiles(_ kind: String, after message: Int64 = 0) async -> [Received] {
        var found: [Received] = []
        for sent in await emulator.messages(inChat: id)
        where (sent["message_id"]?.integer ?? 0) > message && sent["from"]?["is_bot"]?.bool == true {
            let file = kind == "photo" ? sent["photo"]?.array?.last : sent[kind]
            guard let file = file?["file_id"]?.string, let bytes = await emulator.bytes(ofFile: file) else {
                continue
            }
            found.append(Received(kind: kind, caption: sent["caption"]?.string ?? "", bytes: bytes))
        }
        return found
    }
}
