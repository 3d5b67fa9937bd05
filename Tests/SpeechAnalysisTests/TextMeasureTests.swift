import CoachDomain
import Testing

@testable import SpeechAnalysis

@Suite struct TokenTests {
    @Test(arguments: [
        ("Hello,", "hello"), ("“don’t”", "don't"), ("well-known.", "well-known"), ("—", ""), ("Ähm…", "ähm"),
        ("(3rd)", "3rd"),
    ])
    func `spellings of one word become equal`(written: String, normal: String) {
        #expect(Token.normalized(written) == normal)
    }

    @Test func `punctuation tells where clauses and sentences end`() {
        let tokens = ["So,", "this", "is", "it.", "Really?!", "Yes"].map { Token(written: $0) }
        #expect(tokens.map(\.endsClause) == [true, false, false, true, true, false])
        #expect(tokens.map(\.endsSentence) == [false, false, false, true, true, false])
    }
}

@Suite struct LexiconTests {
    @Test(arguments: ["en", "es", "de", "fr", "ru", "pt"])
    func `every promised language has fillers and hedges in normal form`(language: String) throws {
        let lexicon = try #require(Lexicon.of(language))
        #expect(lexicon.language == language)
        #expect(lexicon.hesitations.count >= 8 && lexicon.markers.count >= 8 && lexicon.hedges.count >= 15)
        #expect(lexicon.weakWords.count >= 15 && lexicon.clauseWords.count >= 12)
        let phrases =
            lexicon.markers + lexicon.hedges + lexicon.weakWords + lexicon.setOffMarkers
            + Array(lexicon.hesitations.union(lexicon.clauseWords).union(lexicon.repeatable))
        for phrase in phrases {
            let normal = phrase.split(separator: " ").map { Token.normalized(String($0)) }.joined(
                separator: " ")
            #expect(normal == phrase)
        }
    }

    @Test(arguments: Lexicon.languages)
    func `no phrase is counted in two lists`(language: String) throws {
        let lexicon = try #require(Lexicon.of(language))
        #expect(Set(lexicon.hedges).isDisjoint(with: lexicon.weakWords))
        #expect(Set(lexicon.markers).isDisjoint(with: lexicon.hedges + lexicon.weakWords))
        #expect(lexicon.hesitations.isDisjoint(with: lexicon.hedges + lexicon.weakWords + lexicon.markers))
    }

    @Test func `regions and unknown languages`() {
        #expect(Lexicon.of("en-GB")?.language == "en")
        #expect(Lexicon.of("pt_BR")?.language == "pt")
        #expect(Lexicon.of("xx") == nil)
        #expect(Lexicon.of(nil) == nil)
    }
}

@Suite struct SyllableTests {
    @Test(arguments: [
        ("cat", 1), ("the", 1), ("table", 2), ("make", 1), ("walked", 1), ("wanted", 2), ("played", 1),
        ("boxes", 2), ("makes", 1), ("idea", 3), ("important", 3), ("beautiful", 3), ("communication", 5),
        ("people", 2), ("presentation", 4), ("really", 2), ("I'm", 1), ("question", 2), ("created", 3),
        ("example", 3), ("business", 2), ("university", 5), ("people,", 2), ("strengths", 1),
    ])
    func `English words have the syllables of a dictionary`(word: String, syllables: Int) throws {
        #expect(try #require(SyllableEstimator(language: "en")).count(word) == syllables, "\(word)")
    }

    @Test(arguments: [
        ("es", "buenos días a todos", 7), ("de", "guten Morgen zusammen", 7), ("ru", "доброе утро", 5),
        ("fr", "bonjour tout le monde", 5), ("pt", "bom dia para todos", 6),
    ])
    func `other languages count vowels`(language: String, text: String, syllables: Int) throws {
        let estimator = try #require(SyllableEstimator(language: language))
        let sum = text.split(separator: " ").reduce(0) { $0 + estimator.count(String($1)) }
        #expect(abs(sum - syllables) <= 1, "\(sum)")
    }

    @Test(arguments: [
        ("es", "que", 1), ("es", "guerra", 2), ("es", "yo", 1), ("es", "día", 2), ("es", "rey", 1),
        ("es", "ayer", 2), ("pt", "quatro", 2), ("pt", "não", 1), ("pt", "coração", 3), ("de", "Qualität", 3),
        ("de", "freie", 2), ("de", "Yoga", 2), ("de", "Häuser", 2), ("fr", "qu'il", 1), ("fr", "homme", 1),
        ("fr", "beaucoup", 2), ("fr", "elles", 1), ("ru", "который", 3), ("ru", "яблоко", 3),
    ])
    func `words of other languages have their syllables`(language: String, word: String, count: Int) throws {
        #expect(try #require(SyllableEstimator(language: language)).count(word) == count, "\(word)")
    }

