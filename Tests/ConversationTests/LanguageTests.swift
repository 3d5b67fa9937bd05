import CoachDomain
import Foundation
import Testing

@testable import Conversation

/// Every language says the same things, within what Telegram takes.
@Suite struct LanguageTests {
    private static let files = [
        "de": PackageResources.de_json, "en": PackageResources.en_json, "es": PackageResources.es_json,
        "fr": PackageResources.fr_json, "pt": PackageResources.pt_json, "ru": PackageResources.ru_json,
    ]
    static let languages = files.keys.sorted()

    /// All texts of a file by their path; those of a list with their place.
    private func texts(_ language: String) throws -> [String: String] {
        let bytes = try #require(Self.files[language])
        return Self.flat(try JSONSerialization.jsonObject(with: Data(bytes)), at: "")
    }

    private static func flat(_ value: Any, at path: String) -> [String: String] {
        switch value {
        case let text as String: [path: text]
        case let members as [String: Any]:
            members.reduce(into: [:]) { all, member in
                let place = path.isEmpty ? member.key : "\(path).\(member.key)"
                all.merge(flat(member.value, at: place)) { first, _ in first }
            }
        case let list as [Any]:
            list.enumerated().reduce(into: [:]) { all, item in
                all.merge(flat(item.element, at: "\(path).\(item.offset)")) { first, _ in first }
            }
        default: [:]
        }
    }

    private func gaps(_ text: String) -> Set<String> {
        Set(text.matches(of: /\{([A-Za-z]+)(#[^}]*)?\}/).map { String($0.1) })
    }

    @Test(arguments: languages)
    func `every key is there, with the same gaps, and nothing is left in English`(language: String) throws {
        let english = try texts("en")
        let own = try texts(language)
        #expect(Set(own.keys) == Set(english.keys))
        #expect(own["language"] == language)
        for (key, text) in own {
            let original = try #require(english[key])
            #expect(gaps(text) == gaps(original), "\(key)")
            #expect(text.isEmpty == original.isEmpty, "\(key)")
            #expect(language == "en" || text.count < 24 || text != original, "\(key)")
            #expect(!text.contains("  ") && text == text.trimmingCharacters(in: .whitespaces), "\(key)")
            let whole = gaps(text).reduce(into: [:]) { $0[$1] = "3" }
            let filled = text.filled(whole)
            #expect(!filled.contains("{") && !filled.contains("#") && !filled.contains("|"), "\(key)")
        }
    }

    @Test(arguments: languages)
    func `counted words have the forms that the language needs`(language: String) throws {
        for (key, text) in try texts(language) {
            for gap in text.matches(of: /\{[A-Za-z]+#([^}]*)\}/) {
                let forms = gap.1.split(separator: "|", omittingEmptySubsequences: false)
                #expect(forms.count == (language == "ru" ? 3 : 2), "\(key)")
                #expect(!forms.contains(""), "\(key)")
            }
        }
    }

    @Test(arguments: languages)
    func `every text fits where it goes`(language: String) throws {
        for (key, text) in try texts(language) {
            let length = text.utf16.count
            switch key.split(separator: ".").first ?? "" {
            // Two stand side by side on a phone; beyond this they are cut.
            case "buttons": #expect(length <= 28, "\(key): \(text)")
            case "practice" where !["chooseGoal", "prompt", "seenAll"].contains(key.split(separator: ".")[1]):
                #expect(length <= 20, "\(key): \(text)")
            // A command's description may have 256, but the menu shows one line.
            case "commands": #expect(length <= 60, "\(key): \(text)")
            case "progress", "export": #expect(length <= 900, "\(key)")
            case "card": #expect(length <= 32, "\(key): \(text)")
            case "topics", "measures": #expect(length <= 110, "\(key)")
            default: #expect(length <= 2_000, "\(key)")
            }
        }
    }

    @Test(arguments: languages)
    func `commands in a text are those that the bot has`(language: String) throws {
        let english = try texts("en")
        for (key, text) in try texts(language) {
            func commands(_ text: String) -> Set<String> {
                Set(text.matches(of: /\/([a-z]{3,})\b/).map { String($0.1) })
            }
            guard key.hasPrefix("answers.") || key.hasPrefix("note.") || key.hasPrefix("advice.") else {
                continue
            }
            #expect(commands(text) == commands(try #require(english[key])), "\(key)")
        }
    }

    /// What the help tells people to press has to be on a button.
    @Test(arguments: languages)
    func `the help names the button as it is`(language: String) throws {
        let own = try texts(language)
        let label = try #require(own["buttons.again"]).drop { !$0.isLetter }
        #expect(try #require(own["answers.help"]).contains(label))
    }

    @Test(arguments: languages)
    func `each language is answered in itself, with its own name`(language: String) throws {
        let books = try Phrasebooks()
        #expect(books.languages == Self.languages)
        #expect(books.book(for: language).language == language)
        #expect(books.book(for: "\(language)-XX").missing.isEmpty)
        #expect(books.book(for: language).menu.count == 8)
        #expect(Set(books.names.map(\.name)).count == Self.languages.count)
    }

    @Test(arguments: [
        ("en", "2.5"), ("de", "2,5"), ("ru", "2,5"), ("fr", "2,5"), ("es", "2,5"), ("pt", "2,5"),
    ])
    func `numbers have the decimal sign of the language`(language: String, number: String) throws {
        let book = try Phrasebooks().book(for: language)
        #expect(book.written(2.5, digits: 1) == number && book.written(12, digits: 0) == "12")
        #expect(try #require(book.value(2.5, of: .pitchSpreadSemitones)).hasPrefix(number + " "))
    }

    @Test func `Russian numbers and their words agree`() throws {
        let book = try Phrasebooks().book(for: "ru")
        #expect(book.value(1, of: .repeatedWords) == "1 повтор слов")
        #expect(book.value(3, of: .repeatedWords) == "3 повтора слов")
        #expect(book.value(11, of: .repeatedWords) == "11 повторов слов")
        #expect(book.value(2.5, of: .pitchSpreadSemitones) == "2,5 полутона")
        #expect(book.value(121, of: .wordsPerMinute) == "121 слово/мин")
    }
}
