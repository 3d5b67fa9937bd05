import Foundation

/// Mends what models do to JSON around its edges; never invents content.
enum JSONRepair {
    /// The document in the text and whether it had to be mended, or `nil` when there is none.
    static func document(in text: String) -> (value: JSONValue, wasMended: Bool)? {
        if let value = JSONValue(parsing: text), isObject(value) { return (value, false) }
        guard let core = core(of: text) else { return nil }
        if let value = JSONValue(parsing: core), isObject(value) { return (value, true) }
        guard let value = JSONValue(parsing: closed(core)), isObject(value) else { return nil }
        return (value, true)
    }

    private static func isObject(_ value: JSONValue) -> Bool {
        if case .object = value { true } else { false }
    }

    /// From the first brace on, without byte-order mark, thinking, fences and chatter.
    private static func core(of text: String) -> String? {
        var rest = text[...]
        // Whatever a model thought aloud comes before its answer and may hold braces of its own.
        for tag in ["</think>", "</thinking>", "</reasoning>"] {
            if let end = rest.range(of: tag, options: .backwards) { rest = rest[end.upperBound...] }
        }
        guard let open = rest.firstIndex(of: "{") else { return nil }
        rest = rest[open...]
        if let end = objectEnd(rest) { return String(rest[...end]) }
        return String(rest)
    }

    /// The brace that closes the first one.
    private static func objectEnd(_ text: Substring) -> Substring.Index? {
        var scanner = Scanner()
        for index in text.indices {
            scanner.read(text[index])
            if scanner.open.isEmpty { return index }
        }
        return nil
    }

    /// The text with a half string ended, a dangling comma dropped and open brackets closed.
    private static func closed(_ text: String) -> String {
        var scanner = Scanner()
        for character in text { scanner.read(character) }
        var closed = text
        if scanner.isEscaping { closed.removeLast() }
        if scanner.isInString { closed += "\"" }
        while let last = closed.last, last.isWhitespace || last == "," { closed.removeLast() }
        return closed + String(scanner.open.reversed())
    }

    /// Follows strings and brackets.
    private struct Scanner {
        /// The closing brackets that are still owed.
        var open: [Character] = []
        var isInString = false
        var isEscaping = false

        mutating func read(_ character: Character) {
            if isInString {
                if isEscaping {
                    isEscaping = false
                } else if character == "\\" {
                    isEscaping = true
                } else if character == "\"" {
                    isInString = false
                }
                return
            }
            switch character {
            case "\"": isInString = true
            case "{": open.append("}")
            case "[": open.append("]")
            case "}", "]":
                if open.last == character { open.removeLast() }
            default: break
            }
        }
    }
}
