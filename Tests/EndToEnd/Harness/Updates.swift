import ProviderFakes

/// Updates in Telegram's own form, for requests that no app would cause.
enum Updates {
    static func voice(
        _ update: Int64, chat: Int64, message: Int64, file: String = "file1", language: String? = "en"
    ) -> JSON {
        Self.message(
            update, chat: chat, message: message,
            content: [
                "voice": [
                    "file_id": .string(file), "file_unique_id": .string("u" + file), "duration": 14,
                    "mime_type": "audio/ogg", "file_size": 40_000,
                ]
            ])
    }

    static func text(_ update: Int64, chat: Int64, message: Int64, _ text: String) -> JSON {
        Self.message(update, chat: chat, message: message, content: ["text": .string(text)])
    }

    /// The press of a button under a message of the bot, with data that no app would send.
    static func press(_ update: Int64, user: Int64, message: Int64, _ data: String) -> JSON {
        let chat: JSON = ["id": .integer(Int(user)), "type": "private"]
        return [
            "update_id": .integer(Int(update)),
            "callback_query": [
                "id": "forged", "from": ["id": .integer(Int(user)), "is_bot": false], "data": .string(data),
                "message": ["message_id": .integer(Int(message)), "date": 1_795_000_000, "chat": chat],
            ],
        ]
    }

    static func message(_ update: Int64, chat: Int64, message: Int64, content: [String: JSON]) -> JSON {
        let person: JSON = [
            "id": .integer(Int(chat)), "is_bot": false, "first_name": "Sam", "language_code": "en",
        ]
        let fields: [String: JSON] = [
            "message_id": .integer(Int(message)), "date": 1_795_000_000, "from": person,
            "chat": ["id": .integer(Int(chat)), "type": "private", "first_name": "Sam"],
        ]
        return [
            "update_id": .integer(Int(update)), "message": .object(fields.merging(content) { $1 }),
        ]
    }
}
