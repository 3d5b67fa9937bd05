/// Tells a few languages apart by their commonest words.
enum LanguageGuess {
    static var languages: Set<String> { Set(common.keys) }

    /// The language of a text, or `nil` when it is too short or no language clearly leads.
    static func language(of text: String) -> String? {
        let words = text.lowercased().split { !$0.isLetter && $0 != "'" }
        guard words.count >= 8 else { return nil }
        // Neighbours share many small words; only those that a language has to itself tell them apart.
        let scores = own.mapValues { known in words.count { known.contains($0) } }
        let ranked = scores.sorted { ($0.value, $0.key) > ($1.value, $1.key) }
        guard let first = ranked.first,
            let all = common[first.key].map({ known in words.count { known.contains($0) } }),
            all * 10 >= words.count
        else { return nil }
        let second = ranked.dropFirst().first?.value ?? 0
        return first.value >= 2 * max(second, 1) ? first.key : nil
    }

    /// The words that are common in one language only.
    private static let own: [String: Set<Substring>] = common.mapValues { words in
        words.filter { word in common.values.count { $0.contains(word) } == 1 }
    }

    /// The text without what it quotes, which may be in another language.
    static func withoutQuotations(_ text: String) -> String {
        text.replacing(/[“„«][^“”„«»]{1,200}[”“»]|"[^"]{1,200}"/, with: " ")
    }

    private static let common: [String: Set<Substring>] = [
        "en": [
            "the", "and", "is", "you", "your", "of", "to", "in", "it", "that", "was", "with", "for", "this",
            "are", "at", "be", "have", "not", "by", "from", "each", "then",
        ],
        "es": [
            "el", "la", "los", "las", "y", "que", "tu", "tus", "es", "en", "una", "un", "con", "para", "del",
            "lo", "se", "por", "más", "al", "su", "sin", "de", "cada",
        ],
        "de": [
            "der", "die", "das", "und", "du", "dein", "deine", "ist", "nicht", "mit", "ein", "eine", "den",
            "zu", "auf", "es", "sich", "dem", "wie", "jeden", "jedes", "von", "im", "dann",
        ],
        "fr": [
            "le", "la", "les", "et", "est", "vous", "tu", "votre", "des", "une", "un", "dans", "pour", "que",
            "du", "de", "ta", "ton", "tes", "à", "au", "ce", "ne", "pas", "sur", "chaque", "avec",
        ],
        "pt": [
            "o", "os", "as", "e", "que", "é", "você", "sua", "seu", "uma", "um", "com", "para", "não", "do",
            "da", "de", "em", "ao", "mais", "no", "na", "se", "cada", "por", "sem", "isso",
        ],
        "ru": [
            "и", "в", "не", "на", "что", "вы", "ты", "это", "с", "как", "для", "ваш", "по", "но", "вас", "а",
            "у", "к", "из", "за", "же", "до", "после", "каждый", "каждой", "только", "чтобы", "твой", "твоя",
        ],
    ]
}