    @Test func `a language with unknown spelling has none`() {
        #expect(SyllableEstimator(language: "zh") == nil)
        #expect(SyllableEstimator(language: nil) == nil)
    }
}

@Suite struct FillerFinderTests {
    private func found(_ text: String, language: String = "en") -> [String] {
        FillerFinder(lexicon: Lexicon.of(language))
            .findings(in: text.split(separator: " ").map { Token(written: String($0)) }).map(\.text)
    }

    @Test func `sounds and phrases are found wherever they stand`() {
        #expect(found("Um, I mean the plan is, uh, you know good") == ["um", "i mean", "uh", "you know"])
    }

    @Test func `an ordinary word is a filler only when it is set off`() {
        #expect(found("I like this plan") == [])
        #expect(found("It was, like, huge") == ["like"])
        #expect(found("So, we started") == ["so"])
        #expect(found("so we started") == [])
        #expect(found("That is right.") == [])
    }

    @Test func `a phrase can be set off as well, and Spanish "this" is no hesitation`() {
        #expect(found("C'est bon, du coup, on y va", language: "fr") == ["du coup"])
        #expect(found("il vient du coup de feu", language: "fr") == [])
        #expect(found("este proyecto es bueno", language: "es") == [])
        #expect(found("el plan, este, es bueno", language: "es") == ["este"])
    }

    @Test func `a pause on both sides sets a word off`() {
        let times = [0.0, 0.3, 0.9, 1.6]
        let tokens = zip(["it", "was", "like", "huge"], times).map { word, start in
            Token(written: word, span: TimeSpan(start: start, end: start + 0.25))
        }
        let findings = FillerFinder(lexicon: Lexicon.of("en")).findings(in: tokens)
        #expect(findings.map(\.text) == ["like"])
        #expect(findings.first?.span == TimeSpan(start: 0.9, end: 1.15))
    }

    @Test func `without a lexicon only marked words count`() {
        let tokens = [Token(written: "um"), Token(written: "əm", isMarked: true)]
        #expect(FillerFinder(lexicon: nil).findings(in: tokens).map(\.text) == ["əm"])
    }

    @Test(arguments: [
        ("de", "Ähm, das ist, äh, gut", 2), ("es", "Eh, o sea la idea es buena", 2),
        ("fr", "Euh, tu vois, c'est bon", 2),
        ("ru", "Эм, это, как бы, важно", 2), ("pt", "Hum, quer dizer, é isso", 2),
    ])
    func `other languages have theirs`(language: String, text: String, count: Int) {
        #expect(found(text, language: language).count >= count)
    }
}

@Suite struct RepetitionTests {
    private func found(_ text: String) throws -> [String] {
        let tokens = text.split(separator: " ").map { Token(written: String($0)) }
        let fillers = Set(tokens.indices.filter { tokens[$0].normal == "um" })
        return RepetitionFinder(lexicon: try #require(Lexicon.of("en")))
            .repetitions(in: tokens, fillers: fillers).map { tokens[$0].map(\.normal).joined(separator: " ") }
    }

    @Test func `stumbles are found, emphasis is not`() throws {
        #expect(try found("I I think the the plan is very very good") == ["i", "the"])
        #expect(try found("we can we can start") == ["we can"])
        #expect(try found("it is um it is done") == ["it is"])
        #expect(try found("I said that that was fine") == [])
        #expect(try found("I like it. it works") == [])
    }
}

@Suite struct WeakWordTests {
    @Test func `weak words are found, fillers are not counted again`() throws {
        let tokens = "it was a lot of stuff and, basically, really good".split(separator: " ")
            .map { Token(written: String($0)) }
        let lexicon = try #require(Lexicon.of("en"))
        let fillers = Set(FillerFinder(lexicon: lexicon).findings(in: tokens).flatMap(\.tokens))
        let found = WeakWordFinder(lexicon: lexicon).findings(in: tokens, fillers: fillers)
            .map { tokens[$0].map(\.normal).joined(separator: " ") }
        #expect(found == ["a lot", "stuff", "really"])
    }
}

@Suite struct VocabularyTests {
    @Test func `the ratio of a text of all different words is one`() {
        #expect(Vocabulary.movingAverageTypeTokenRatio((0..<120).map(String.init)) == 1)
    }

    @Test func `length does not change the ratio of a cycle`() throws {
        let cycle = { (count: Int) in (0..<count).map { String($0 % 25) } }
        #expect(Vocabulary.movingAverageTypeTokenRatio(cycle(100)) == 0.5)
        #expect(Vocabulary.movingAverageTypeTokenRatio(cycle(1_000)) == 0.5)
    }

    @Test func `a short text has none`() {
        #expect(Vocabulary.movingAverageTypeTokenRatio(Array(repeating: "a", count: 49)) == nil)
    }
}
