/// A formatted or special range of a text. Offsets count UTF-16 units.
package struct MessageEntity: Hashable, Sendable, Codable {
    /// Telegram's name, such as `bold` or `bot_command`.
    package var type: String
    package var offset: Int
    package var length: Int
    /// For `text_link` only.
    package var url: String?

    package init(type: String, offset: Int, length: Int, url: String? = nil) {
        self.type = type
        self.offset = offset
        self.length = length
        self.url = url
    }
}
