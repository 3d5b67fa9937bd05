package import CoachDomain
import Foundation

/// Things to talk about, by goal and language.
///
/// A topic has the same id in every language, so that whoever changes the language is not asked the same again.
package struct TopicBank: Sendable {
    package struct Topic: Hashable, Sendable {
        /// Stable, as `interview.introduce`; at most 40 bytes of letters, digits and a dot.
        package var id: String
        package var goal: PracticeGoal
        package var text: String
    }

    /// The topic to show now.
    package struct Choice: Hashable, Sendable {
        package var topic: Topic
        /// Every topic of the goal has been shown before; this one was so the longest time ago.
        package var isRepeat: Bool
    }

    /// One language's file.
    private struct File: Decodable {
        var language: String
        /// Texts by name, by goal.
        var topics: [String: [String: String]]
    }

    private static let fallback = "en"
    private let texts: [String: [String: [String: String]]]

    /// - Throws: `DecodingError` when a data file in the program is malformed.
    package init() throws {
        let files = try [
            PackageResources.topics_de_json, PackageResources.topics_en_json, PackageResources.topics_es_json,
            PackageResources.topics_fr_json, PackageResources.topics_pt_json, PackageResources.topics_ru_json,
        ].map { try JSONDecoder().decode(File.self, from: Data($0)) }
        texts = Dictionary(files.map { ($0.language, $0.topics) }) { _, last in last }
    }

    /// Languages that have topics of their own, in alphabetical order.
    package var languages: [String] { texts.keys.sorted() }

    /// All topics of a goal, by id.
    ///
    /// - Parameter language: IETF tag, as `pt-br`; others than ours get English.
    package func topics(_ goal: PracticeGoal, language: String?) -> [Topic] {
        let primary = language?.prefix { $0 != "-" && $0 != "_" }.lowercased() ?? Self.fallback
        let topics = (texts[primary] ?? texts[Self.fallback])?[goal.rawValue] ?? [:]
        return topics.map { Topic(id: "\(goal.rawValue).\($0.key)", goal: goal, text: $0.value) }
            .sorted { $0.id < $1.id }
    }

    /// The topic of an id, in a language.
    package func topic(_ id: String, language: String?) -> Topic? {
        let goal = id.split(separator: ".").first.flatMap { PracticeGoal(rawValue: String($0)) }
        return goal.flatMap { goal in topics(goal, language: language).first { $0.id == id } }
    }

    /// The next topic for somebody: each once, in an order of their own, and then those that were shown the
    /// longest time ago. The same question has the same answer, in every process and release.
    ///
    /// - Parameters:
    ///   - seen: Ids that were shown, the oldest first; unknown ones and those of other goals do not matter.
    ///   - user: Decides the order.
    /// - Returns: `nil` only for a goal without topics.
    package func next(
        _ goal: PracticeGoal, seen: some Sequence<String>, user: Int64, language: String?
    ) -> Choice? {
        var last: [String: Int] = [:]
        for (place, id) in seen.enumerated() { last[id] = place }
        let order = topics(goal, language: language).map { (rank: Self.rank($0.id, user), topic: $0) }
            .sorted { ($0.rank, $0.topic.id) < ($1.rank, $1.topic.id) }.map(\.topic)
        if let fresh = order.first(where: { last[$0.id] == nil }) {
            return Choice(topic: fresh, isRepeat: false)
        }
        return order.min { (last[$0.id] ?? 0) < (last[$1.id] ?? 0) }.map { Choice(topic: $0, isRepeat: true) }
    }

    /// A number that looks random and is the same everywhere: FNV-1a over the id, stirred with the user by the
    /// finalizer of SplitMix64. Swift's own hashes change with every start.
    private static func rank(_ id: String, _ user: Int64) -> UInt64 {
        var hash = id.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
            ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3
        }
        hash ^= UInt64(bitPattern: user) &* 0x9E37_79B9_7F4A_7C15
        hash = (hash ^ hash >> 30) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ hash >> 27) &* 0x94D0_49BB_1331_11EB
        return hash ^ hash >> 31
    }
}
