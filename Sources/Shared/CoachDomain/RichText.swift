/// Text with formatting as ranges, ready for a messenger: no markup, nothing to escape.
///
/// Stored in the ledger before it is sent, so that every attempt to deliver sends the same bytes.
package struct RichText: Hashable, Sendable, Codable {
    /// One formatted range; offsets count UTF-16 units, as Telegram's entities do.
    package struct Entity: Hashable, Sendable, Codable {
        package enum Style: String, Hashable, Sendable, Codable {
            case bold, italic, code, blockquote
            case expandableBlockquote = "expandable_blockquote"
        }

        package var type: Style
        package var offset: Int
        package var length: Int

        package init(type: Style, offset: Int, length: Int) {
            self.type = type
            self.offset = offset
            self.length = length
        }
    }

    package var text: String
    package var entities: [Entity]

    package init(text: String = "", entities: [Entity] = []) {
        self.text = text
        self.entities = entities
    }

    package static func += (text: inout RichText, plain: String) { text.text += plain }

    /// Appends `part` in one style.
    package mutating func append(_ part: String, _ style: Entity.Style) {
        let offset = text.utf16.count
        text += part
        let length = part.utf16.count
        if length > 0 { entities.append(Entity(type: style, offset: offset, length: length)) }
    }

    /// The text cut to at most `limit` UTF-16 units, ending in an ellipsis when something was cut.
    ///
    /// Never splits a grapheme; entities beyond the cut are shortened or dropped.
    package func truncated(to limit: Int) -> RichText {
        guard text.utf16.count > limit else { return self }
        var kept = ""
        var units = 0
        for character in text {
            let size = String(character).utf16.count
            guard units + size <= limit - 1 else { break }
            kept.append(character)
            units += size
        }
        let clipped = entities.compactMap { entity -> Entity? in
            guard entity.offset < units else { return nil }
            var shorter = entity
            shorter.length = min(entity.length, units - entity.offset)
            return shorter
        }
        return RichText(text: kept + "…", entities: clipped)
    }
}
