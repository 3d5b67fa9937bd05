import Foundation

/// The language part of whatever a vendor calls a language: `en`, `en-US`, `eng`, `english`.
struct LanguageTag: Hashable, Sendable {
    /// BCP-47 primary tag, two letters where the language has them.
    let primary: String

    init?(_ text: String) {
        let lowered = text.lowercased().trimmingCharacters(in: .whitespaces)
        let first = lowered.prefix { $0 != "-" && $0 != "_" }
        if first.count == 2, first.allSatisfy({ $0.isASCII && $0.isLetter }) {
            primary = String(first)
        } else if let tag = Self.tagsByName[lowered] ?? Self.tagsByName[String(first)] {
            primary = tag
        } else {
            return nil
        }
    }

    /// Whisper answers with English names; others with three letters.
    private static let tagsByName: [String: String] = {
        let english = Locale(identifier: "en_US")
        var tags: [String: String] = [:]
        for code in Locale.LanguageCode.isoLanguageCodes where code.identifier.count == 2 {
            if let name = english.localizedString(forLanguageCode: code.identifier) {
                tags[name.lowercased()] = code.identifier
            }
            if let long = code.identifier(.alpha3) { tags[long] = code.identifier }
        }
        return tags
    }()
}
