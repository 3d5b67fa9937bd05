package import CoachDomain
package import CoachStore
import Foundation

/// Everything the bot says in one language, from a data file.
package struct Phrasebook: Sendable, Decodable {
    /// A message that gets a canned answer.
    package enum Question: String, Sendable, CaseIterable {
        case start, help, text, unsupported, unknownCommand
    }

    package struct Report: Sendable, Decodable {
        package var transcript, noWords, numbers, pace, pauses, noPauses, fillers, fillersAtLeast,
            pitch: String
        package var strength, focus, quote, quoteWithoutTime, rewrite, drill, partial: String
    }

    package var language: String
    package var placeholder: String
    /// Shown in the placeholder's place when an answer takes long.
    package var delayed: String
    package var report: Report
    private var answers: [String: String]
    private var advice: [String: String]

    package func answer(to question: Question) -> String { answers[question.rawValue] ?? "" }

    package func advice(_ advice: UserAdvice) -> String { self.advice[advice.rawValue] ?? "" }

    /// What the file lacks; empty for a complete one.
    package var missing: [String] {
        Question.allCases.map(\.rawValue).filter { answers[$0]?.isEmpty ?? true }
            + UserAdvice.allCases.map(\.rawValue).filter { advice[$0]?.isEmpty ?? true }
    }
}

/// All phrasebooks, read once.
package struct Phrasebooks: Sendable {
    /// English is always there; it answers for every language that is not.
    private let fallback: Phrasebook
    private let byLanguage: [String: Phrasebook]

    /// - Throws: `DecodingError` when a data file in the program is malformed.
    package init() throws {
        let english = try Self.decode(PackageResources.en_json)
        fallback = english
        byLanguage = [english.language: english]
    }

    /// - Parameter languageCode: IETF tag as Telegram sends it, for example `pt-br`; `nil` for unknown.
    package func book(for languageCode: String?) -> Phrasebook {
        guard let primary = languageCode?.split(separator: "-").first?.lowercased() else { return fallback }
        return byLanguage[primary] ?? fallback
    }

    /// What a speaker is told when the answer takes long, in every language.
    package var notice: LocalizedText { byLanguage.mapValues { RichText(text: $0.delayed) } }

    package var languages: [String] { byLanguage.keys.sorted() }

    /// One piece of advice in every language.
    ///
    /// - Parameter limitMinutes: Longest note that is coached.
    package func advice(_ advice: UserAdvice, limitMinutes: Int) -> LocalizedText {
        byLanguage.mapValues {
            RichText(text: $0.advice(advice).filling(["minutes": "\(limitMinutes)"]))
        }
    }

    private static func decode(_ file: [UInt8]) throws -> Phrasebook {
        try JSONDecoder().decode(Phrasebook.self, from: Data(file))
    }
}

extension String {
    /// Replaces `{name}` by its value.
    func filling(_ values: [String: String]) -> String {
        values.reduce(self) { $0.replacingOccurrences(of: "{\($1.key)}", with: $1.value) }
    }
}
