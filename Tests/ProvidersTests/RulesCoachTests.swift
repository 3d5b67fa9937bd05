import CoachDomain
import SpeechAnalysis
import Testing

@testable import Providers

@Suite struct RewriterTests {
    private func rewrite(_ text: String, language: String = "en") -> String {
        Rewriter(
            CoachingMaterial(
                transcript: Samples.transcript(text, language: language), metrics: SpeechMetrics(),
                language: nil)
        ).text()
    }

    @Test(arguments: [
        ("Um, so, I think it works.", "I think it works."),
        ("It is, uh, really important.", "It is really important."),
        ("I I want the the plan.", "I want the plan."),
        ("We can we can start, you know.", "We can start."),
        ("It was, like, huge.", "It was huge."),
        ("I like this plan.", "I like this plan."),
        ("I wan- I wanted to say this.", "I wanted to say this."),
        ("Um.", ""), ("", ""),
        ("It is um it is done.", "It is done."),
    ])
    func `fillers, repetitions and false starts go`(said: String, meant: String) {
        #expect(rewrite(said) == meant)
    }

    @Test func `other languages lose theirs`() {
        #expect(rewrite("Ähm, das ist, äh, gut.", language: "de") == "Das ist gut.")
    }

    @Test func `pauses make sentences where the recogniser made none`() {
        let times = [0.0, 0.4, 0.8, 2.5, 2.9, 3.3, 3.7]
        let words = zip("we start now then we go home".split(separator: " "), times).map {
            Word(text: String($0), span: TimeSpan(start: $1, end: $1 + 0.3))
        }
        let transcript = Transcript(
            text: "", language: "en", provider: "t", model: "t",
            capabilities: RecognizerCapabilities(fillers: .measured, wordTimes: true, wordConfidence: false),
            words: words)
        let material = CoachingMaterial(transcript: transcript, metrics: SpeechMetrics(), language: nil)
        #expect(Rewriter(material).text() == "We start now. Then we go home.")
    }
}

@Suite struct RulesCoachTests {
    private func metrics(_ values: [MeasureName: Double], pauses: [TimeSpan] = []) -> SpeechMetrics {
        SpeechMetrics(
            measures: values.mapValues { Measure($0, unit: "u", definition: "d/1", confidence: 1) },
            pauses: pauses.map { Pause(span: $0) }, fillerEvidence: .measured)
    }

    private func feedback(_ text: String, _ metrics: SpeechMetrics, language: String? = nil) -> Feedback {
        RulesCoach().feedback(
            CoachingMaterial(transcript: Samples.transcript(text), metrics: metrics, language: language))
    }

    private func focus(_ text: String, _ metrics: SpeechMetrics) -> Finding.Kind? {
        Diagnosis(CoachingMaterial(transcript: Samples.transcript(text), metrics: metrics, language: nil))
            .findings().first?.kind
    }

    private let plain = "We start the project today and everybody in the team knows what to do next."

