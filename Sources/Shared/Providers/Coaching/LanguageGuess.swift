/// Tells a few languages apart by their commonest words.
enum LanguageGuess {
    static var languages: Set<String> { Set(common.keys) }

    /// The language of a text, or `nil` when it is too short or no language clearly leads.
    static func language(of text: String) -> String? {
        let words = text.lowercased().split { !$0.isLetter && $0 != "'" }
        guard words.count >= 8 else { return nil }
        let scores = common.mapValues { known in words.count { known.contains($0) } }
        let ranked = scores.sorted { ($0.value, $0.key) > ($1.value, $1.key) }
        guard let first = ranked.first, first.value * 10 >= words.count else { return nil }
        let second = ranked.dropFirst().first?.value ?? 0
        return first.value >= 2 * max(second, 1) ? first.key : nil
    }

    private static let common: [String: Set<Substring>] = [
        "en": [
            "the", "and", "is", "you", "your", "of", "to", "in", "it", "that", "was", "with", "for", "this",
            "are",
        ],
        "es": [
            "el", "la", "los", "las", "y", "que", "tu", "tus", "es", "en", "una", "un", "con", "para", "del",
            "lo",
        ],
        "de": [
            "der", "die", "das", "und", "du", "dein", "deine", "ist", "nicht", "mit", "ein", "eine", "den",
            "zu", "auf",
        ],
        "fr": [
            "le", "la", "les", "et", "est", "vous", "tu", "votre", "des", "une", "un", "dans", "pour", "que",
            "du",
        ],
        "pt": [
            "o", "os", "as", "e", "que", "é", "você", "sua", "seu", "uma", "um", "com", "para", "não", "do",
            "da",
        ],
        "ru": ["и", "в", "не", "на", "что", "вы", "ты", "это", "с", "как", "для", "ваш", "по", "но", "вас"],
    ]
}
