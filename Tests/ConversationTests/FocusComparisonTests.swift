import CoachDomain
import Conversation
import Testing

struct FocusComparisonTests {
    private func metrics(
        _ name: MeasureName, _ value: Double, definition: String = "d/1", fillers: Evidence = .measured
    ) -> SpeechMetrics {
        SpeechMetrics(
            measures: [name: Measure(value, unit: "u", definition: definition)], fillerEvidence: fillers)
    }

    private func words(_ text: String) -> Transcript {
        Transcript(
            text: text, language: "en", provider: "p", model: "m",
            capabilities: RecognizerCapabilities(fillers: .measured, wordTimes: true, wordConfidence: true),
            words: [])
    }

    private func focus(_ topic: CoachingTopic?, quote: String = "") -> Improvement {
        Improvement(quote: quote, start: nil, end: nil, why: "", suggestion: "", topic: topic)
    }

    private func verdict(_ topic: CoachingTopic, _ before: Double, _ after: Double) throws
        -> FocusComparison.Verdict?
    {
        let measure = try #require(topic.measure)
        let comparison = FocusComparison(
            focus: focus(topic), before: metrics(measure, before), after: metrics(measure, after),
            transcript: words("x"))
        guard case .numbers(_, _, _, let verdict) = comparison?.evidence else { return nil }
        return verdict
    }

    @Test func `less of what should be little is better`() throws {
        #expect(try verdict(.fillers, 9, 3) == .better)
        #expect(try verdict(.fillers, 3, 9) == .worse)
        #expect(try verdict(.fillers, 3, 3.4) == .same)
        #expect(try verdict(.fillers, 4, 1) == .better, "also where both are comfortable")
    }

    @Test func `a pace gets better towards the comfortable zone, from either side`() throws {
        #expect(try verdict(.pace, 220, 150) == .better)
        #expect(try verdict(.pace, 80, 140) == .better)
        #expect(try verdict(.pace, 150, 230) == .worse)
        #expect(try verdict(.pace, 125, 160) == .same, "both are comfortable")
    }

    @Test func `livelier is better`() throws {
        #expect(try verdict(.pitch, 1.2, 2.6) == .better)
        #expect(try verdict(.pitch, 2.6, 1.2) == .worse)
    }

    @Test func `numbers that were counted in another way are not compared`() {
        let before = metrics(.fillersPerMinute, 9, fillers: .lowerBound)
        let comparison = FocusComparison(
            focus: focus(.fillers, quote: "um so"), before: before, after: metrics(.fillersPerMinute, 1),
            transcript: words("So, UM... so it goes"))
        #expect(comparison?.evidence == .words(quote: "um so", saidAgain: true))
        let renamed = FocusComparison(
            focus: focus(.pace), before: metrics(.wordsPerMinute, 200, definition: "d/1"),
            after: metrics(.wordsPerMinute, 150, definition: "d/2"), transcript: words("x"))
        #expect(renamed == nil, "neither numbers nor words to compare")
    }

    @Test func `where no number tells, the words do`() {
        let comparison = FocusComparison(
            focus: focus(.wording, quote: "kind of thing"), before: SpeechMetrics(), after: SpeechMetrics(),
            transcript: words("A precise thing."))
        #expect(comparison?.evidence == .words(quote: "kind of thing", saidAgain: false))
    }
}
