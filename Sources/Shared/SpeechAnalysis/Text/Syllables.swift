/// Estimates how many syllables a written word has.
///
/// English: groups of vowel letters, corrected for silent endings and split groups; agrees with the CMU
/// dictionary for about nine words in ten, and the errors mostly cancel over a note. Other languages of the
/// lexicons: vowel groups with their usual diphthongs.
package struct SyllableEstimator: Sendable {
    private enum Rule { case english, vowels(diphthongs: Set<String>, separate: Bool) }

    private let rule: Rule

    /// `nil` for languages whose spelling it knows nothing about.
    package init?(language: String?) {
        switch language.map({ $0.prefix { $0 != "-" && $0 != "_" }.lowercased() }) {
        case "en": rule = .english
        case "es", "pt":
            rule = .vowels(
                diphthongs: [
                    "ai", "ei", "oi", "ui", "au", "eu", "ou", "ia", "ie", "io", "iu", "ua", "ue", "uo", "ão",
                    "õe", "ãe", "iã",
                ], separate: true)
        case "de":
            rule = .vowels(
                diphthongs: ["ai", "ei", "au", "äu", "eu", "ie", "aa", "ee", "oo"], separate: true)
        case "fr": rule = .vowels(diphthongs: [], separate: false)
        case "ru": rule = .vowels(diphthongs: [], separate: true)
        default: return nil
        }
    }

    /// At least 1 for anything with a letter; digits count as they would be read, roughly two each.
    package func count(_ word: String) -> Int {
        let word = Token.normalized(word)
        let digits = word.count { $0.isNumber }
        let letters = word.filter { $0.isLetter || $0 == "'" }
        guard letters.contains(where: \.isLetter) else { return max(1, digits * 2) }
        let counted =
            switch rule {
            case .english: Self.english(letters)
            case .vowels(let diphthongs, let separate):
                Self.vowels(letters, diphthongs: diphthongs, separate: separate)
            }
        return max(1, counted) + digits * 2
    }

    private static let englishVowels: Set<Character> = ["a", "e", "i", "o", "u", "y"]
    /// Neighbouring vowel letters that belong to two syllables.
    private static let englishSplits = ["ia", "io", "iu", "eo", "ua", "uo", "ii"]
    private static let englishJoined = [
        "tion", "sion", "cial", "tial", "cian", "gion", "cious", "tious", "qua", "quo", "people", "geous",
    ]
    private static let exceptions = [
        "the": 1, "business": 2, "every": 2, "everyone": 3, "everything": 3, "different": 2, "interesting": 3,
        "something": 2, "sometimes": 2, "someone": 2, "somewhere": 2, "being": 2, "doing": 2, "going": 2,
        "really": 2, "idea": 3, "area": 3, "people": 2, "our": 1, "hour": 1, "created": 3, "chocolate": 2,
        "wednesday": 2, "comfortable": 3, "probably": 3, "actually": 4, "usually": 4, "maybe": 2,
    ]

    private static func english(_ word: String) -> Int {
        let word = word.replacing("'", with: "")
        if let known = exceptions[word] { return known }
        let letters = Array(word)
        var groups = 0
        var wasVowel = false
        for letter in letters {
            let isVowel = englishVowels.contains(letter)
            if isVowel, !wasVowel { groups += 1 }
            wasVowel = isVowel
        }
        var joinedAway = word
        for joined in englishJoined { joinedAway = joinedAway.replacing(joined, with: "x") }
        for split in englishSplits { groups += joinedAway.ranges(of: split).count }
        if groups > 1 {
            if word.hasSuffix("e"), !word.hasSuffix("le"), letters.count > 2,
                !englishVowels.contains(letters[letters.count - 2])
            {
                groups -= 1
            } else if word.hasSuffix("le"), letters.count > 2,
                englishVowels.contains(letters[letters.count - 3])
            {
                groups -= 1
            } else if word.hasSuffix("ed"), letters.count > 3, !"td".contains(letters[letters.count - 3]),
                !englishVowels.contains(letters[letters.count - 3])
            {
                groups -= 1
            } else if word.hasSuffix("es"), letters.count > 3,
                !"scxzg".contains(letters[letters.count - 3]), !word.hasSuffix("ches"),
                !word.hasSuffix("shes"),
                !word.hasSuffix("les"), !englishVowels.contains(letters[letters.count - 3])
            {
                groups -= 1
            }
            for ending in ["ely", "ement", "eful", "eless"] where word.hasSuffix(ending) && groups > 2 {
                groups -= 1
            }
        }
        return groups
    }

    private static func vowels(_ word: String, diphthongs: Set<String>, separate: Bool) -> Int {
        let vowels = Set("aeiouyáéíóúàèìòùâêîôûäëïöüãõœæаеёиоуыэюя")
        let letters = Array(word)
        var count = 0
        var index = 0
        while index < letters.count {
            guard vowels.contains(letters[index]) else {
                index += 1
                continue
            }
            count += 1
            if !separate {
                while index < letters.count, vowels.contains(letters[index]) { index += 1 }
            } else if index + 1 < letters.count, diphthongs.contains(String(letters[index...index + 1])) {
                index += 2
            } else {
                index += 1
            }
        }
        // French final e is silent in nearly every register.
        if !separate, count > 1, word.hasSuffix("e") || word.hasSuffix("es") { count -= 1 }
        return count
    }
}
