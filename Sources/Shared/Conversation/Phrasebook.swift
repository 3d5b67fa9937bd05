package import CoachDomain
package import CoachStore
import Foundation

/// Everything the bot says in one language, from a data file.
///
/// `{name}` in a text stands for a value, `{name#one|other}` for the form of a word that goes with it. A file that
/// lacks a key or a value of one of the enumerations cannot be used at all, which a test finds.
package struct Phrasebook: Sendable, Decodable {
    package struct Report: Sendable, Decodable {
        package var transcript, noWords, numbers, pace, pauses, noPauses, fillers, fillersAtLeast,
            pitch: String
        package var strength, focus, quote, quoteWithoutTime, rewrite, drill, partial: String
    }

    struct Buttons: Sendable, Decodable {
        var transcript, tips, again, hear, dispute, delete, deleteForSure: String
        var back, more, eraseConfirm, eraseDecline, practise: String
    }

    struct Note: Sendable, Decodable {
        var gone, noTips, tips, again, againFocus, disputed, deleteAsk, deleted, nothingToSpeak: String
    }

    struct Comparison: Sendable, Decodable {
        var title, better, same, worse, quoteGone, quoteThere: String
    }

    struct Settings: Sendable, Decodable {
        var title, coachLanguage, spokenLanguage, focus, card, cardTheme, voice, reminder, clock: String
        var automatic, on, off, light, dark: String
        var chooseCoachLanguage, chooseSpokenLanguage, chooseFocus, chooseReminder, chooseClock: String
    }

    struct Practice: Sendable, Decodable {
        var chooseGoal, interview, pitch, smallTalk, exam, prompt, seenAll: String
    }

    struct Progress: Sendable, Decodable {
        var tooFew, caption, usual, latest, usualRange, lessIsBetter, moreIsBetter, streak: String
        /// Monday first.
        var weekdays: [String]
    }

    struct History: Sendable, Decodable { var title, empty: String }

    /// Words in the picture of a note.
    struct Card: Sendable, Decodable {
        var title, voice, pause, filler, pace, paceSyllables, comfortable, melody: String
        var paceLabel, paceUnit, pacePerSecondUnit, fillersLabel, fillersUnit: String
        var pausesLabel, pausesUnit, pitchLabel, pitchUnit: String
        var slow, fast, many, flat, lively, atLeast: String
    }

    struct Erase: Sendable, Decodable { var ask, done, declined: String }

    struct Export: Sendable, Decodable { var caption: String }

    /// Primary tag.
    package var language: String
    /// The language's name for itself.
    package var name: String
    /// Between the whole number and its tenths.
    var decimal: String
    package var placeholder: String
    /// Shown in the placeholder's place when an answer takes long.
    package var delayed: String
    /// Stands under the words until the coaching replaces them.
    package var working: String
    package var reminder: String
    package var report: Report
    var card: Card
    var buttons: Buttons
    var note: Note
    var comparison: Comparison
    var settings: Settings
    var practice: Practice
    var progress: Progress
    var history: History
    var erase: Erase
    var export: Export
    private var answers: [String: String]
    private var advice: [String: String]
    private var topics: [String: String]
    private var measures: [String: String]
    private var commands: [String: String]

    package func answer(to topic: SpeakerRequest.Topic) -> String { answers[topic.rawValue] ?? "" }

    package func advice(_ advice: UserAdvice) -> String { self.advice[advice.rawValue] ?? "" }

    /// What a coaching topic is called.
    package func name(of topic: CoachingTopic) -> String { topics[topic.rawValue] ?? topic.rawValue }

    /// A number with its unit; `nil` for a measure that people are not told on its own.
    package func value(_ value: Double, of measure: MeasureName) -> String? {
        measures[measure.rawValue]?.filled(["value": number(value, of: measure)])
    }

    /// The commands of Telegram's menu with what they do, in the menu's order.
    package var menu: [(command: String, description: String)] {
        Self.menuOrder.compactMap { name in commands[name].map { (name, $0) } }
    }

    private static let menuOrder = [
        "topics", "progress", "history", "settings", "help", "export", "privacy", "delete",
    ]

    /// Counts and rates of hundreds as whole numbers, the others with one digit.
    func number(_ value: Double, of measure: MeasureName) -> String {
        switch measure {
        case .wordsPerMinute, .pausesWithinClause, .fadeOutCount, .repeatedWords, .sentenceLengthWords:
            written(value, digits: 0)
        default: written(value, digits: 1)
        }
    }

    /// A number as people who speak the language write it.
    func written(_ value: Double, digits: Int) -> String {
        String(format: "%.\(digits)f", value).replacing(".", with: decimal)
    }

    /// What the file lacks; empty for a complete one.
    package var missing: [String] {
        func absent(_ names: [String], in texts: [String: String]) -> [String] {
            names.filter { texts[$0]?.isEmpty ?? true }
        }
        return absent(SpeakerRequest.Topic.allCases.map(\.rawValue), in: answers)
            + absent(UserAdvice.allCases.map(\.rawValue), in: advice)
            + absent(CoachingTopic.allCases.map(\.rawValue), in: topics)
            + absent(CoachingTopic.allCases.compactMap(\.measure?.rawValue), in: measures)
            + absent(Self.menuOrder, in: commands)
    }
}

/// All phrasebooks, read once.
package struct Phrasebooks: Sendable {
    /// English is always there; it answers for every language that is not.
    private let fallback: Phrasebook
    private let byLanguage: [String: Phrasebook]

    /// - Throws: `DecodingError` when a data file in the program is malformed.
    package init() throws {
        let others = try [
            PackageResources.de_json, PackageResources.es_json, PackageResources.fr_json,
            PackageResources.pt_json, PackageResources.ru_json,
        ].map(Self.decode)
        let english = try Self.decode(PackageResources.en_json)
        fallback = english
        byLanguage = Dictionary((others + [english]).map { ($0.language, $0) }) { _, last in last }
    }

    /// - Parameter languageCode: IETF tag as Telegram sends it, for example `pt-br`; `nil` for unknown.
    package func book(for languageCode: String?) -> Phrasebook {
        guard let primary = languageCode?.split(separator: "-").first?.lowercased() else { return fallback }
        return byLanguage[primary] ?? fallback
    }

    /// What a speaker is told when the answer takes long, in every language.
    package var notice: LocalizedText { byLanguage.mapValues { RichText(text: $0.delayed) } }

    /// The word that reminds of practice, in every language.
    package var reminders: [String: OutgoingMessage] {
        byLanguage.mapValues { book in
            OutgoingMessage(
                RichText(text: book.reminder),
                buttons: [
                    [
                        MessageButton(book.buttons.practise, data: CallbackData.encode(.practise(nil)))
                    ]
                ])
        }
    }

    package var languages: [String] { byLanguage.keys.sorted() }

    /// The languages that the coach writes, with their own names, in order of the tags.
    package var names: [(tag: String, name: String)] {
        byLanguage.values.sorted { $0.language < $1.language }.map { ($0.language, $0.name) }
    }

    /// One piece of advice in every language.
    ///
    /// - Parameter limitMinutes: Longest note that is coached.
    package func advice(_ advice: UserAdvice, limitMinutes: Int) -> LocalizedText {
        byLanguage.mapValues {
            RichText(text: $0.advice(advice).filled(["minutes": "\(limitMinutes)"]))
        }
    }

    private static func decode(_ file: [UInt8]) throws -> Phrasebook {
        try JSONDecoder().decode(Phrasebook.self, from: Data(file))
    }
}
