import Foundation

/// A text made ready to be spoken in one voice message of at most a minute.
package struct SpokenPassage: Hashable, Sendable {
    /// Longest voice message that is made.
    package static let maximumSeconds = 60.0

    /// What will be heard: one line, without markup, links or pictures.
    package let text: String
    /// BCP-47 primary tag.
    package let language: String
    /// Whether something at the end of the original was left out, because it would not fit into a minute.
    package let isShortened: Bool

    /// - Parameters:
    ///   - text: Of any length; cut after its last sentence that fits, else after a clause, else after a word.
    ///   - language: BCP-47 tag of the text; `nil` for unknown, which is read as English.
    /// - Returns: `nil` when there is nothing in it that can be pronounced.
    package init?(_ text: String, language: String?) {
        let tag = language.flatMap(LanguageTag.init)?.primary ?? "en"
        let line = Self.speakable(text)
        let fitted = Self.fitted(line, to: Self.capacity(tag))
        guard fitted.contains(where: { $0.isLetter || $0.isNumber }) else { return nil }
        self.text = fitted
        self.language = tag
        isShortened = fitted.count < line.count
    }

    /// Letters and digits, which take time to say; spaces and stops are the pauses between them.
    var soundingCharacters: Int { text.count { $0.isLetter || $0.isNumber } }

    /// Characters that the slowest of our voices says in a minute, with some room.
    ///
    /// Measured with espeak-ng at its pace here; vendors' voices are not slower.
    static func capacity(_ language: String) -> Int {
        switch language {
        case "zh", "yue": 210
        case "ja", "ko": 300
        case "ru", "uk", "pl": 700
        default: 740
        }
    }

    private static func speakable(_ text: String) -> String {
        let words = text.split(whereSeparator: \.isWhitespace).filter { word in
            !word.contains("://") && !word.hasPrefix("www.")
        }
        let kept = words.joined(separator: " ").unicodeScalars.filter { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .privateUse, .surrogate, .unassigned: false
            // Pictures are read out by name, and markup as "asterisk".
            case .otherSymbol, .modifierSymbol: false
            default: !"*_`~#<>[]{}|\\^\u{FE0F}".unicodeScalars.contains(scalar)
            }
        }
        return String(String.UnicodeScalarView(kept)).split(separator: " ").joined(separator: " ")
    }

    /// In characters: a figure or a sign is read out as a word or more.
    private static func weight(_ character: Character) -> Int {
        character.isNumber || character.isCurrencySymbol || "%‰&@+=/§".contains(character) ? 8 : 1
    }

    private static func fitted(_ line: String, to capacity: Int) -> String {
        var taken = 0
        let room = line.prefix { character in
            taken += weight(character)
            return taken <= capacity
        }
        guard room.endIndex < line.endIndex else { return line }
        func cut(after ends: String, least: Int) -> String? {
            // A stop inside a number or an abbreviation has no space behind it.
            let end = room.indices.last { index in
                let next = room.index(after: index)
                return ends.contains(room[index]) && (next == room.endIndex || room[next] == " ")
            }
            guard let end, room.distance(from: room.startIndex, to: end) >= least else { return nil }
            return String(room[...end])
        }
        if let sentences = cut(after: ".!?…。！？", least: capacity / 4) { return sentences }
        if let clauses = cut(after: ",;:–—，；", least: capacity / 4) {
            return clauses.dropLast().trimmingCharacters(in: .whitespaces) + "."
        }
        let words = room.lastIndex(of: " ").map { room[..<$0] } ?? room
        return words + "."
    }
}
