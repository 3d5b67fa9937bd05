/// What a fake recogniser hears in every file.
package struct Recognition: Hashable, Sendable {
    package var text: String
    /// BCP-47 primary tag.
    package var language: String

    package init(text: String, language: String = "en") {
        self.text = text
        self.language = language
    }

    /// The words of the sample voice note.
    package static let sample = Recognition(
        text: "Hello everyone, my name is Anna. Today I want to talk about our new project. "
            + "Um, you know, many people like the result. The next step is to test it with more users.")

    /// As a recogniser writes it that was trained on edited text.
    var withoutHesitations: Recognition {
        let kept = text.split(separator: " ").filter { word in
            !["um", "uh", "er", "hmm"].contains(word.lowercased().filter(\.isLetter))
        }
        return Recognition(text: kept.joined(separator: " "), language: language)
    }

    struct TimedWord: Hashable {
        var text: String
        var start: Double
        var end: Double
    }

    /// The words laid out over the file, each as long as its letters, none touching the next.
    func words(over seconds: Double) -> [TimedWord] {
        let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
        let letters = words.reduce(0) { $0 + $1.count + 1 }
        guard letters > 0 else { return [] }
        let unit = seconds / Double(letters)
        var place = 0.0
        return words.map { word in
            defer { place += Double(word.count + 1) * unit }
            return TimedWord(
                text: word, start: Self.rounded(place), end: Self.rounded(place + Double(word.count) * unit))
        }
    }

    /// Whisper gives hundredths of a second.
    private static func rounded(_ seconds: Double) -> Double { (seconds * 100).rounded() / 100 }
}
