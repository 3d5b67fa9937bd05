package import CoachDomain

extension RichText {
    /// Telegram's limit for a message, in UTF-16 units. Its server counts code points, so this is always safe.
    package static let messageLimit = 4096
    /// The same for the caption of a file.
    package static let captionLimit = 1024
    /// Telegram ignores entities beyond this many.
    static let entityLimit = 100

    /// Entities as the Bot API takes them: inside the text, not empty, no more than have an effect.
    ///
    /// Nil when there are none. A message with one bad entity would be refused as a whole.
    var wireEntities: [MessageEntity]? {
        let end = text.utf16.count
        let usable = entities.lazy
            .filter { $0.offset >= 0 && $0.length > 0 && $0.offset < end }
            .prefix(Self.entityLimit)
            .map { entity in
                MessageEntity(
                    type: entity.type.rawValue, offset: entity.offset,
                    length: min(entity.length, end - entity.offset))
            }
        return usable.isEmpty ? nil : Array(usable)
    }

    /// The text cut into messages of at most `limit` UTF-16 units.
    ///
    /// Cuts at the last blank line, line end, sentence end or space of the second half of a piece, in this order
    /// of preference, else between graphemes; white space at a cut is dropped. An entity that spans a cut goes
    /// on in the next message. A single grapheme longer than the limit is left out.
    package func messages(limit: Int = RichText.messageLimit) -> [RichText] {
        precondition(limit > 0)
        var pieces: [RichText] = []
        var rest = text[...]
        while !rest.isEmpty {
            let fitting = rest.fitting(utf16: limit)
            guard !fitting.isEmpty else {
                rest = rest.dropFirst()
                continue
            }
            let piece = fitting.endIndex == rest.endIndex ? fitting : fitting.cutWell()
            rest = rest[piece.endIndex...].drop { $0.isWhitespace }
            let range = piece.trimmedEnd()
            if !range.isEmpty { pieces.append(slice(range)) }
        }
        return pieces
    }

    private func slice(_ range: Substring) -> RichText {
        let start = text.utf16.distance(from: text.startIndex, to: range.startIndex)
        let length = range.utf16.count
        let clipped = entities.compactMap { entity -> Entity? in
            let from = max(entity.offset, start)
            let to = min(entity.offset + entity.length, start + length)
            return from < to ? Entity(type: entity.type, offset: from - start, length: to - from) : nil
        }
        return RichText(text: String(range), entities: clipped)
    }
}

extension Substring {
    /// The longest prefix of whole graphemes within a number of UTF-16 units.
    fileprivate func fitting(utf16 limit: Int) -> Substring {
        var units = 0
        var end = startIndex
        while end < endIndex {
            let next = index(after: end)
            units += self[end..<next].utf16.count
            guard units <= limit else { break }
            end = next
        }
        return self[..<end]
    }

    /// A prefix that ends where a reader would pause.
    fileprivate func cutWell() -> Substring {
        let half = index(startIndex, offsetBy: count / 2)
        let late = self[half...]
        for separator in ["\n\n", "\n", ". ", "! ", "? ", "。"] {
            if let found = late.lastRange(of: separator) { return self[..<found] }
        }
        if let space = late.lastIndex(where: \.isWhitespace) { return self[..<space] }
        return self
    }

    /// Where the last occurrence of a separator ends.
    private func lastRange(of separator: String) -> Index? {
        var end = endIndex
        while end > startIndex {
            if self[startIndex..<end].hasSuffix(separator) { return end }
            end = index(before: end)
        }
        return nil
    }

    fileprivate func trimmedEnd() -> Substring {
        var end = endIndex
        while end > startIndex, self[index(before: end)].isWhitespace { end = index(before: end) }
        return self[..<end]
    }
}