    @Test func `the gravest finding becomes the focus`() {
        let fillers = "Um we start uh the project um today and um everybody knows."
        let count: [MeasureName: Double] = [.fillerCount: 4, .fillersPerMinute: 14, .fillersPer100Words: 40]
        #expect(focus(fillers, metrics(count)) == .fillers)
        #expect(focus(plain, metrics([.wordsPerMinute: 230])) == .tooFast)
        #expect(focus(plain, metrics([.wordsPerMinute: 70])) == .tooSlow)
        #expect(focus(plain, metrics([.pitchSpreadSemitones: 0.9])) == .flatPitch)
        #expect(focus(plain, metrics([.fadeOutCount: 4])) == .fadingEnds)
        #expect(focus(plain, metrics([.sentenceLengthWords: 40])) == .longSentences)
        #expect(focus(plain, metrics([:], pauses: [TimeSpan(start: 2.75, end: 6)])) == .longPauses)
        #expect(
            focus(plain, metrics([.pausesPerMinute: 1, .speakingSeconds: 40, .wordsPerMinute: 170]))
                == .breathless)
        #expect(
            focus("I think maybe I guess we start perhaps the project.", metrics([.hedgesPer100Words: 40]))
                == .hedges)
        #expect(
            focus("We we start the the project.", metrics([.repeatedWords: 2, .wordCount: 6])) == .repetitions
        )
    }

    @Test func `ordinary speech is given something to polish, not a fault`() {
        let ordinary = metrics([
            .wordsPerMinute: 140, .pitchSpreadSemitones: 3, .pausesPerMinute: 12, .fillersPer100Words: 1,
            .fillerCount: 1, .hedgesPer100Words: 0, .sentenceLengthWords: 14, .pauseLongestSeconds: 1,
            .pauseCount: 4,
        ])
        #expect(focus(plain, ordinary) == .weakEnding)
        let feedback = feedback(plain, ordinary)
        #expect(feedback.improvements.count == 1)
        #expect(feedback.strengths.count == 2)
    }

    @Test func `fillers that were not measured are neither blamed nor praised`() {
        var unknown = metrics([.wordsPerMinute: 140])
        unknown.fillerEvidence = .notAvailable
        let feedback = feedback(plain, unknown)
        let all = feedback.strengths + [feedback.summary] + feedback.improvements.map(\.why)
        #expect(!all.contains { $0.lowercased().contains("filler") })
    }

    @Test func `every quote was said and has its time`() throws {
        let text = "Um I think we we start uh the project maybe um today and um everybody I guess knows."
        let measured = SpeechMetrics.measured(
            MeasurementInput(
                originalSeconds: 8, speechSpans: [TimeSpan(start: 0, end: 3), TimeSpan(start: 5, end: 7.5)],
                transcript: Samples.transcript(text)))
        let feedback = feedback(text, measured)
        #expect((1...3).contains(feedback.improvements.count))
        for improvement in feedback.improvements {
            #expect(text.contains(improvement.quote))
            let start = try #require(improvement.start)
            #expect(start >= 0 && (improvement.end ?? 0) > start)
        }
        #expect(feedback.improvements.first?.quote.contains("Um") == true)
        #expect(feedback.rewrite == "I think we start the project maybe today and everybody I guess knows.")
    }

    @Test func `every kind has complete texts without a gap`() throws {
        let texts = try #require(RulesTexts.of("en"))
        for kind in Finding.Kind.allCases {
            let advice = try #require(texts.advice[kind.rawValue], "\(kind)")
            for text in [advice.headline, advice.why, advice.suggestion, advice.drill] {
                #expect(!text.filled(["value": "3"]).contains("{"))
                #expect(text.count > 20)
            }
        }
        #expect(RulesTexts.of("xx")?.language == "en")
    }

    @Test func `a note of one word and a note of none are survived`() {
        #expect(feedback("Hello", metrics([:])).improvements.map(\.quote) == ["Hello"])
        let empty = feedback("", metrics([:]))
        #expect(empty.improvements.isEmpty && empty.rewrite.isEmpty && !empty.strengths.isEmpty)
    }

    @Test func `no text keeps a placeholder`() {
        for values: [MeasureName: Double] in [[:], [.wordsPerMinute: 250], [.speakingSeconds: 12]] {
            let feedback = feedback(plain, metrics(values))
            let all =
                [feedback.summary, feedback.drill] + feedback.strengths
                + feedback.improvements.flatMap { [$0.why, $0.suggestion] }
            #expect(!all.contains { $0.contains("{") || $0.contains("}") })
        }
    }

    @Test func `its answers pass the check that models have to pass`() throws {
        let feedback = feedback(Samples.spoken, metrics([.wordsPerMinute: 220]))
        let material = Samples.material()
        let locator = QuoteLocator(material)
        #expect(feedback.improvements.allSatisfy { locator.locate($0.quote) != nil })
        #expect(LanguageGuess.language(of: feedback.drill) == "en")
    }
}
