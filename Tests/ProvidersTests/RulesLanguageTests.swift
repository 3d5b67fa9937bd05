import CoachDomain
import Foundation
import Testing

@testable import Providers

@Suite struct RulesLanguageTests {
    private static let languages = ["de", "en", "es", "fr", "pt", "ru"]
    private static let spoken = "Um we start uh the project um today and um everybody knows what it means."

    private func texts(_ language: String) throws -> RulesTexts {
        let texts = try #require(RulesTexts.all[language])
        try #require(texts.language == language)
        return texts
    }

    /// Every text of a language by a name of its own.
    private func everything(_ texts: RulesTexts) -> [String: String] {
        var all = ["summary": texts.summary]
        for (key, text) in texts.units { all["units.\(key)"] = text }
        for (key, text) in texts.praise { all["praise.\(key)"] = text }
        for (key, advice) in texts.advice {
            all["\(key).headline"] = advice.headline
            all["\(key).why"] = advice.why
            all["\(key).suggestion"] = advice.suggestion
            all["\(key).drill"] = advice.drill
        }
        return all
    }

    private func gaps(_ text: String) -> Set<String> {
        Set(text.matches(of: /\{([a-z]+)(#[^}]*)?\}/).map { String($0.1) })
    }

    private func feedback(
        _ values: [MeasureName: Double], language: String, fillers: [FillerHit] = []
    ) -> Feedback {
        let metrics = SpeechMetrics(
            measures: values.mapValues { Measure($0, unit: "u", definition: "d/1", confidence: 1) },
            fillers: fillers, fillerEvidence: .measured)
        return RulesCoach().feedback(
            CoachingMaterial(
                transcript: Samples.transcript(Self.spoken), metrics: metrics, language: language))
    }

    @Test(arguments: languages)
    func `every language has every text with the same gaps`(language: String) throws {
        let english = everything(try texts("en"))
        let own = everything(try texts(language))
        #expect(Set(own.keys) == Set(english.keys))
        #expect(Set(Finding.Kind.allCases.map(\.rawValue)) == Set(try texts(language).advice.keys))
        for (key, text) in own {
            #expect(gaps(text) == gaps(try #require(english[key])), "\(language) \(key)")
            #expect(language == "en" || key.hasPrefix("units.") || text != english[key], "\(key)")
            #expect(!text.contains("  ") && !text.contains("\""), "\(key)")
            let filled = text.filled(["value": "3", "words": "3", "seconds": "3", "headline": "H"])
            #expect(!filled.contains("{") && !filled.contains("|") && !filled.contains("#"), "\(key)")
        }
        #expect(try texts(language).quotes.count == 2)
    }

    /// With more than one form of each counted word, two forms or, where the language counts so, three.
    @Test(arguments: languages)
    func `counted words have as many forms as the language needs`(language: String) throws {
        for (key, text) in everything(try texts(language)) {
            for gap in text.matches(of: /\{[a-z]+#([^}]*)\}/) {
                #expect(gap.1.split(separator: "|").count == (language == "ru" ? 3 : 2), "\(key)")
            }
        }
    }

    /// A text is neither of another language nor so odd that its own is not recognised.
    @Test(arguments: languages)
    func `the advice is in its language`(language: String) throws {
        for kind in Finding.Kind.allCases {
            let advice = try #require(try texts(language).advice[kind.rawValue])
            let whole = [advice.headline, advice.why, advice.suggestion, advice.drill].joined(separator: " ")
            #expect(LanguageGuess.language(of: whole) == language, "\(kind)")
            for text in [advice.why, advice.suggestion, advice.drill] {
                let found = LanguageGuess.language(of: text)
                #expect(found == nil || found == language, "\(kind): \(text)")
            }
        }
    }

    @Test(arguments: [
        ("en", "1.2 semitones"), ("de", "1,2 Halbtöne"), ("es", "1,2 semitonos"), ("fr", "1,2 demi-tons"),
        ("pt", "1,2 semitons"), ("ru", "1,2 полутона"),
    ])
    func `numbers are written as the language writes them`(language: String, expected: String) throws {
        let feedback = feedback([.pitchSpreadSemitones: 1.2], language: language)
        #expect(try #require(feedback.improvements.first).why.contains(expected))
    }

    @Test(arguments: [
        ("en", "“um” (4×), “uh”"), ("de", "„um“ (4×), „uh“"), ("es", "«um» (4×), «uh»"),
        ("fr", "« um » (4×), « uh »"), ("pt", "“um” (4×), “uh”"), ("ru", "«um» (4×), «uh»"),
    ])
    func `words are quoted as the language quotes them`(language: String, expected: String) throws {
        let texts = try texts(language)
        #expect(texts.written(.words(["um", "uh", "um", "um", "um"])) == expected)
        let feedback = feedback(
            [.fillerCount: 5, .fillersPerMinute: 14, .fillersPer100Words: 30], language: language)
        #expect(feedback.improvements.first?.quote.contains("Um") == true)
        #expect(feedback.drill == texts.advice["fillers"]?.drill)
        // The speaker's own text stays in the language that was spoken.
        #expect(feedback.rewrite == "We start the project today and everybody knows what it means.")
    }

    @Test(arguments: [
        (1, "1 слово за 1 секунду речи."), (2, "2 слова за 2 секунды речи."), (5, "5 слов за 5 секунд речи."),
        (11, "11 слов за 11 секунд речи."), (21, "21 слово за 21 секунду речи."),
        (112, "112 слов за 112 секунд речи."),
    ])
    func `Russian counts as Russians do`(count: Int, expected: String) throws {
        let values = ["words": "\(count)", "seconds": "\(count)", "headline": "Дальше."]
        #expect(try texts("ru").summary.filled(values) == expected + " Дальше.")
    }

    @Test func `a coach without texts of a language speaks English`() {
        #expect(feedback([.wordsPerMinute: 250], language: "it").summary.hasPrefix("You said"))
        #expect(feedback([.wordsPerMinute: 250], language: "pt-BR").summary.contains("palavras"))
    }
}

@Suite struct TextTemplateTests {
    @Test func `gaps are filled once, and what fills them is no template`() {
        #expect("{a} and {b}".filled(["a": "{b}", "b": "x"]) == "{b} and x")
        #expect("{a} {unknown} {".filled(["a": "1"]) == "1 {unknown} {")
        #expect("} {a".filled(["a": "1"]) == "} {a")
        #expect("{}".filled([:]) == "{}")
    }

    @Test(arguments: [("0", "words"), ("1", "word"), ("2", "words"), ("1.5", "words"), ("many", "words")])
    func `one is one and everything else is more`(value: String, form: String) {
        #expect("{n#word|words}".filled(["n": value]) == form)
    }

    @Test(arguments: [
        ("0", "слов"), ("1", "слово"), ("3", "слова"), ("5", "слов"), ("12", "слов"), ("22", "слова"),
        ("101", "слово"), ("111", "слов"), ("1,5", "слова"),
    ])
    func `three forms follow the last digits`(value: String, form: String) {
        #expect("{n#слово|слова|слов}".filled(["n": value]) == form)
    }

    @Test func `malformed forms are survived`() {
        #expect("{n#}|{n#a}|{n#|}".filled(["n": "2"]) == "|a|")
    }
}
