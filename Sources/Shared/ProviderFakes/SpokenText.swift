import Foundation

/// Finds, in a prompt of any layout, the words that somebody said.
///
/// The fakes quote from it, as an honest model would.
enum SpokenText {
    /// - Returns: `nil` for a prompt without a word.
    static func find(in prompts: [String]) -> String? {
        let found = prompts.lazy.compactMap { prompt in
            member(of: prompt) ?? tagged(in: prompt) ?? afterHeading(in: prompt)
        }
        return found.first
            ?? prompts.flatMap { $0.split(separator: "\n") }.map(String.init).max { $0.count < $1.count }
    }

    /// A few words in a row from the beginning, bare of what surrounds them in a listing.
    static func quote(from text: String, words: Int = 4) -> String {
        text.split(whereSeparator: \.isWhitespace).prefix(words).joined(separator: " ")
    }

    /// `{"transcript": "…"}`, at any depth.
    private static func member(of prompt: String) -> String? {
        guard let start = prompt.firstIndex(of: "{"), let end = prompt.lastIndex(of: "}"), start < end,
            let document = JSONValue(text: String(prompt[start...end]))
        else { return nil }
        return member(of: document)
    }

    private static func member(of value: JSONValue) -> String? {
        switch value {
        case .object(let members):
            if let hit = members.first(where: { isTranscript($0.key) })?.value {
                if let text = hit.string ?? hit["text"]?.string, !text.isEmpty { return text }
            }
            return members.sorted { $0.key < $1.key }.lazy.compactMap { member(of: $0.value) }.first
        case .array(let elements): return elements.lazy.compactMap { member(of: $0) }.first
        default: return nil
        }
    }

    /// `<transcript>…</transcript>`.
    private static func tagged(in prompt: String) -> String? {
        guard
            let match = try? #/<([A-Za-z_]*transcript[A-Za-z_]*)[^>]*>\s*(.+?)\s*</\1>/#
                .dotMatchesNewlines().ignoresCase().firstMatch(in: prompt)
        else { return nil }
        return String(match.output.2)
    }

    /// The paragraph after a line such as `Transcript:`, or the rest of that line.
    private static func afterHeading(in prompt: String) -> String? {
        let lines = prompt.components(separatedBy: "\n")
        for (index, line) in lines.enumerated() {
            guard let colon = line.firstIndex(of: ":"), isTranscript(String(line[..<colon])) else { continue }
            let rest = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            if !rest.isEmpty { return rest }
            let following = lines[(index + 1)...].first { !$0.trimmingCharacters(in: .whitespaces).isEmpty }
            if let following { return following.trimmingCharacters(in: .whitespaces) }
        }
        return nil
    }

    private static func isTranscript(_ name: String) -> Bool { name.lowercased().contains("transcript") }
}
