import CoachDomain
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
    /// Between the whole number and its tenths.
    var decimal: String
    /// Before and after what somebody said.
    var quotes: [String]
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
        let files = [
            PackageResources.rules_de_json, PackageResources.rules_en_json, PackageResources.rules_es_json,
            PackageResources.rules_fr_json, PackageResources.rules_pt_json, PackageResources.rules_ru_json,
        ]
        let texts = files.compactMap { try? JSONDecoder().decode(RulesTexts.self, from: Data($0)) }
        return Dictionary(texts.map { ($0.language, $0) }) { _, last in last }
    }()

    func praise(_ key: String, _ value: Finding.Value) -> String? {
        praise[key]?.filled(["value": written(value)])
    }

    /// What a finding rests on, with its unit.
    func written(_ finding: Finding) -> String {
        let value = written(finding.value)
        return finding.unit.flatMap { units[$0] }?.filled(["value": value]) ?? value
    }

    /// A number or words as people who speak the language write them.
    func written(_ value: Finding.Value) -> String {
        switch value {
        case .none: ""
        case .whole(let number): String(Int(number.rounded()))
        case .tenths(let number):
            String(format: "%.1f", number).replacing(".", with: decimal)
        case .words(let items): list(items)
        }
    }

    /// `“um” (3×), “like”, “you know” (2×)`, the most frequent first, at most three.
    private func list(_ items: [String]) -> String {
        let counts = Dictionary(grouping: items, by: \.self).mapValues(\.count)
        return counts.sorted { ($0.value, $1.key) > ($1.value, $0.key) }.prefix(3).map { word, count in
            let quoted = (quotes.first ?? "") + word + (quotes.last ?? "")
            return count > 1 ? "\(quoted) (\(count)×)" : quoted
        }.joined(separator: ", ")
    }
}
