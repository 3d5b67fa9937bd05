import Foundation

/// What one language's speakers say while they look for words, and how they weaken what they say.
///
/// Read from `Resources/lexicon-<language>.json`; a language without such a file has no fillers, hedges or
/// repetitions in its report rather than wrong ones.
package struct Lexicon: Hashable, Sendable, Codable {
    package var language: String
    package var version: Int
    /// Sounds that are never words.
    package var hesitations: Set<String>
    /// Phrases that fill time wherever they stand.
    package var markers: [String]
    /// Ordinary words and phrases that are fillers only when set off by a pause or a comma.
    package var setOffMarkers: [String]
    /// Phrases that make a statement weaker.
    package var hedges: [String]
    /// Words that people double on purpose.
    package var repeatable: Set<String>
    /// Words and phrases that can nearly always be left out or be replaced by something exact.
    package var weakWords: [String]
    /// Words that begin a clause: a pause before one of them interrupts nothing.
    package var clauseWords: Set<String>
    package var syllables: SyllableRules

    /// The lexicon of a language, or `nil` where there is none.
    ///
    /// - Parameter language: BCP-47 tag; only its first part counts.
    package static func of(_ language: String?) -> Lexicon? {
        guard let language else { return nil }
        return all[language.prefix { $0 != "-" && $0 != "_" }.lowercased()]
    }

    /// Languages that have a lexicon, in alphabetical order.
    package static var languages: [String] { all.keys.sorted() }

    private static let all: [String: Lexicon] = {
        let files = [
            PackageResources.lexicon_de_json, PackageResources.lexicon_en_json,
            PackageResources.lexicon_es_json,
            PackageResources.lexicon_fr_json, PackageResources.lexicon_pt_json,
            PackageResources.lexicon_ru_json,
        ]
        let lexicons = files.compactMap { try? JSONDecoder().decode(Lexicon.self, from: Data($0)) }
        return Dictionary(lexicons.map { ($0.language, $0) }) { _, last in last }
    }()
}
