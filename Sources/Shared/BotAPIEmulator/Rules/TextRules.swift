/// What Telegram does to a text before it becomes a message.
enum TextRules {
    static let messageLimit = 4096
    static let captionLimit = 1024

    struct Text: Equatable {
        var text: String
        var entities: [JSONValue]
    }

    /// Checks and normalizes a text with its entities.
    ///
    /// - Parameter isCaption: Captions may be empty and are shorter.
    static func check(_ call: APICall, isCaption: Bool) throws(Refusal) -> Text {
        let text = call.text(isCaption ? "caption" : "text")
        guard text.utf8.count <= 1 << 15 else { throw .badRequest("Text is too long") }
        guard call.text("parse_mode").isEmpty else { throw .badRequest("Unsupported parse_mode") }
        let given = try call.json(isCaption ? "caption_entities" : "entities")?.array ?? []
        let end = text.utf16.count
        var entities: [Entity] = []
        for value in given {
            if let entity = try Entity(value, in: text, end: end) { entities.append(entity) }
        }
        let trimmed = trim(text, entities)
        guard isCaption || !trimmed.text.isEmpty else { throw .badRequest("message text is empty") }
        guard trimmed.text.unicodeScalars.count <= (isCaption ? captionLimit : messageLimit) else {
            throw .badRequest(isCaption ? "message caption is too long" : "message is too long")
        }
        return trimmed
    }

    private struct Entity {
        /// Types that a bot may set; Telegram finds the others by itself and ignores them here.
        private static let settable: Set<String> = [
            "bold", "italic", "underline", "strikethrough", "spoiler", "blockquote", "expandable_blockquote",
            "code",
            "pre", "text_link", "text_mention", "custom_emoji",
        ]
        private static let automatic: Set<String> = [
            "mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number",
        ]

        var fields: [String: JSONValue]
        var offset: Int
        var length: Int

        init?(_ value: JSONValue, in text: String, end: Int) throws(Refusal) {
            guard let fields = value.object else {
                throw .badRequest("Can't parse MessageEntity: Expected an Object")
            }
            guard let offset = fields["offset"]?.integer, let length = fields["length"]?.integer,
                let type = fields["type"]?.string
            else { throw .badRequest("Can't parse MessageEntity: Can't find required field") }
            guard Self.settable.contains(type) else {
                guard Self.automatic.contains(type) else {
                    throw .badRequest("Can't parse MessageEntity: Unsupported type specified")
                }
                return nil
            }
            guard (0...1_000_000).contains(offset) else {
                throw .badRequest("Receive an entity with incorrect offset \(offset)")
            }
            guard (0...1_000_000).contains(length) else {
                throw .badRequest("Receive an entity with incorrect length \(length)")
            }
            guard offset + length <= end else {
                throw .badRequest(
                    "Entity beginning at UTF-16 offset \(offset) ends after the end of the text at UTF-16 offset "
                        + "\(end)")
            }
            guard Self.isBoundary(Int(offset), of: text), Self.isBoundary(Int(offset + length), of: text)
            else {
                throw .badRequest(
                    "Entity beginning at UTF-16 offset \(offset) ends in a middle of a UTF-16 symbol")
            }
            guard type != "text_link" || fields["url"]?.string?.isEmpty == false else {
                throw .badRequest("Can't parse MessageEntity: Can't find field \"url\"")
            }
            guard length > 0 else { return nil }
            self.fields = fields
            self.offset = Int(offset)
            self.length = Int(length)
        }

        private static func isBoundary(_ offset: Int, of text: String) -> Bool {
            let index = text.utf16.index(text.startIndex, offsetBy: offset)
            return index.samePosition(in: text.unicodeScalars) != nil
        }

        var json: JSONValue {
            var fields = fields
            fields["offset"] = .integer(Int64(offset))
            fields["length"] = .integer(Int64(length))
            return .object(fields)
        }
    }

    /// White space around a message is dropped and the entities move along.
    private static func trim(_ text: String, _ entities: [Entity]) -> Text {
        let isSpace: (Character) -> Bool = { $0.isWhitespace }
        let start = text.firstIndex { !isSpace($0) } ?? text.endIndex
        var end = text.endIndex
        while end > start, isSpace(text[text.index(before: end)]) { end = text.index(before: end) }
        let kept = text[start..<end]
        let shift = text[..<start].utf16.count
        let length = kept.utf16.count
        let moved = entities.prefix(100).compactMap { entity -> JSONValue? in
            var entity = entity
            let from = max(0, entity.offset - shift)
            let to = min(length, entity.offset + entity.length - shift)
            guard from < to else { return nil }
            entity.offset = from
            entity.length = to - from
            return entity.json
        }
        return Text(text: String(kept), entities: moved)
    }
}

/// What Telegram accepts as buttons under a message.
enum KeyboardRules {
    static func check(_ call: APICall) throws(Refusal) -> JSONValue? {
        guard let markup = try call.json("reply_markup") else { return nil }
        guard let fields = markup.object else { throw .badRequest("object expected as reply markup") }
        guard let rows = fields["inline_keyboard"] else { return nil }
        guard let rows = rows.array else {
            throw .badRequest("field \"inline_keyboard\" must be of type Array")
        }
        var count = 0
        for row in rows {
            guard let buttons = row.array else {
                throw .badRequest("field \"inline_keyboard\" must be an Array of Arrays")
            }
            for button in buttons {
                try check(button)
                count += 1
            }
            guard buttons.count <= 8 else { throw .badRequest("BUTTON_COUNT_INVALID") }
        }
        guard count <= 100 else { throw .badRequest("REPLY_MARKUP_TOO_LONG") }
        return count == 0 ? nil : ["inline_keyboard": .array(rows)]
    }

    private static func check(_ button: JSONValue) throws(Refusal) {
        guard let text = button["text"]?.string else {
            throw .badRequest(
                "can't parse inline keyboard button: InlineKeyboardButton must be an Object with a text")
        }
        guard !text.isEmpty else {
            throw .badRequest(
                "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
        }
        if let data = button["callback_data"]?.string {
            guard (1...64).contains(data.utf8.count) else { throw .badRequest("BUTTON_DATA_INVALID") }
        } else if let url = button["url"]?.string {
            guard url.contains(".") || url.contains("://") else {
                throw .badRequest("inline keyboard button URL '\(url)' is invalid: Wrong HTTP URL")
            }
        } else {
            throw .badRequest(
                "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
        }
    }
}
