import Foundation

/// What the rules coach says, in one language; read from `Resources/rules-<language>.json`.
///
/// Every kind of finding has a reason, a suggestion and a drill; `{value}` stands for its number or words.
struct RulesTexts: Codable, Hashable {
    struct Advice: Codable, Hashable {
        /// Completes the summary.
        var headline: String
        var why: String
        var suggestion: String
        var drill: String
    }

    var language: String
    /// `{words}`, `{seconds}` and `{headline}` are filled in.
    var summary: String
    /// Numbers with their units, by ``Finding/unit``.
    var units: [String: String]
    /// By what went well; see ``Praise``.
    var praise: [String: String]
    /// By the raw value of ``Finding/Kind``.
    var advice: [String: Advice]

    /// The texts of a language, or English ones; `nil` only if the program was built without them.
    static func of(_ language: String) -> RulesTexts? { all[language] ?? all["en"] }

    static let all: [String: RulesTexts] = {
        let files = [PackageResources.rules_en_json]
        let texts = files.compactMap { try? JSONDecoder().decode(RulesTexts.self, from: Data($0)) }
        return Dictionary(texts.map { ($0.language, $0) }) { _, last in last }
    }()
}

extension String {
    /// The text with `{name}` replaced by its value.
    func filled(_ values: [String: String]) -> String {
        values.reduce(self) { $0.replacing("{\($1.key)}", with: $1.value) }
    }
}
