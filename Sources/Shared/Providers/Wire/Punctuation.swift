import CoachDomain
import Foundation

/// Puts the punctuation of a text back onto words that came without it.
///
/// Whisper's word list is bare while its text has sentences; sentence length and a readable quote need both.
enum Punctuation {
    /// Words with the spelling of the text wherever both agree on letters and digits.
    static func attach(from text: String, to words: [Word]) -> [Word] {
        let tokens = text.split(whereSeparator: \.isWhitespace).map(String.init)
        let bare = tokens.map(bare)
        var position = 0
        return words.map { word in
            let wanted = Self.bare(word.text)
            guard !wanted.isEmpty else { return word }
            // A look ahead of a few tokens bridges numbers and symbols that the two lists write differently.
            let window = position..<min(position + 6, tokens.count)
            guard let match = window.first(where: { bare[$0] == wanted }) else { return word }
            position = match + 1
            var spelled = word
            spelled.text = tokens[match]
            return spelled
        }
    }

    private static func bare(_ token: String) -> String {
        String(token.lowercased().unicodeScalars.filter { CharacterSet.alphanumerics.contains($0) })
    }
}
