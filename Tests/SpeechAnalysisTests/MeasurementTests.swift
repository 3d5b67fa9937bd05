import CoachDomain
import Foundation
import Testing

@testable import SpeechAnalysis

@Suite struct MeasurementTests {
    private let verbatim = RecognizerCapabilities(fillers: .measured, wordTimes: true, wordConfidence: true)

    /// Words of 0.25 s, one every 0.4 s.
    private func transcript(
        _ text: String, fillers: Evidence = .measured, language: String? = "en", timed: Bool = true
    ) -> Transcript {
        let words = text.split(separator: " ").enumerated().map { index, word in
            Word(
                text: String(word),
                span: TimeSpan(start: Double(index) * 0.4, end: Double(index) * 0.4 + 0.25))
        }
        return Transcript(
            text: text, language: language, provider: "test", model: "test",
            capabilities: RecognizerCapabilities(fillers: fillers, wordTimes: timed, wordConfidence: false),
            words: timed ? words : [])
    }

    private func measured(
        _ spans: [(Double, Double)], _ transcript: Transcript? = nil, acoustics: AcousticTrack? = nil
    ) -> SpeechMetrics {
        .measured(
            MeasurementInput(
                originalSeconds: (spans.last?.1 ?? 0) + 1,
                speechSpans: spans.map { TimeSpan(start: $0.0, end: $0.1) }, acoustics: acoustics,
                transcript: transcript))
    }

    @Test func `pauses are counted, classed and put into relation`() {
        let metrics = measured([(1, 3), (3.1, 5), (5.5, 7), (8.5, 11)])
        #expect(metrics[.pauseCount] == 2)
        #expect(metrics.pauses.map(\.span) == [TimeSpan(start: 5, end: 5.5), TimeSpan(start: 7, end: 8.5)])
        #expect(metrics[.pausesBrief] == 1)
        #expect(metrics[.pausesMedium] == 1)
        #expect(metrics[.pausesLong] == 1)
        #expect(metrics[.pauseLongestSeconds] == 1.5)
        #expect(metrics[.pauseMeanSeconds] == 1)
        #expect(abs((metrics[.phonationRatio] ?? 0) - 7.9 / 10) < 1e-9)
        #expect(abs((metrics[.pauseShare] ?? 0) - 2.1 / 10) < 1e-9)
        #expect(metrics[.pausesPerMinute] == 12)
    }

    @Test func `nothing is known of a note without speech`() {
        let metrics = measured([])
        #expect(metrics.measures.isEmpty)
        #expect(metrics.fillerEvidence == .notAvailable)
    }

    @Test func `pace counts words over the speaking turn`() {
        let text = Array(repeating: "speaking", count: 30).joined(separator: " ")
        let metrics = measured([(2, 12)], transcript(text))
        #expect(metrics[.wordsPerMinute] == 180)
        #expect(metrics[.speechRate] == 6)
        #expect(metrics[.articulationRate] == 6)
    }

    @Test func `articulation rate leaves the pauses out`() {
        let text = Array(repeating: "speaking", count: 20).joined(separator: " ")
        let metrics = measured([(0, 4), (6, 10)], transcript(text))
        #expect(metrics[.speechRate] == 4)
        #expect(metrics[.articulationRate] == 5)
    }

    @Test func `short speech has no pace`() {
        #expect(measured([(0, 2)], transcript("one two three four five six"))[.wordsPerMinute] == nil)
        #expect(measured([(0, 9)], transcript("one two"))[.wordsPerMinute] == nil)
    }

    @Test func `fillers carry times, rates and their evidence`() {
        let text = "um so we start with the plan uh and then we go on to the next point today"
        let metrics = measured([(0, 7.2)], transcript(text))
        #expect(metrics.fillers.map(\.text) == ["um", "uh"])
        #expect(abs(metrics.fillers[1].span.start - 2.8) < 1e-9)
        #expect(metrics[.fillerCount] == 2)
        #expect(metrics[.wordCount] == 16)
        #expect(metrics[.fillersPer100Words] == 12.5)
        #expect(abs((metrics[.fillersPerMinute] ?? 0) - 16.667) < 0.001)
        #expect(metrics.measures[.fillerCount]?.evidence == .measured)
        #expect(metrics.fillerEvidence == .measured)
    }

    @Test func `a recogniser that drops hesitations never yields zero fillers`() {
        let clean = "we start with the plan and then we go on to the next point"
        let none = measured([(0, 6)], transcript(clean, fillers: .notAvailable))
        #expect(none[.fillerCount] == nil && none[.fillersPerMinute] == nil)
        #expect(none.fillerEvidence == .notAvailable)

        let bound = measured([(0, 6)], transcript(clean, fillers: .lowerBound))
        #expect(bound[.fillerCount] == 0)
        #expect(bound.measures[.fillerCount]?.evidence == .lowerBound)

        let some = measured([(0, 6)], transcript("um " + clean, fillers: .notAvailable))
        #expect(some.measures[.fillerCount]?.evidence == .lowerBound)
    }

    @Test func `words without times still give counts, but no places`() {
        let metrics = measured(
            [(0, 6)], transcript("um we start uh with the plan today at nine", timed: false))
        #expect(metrics[.fillerCount] == 2)
        #expect(metrics.fillers.isEmpty)
        #expect(metrics[.pausesWithinClause] == nil)
    }

    @Test func `an unknown language gives what needs no lexicon`() {
        let text = "kaks kolm neli viis kuus seitse kaheksa uheksa kumme uksteist kaksteist"
        let metrics = measured([(0, 6)], transcript(text, language: "et"))
        #expect(metrics[.wordsPerMinute] == 110)
        #expect(metrics[.hedgesPer100Words] == nil && metrics[.repeatedWords] == nil)
        #expect(metrics.measures[.fillerCount]?.evidence == .lowerBound)
        #expect(metrics[.speechRate] == nil)
    }

    @Test func `hedges, repetitions and sentence length come from the text`() {
        let metrics = measured(
            [(0, 8)],
            transcript("I think this is is maybe the best plan. It will probably work. We should start now."))
        #expect(metrics[.repeatedWords] == 1)
        #expect(metrics[.hedgesPer100Words].map { ($0 * 17 / 100).rounded() } == 3)
        #expect(metrics[.sentenceLengthWords].map { ($0 * 100).rounded() } == 567)
    }

    @Test func `a text without punctuation has no sentence length and no clause pauses`() {
        let metrics = measured(
            [(0, 3), (4, 8)], transcript("we start with the plan and then we go on and on"))
        #expect(metrics[.sentenceLengthWords] == nil)
        #expect(metrics[.pausesWithinClause] == nil)
    }

    @Test func `a pause inside a clause is told from one at its end`() {
        let words = [("We", 0.0), ("start.", 0.4), ("Then", 2.0), ("we", 2.4), ("go", 4.0), ("home.", 4.4)]
            .map {
                Word(text: $0.0, span: TimeSpan(start: $0.1, end: $0.1 + 0.3))
            }
        let transcript = Transcript(
            text: "We start. Then we go home.", language: "en", provider: "test", model: "test",
            capabilities: verbatim,
            words: words)
        #expect(measured([(0, 0.7), (2, 2.7), (4, 4.7)], transcript)[.pausesWithinClause] == 1)
    }

    @Test func `pitch is summed up inside speech only`() {
        let sound =
            Signals.voice(seconds: 3, hertz: { 150 * pow(2, sin(2 * .pi * $0) / 4) })
            + Signals.voice(seconds: 2, hertz: { _ in 400 })
        let metrics = measured([(0, 3)], acoustics: Signals.track(sound))
        #expect(abs((metrics[.pitchMedianHz] ?? 0) / 150 - 1) < 0.02)
        // A quarter octave of sine: SD 3/√2 semitones, 5–95 % nearly its whole swing.
        #expect(abs((metrics[.pitchSpreadSemitones] ?? 0) - 2.12) < 0.1)
        #expect(abs((metrics[.pitchRangeSemitones] ?? 0) - 5.93) < 0.2)
    }

    @Test func `too little voice has no pitch`() {
        let metrics = measured(
            [(0, 0.5)], acoustics: Signals.track(Signals.voice(seconds: 0.5, hertz: { _ in 150 })))
        #expect(metrics[.pitchMedianHz] == nil && metrics[.pitchSpreadSemitones] == nil)
    }

    @Test func `syllables are counted from bursts of voice`() {
        // Four syllables a second: 150 ms of voice, 100 ms nearly silent.
        let burst =
            Signals.voice(seconds: 0.15, hertz: { _ in 140 }) + Signals.noise(seconds: 0.1, amplitude: 20)
        let sound = (0..<20).flatMap { _ in burst }
        let metrics = measured([(0, 5)], acoustics: Signals.track(sound))
        // The noise after the last one is no speech: 20 in 4.92 s.
        #expect(metrics[.syllablesPerSecond].map { abs($0 - 20 / 4.92) < 0.02 } == true)
        #expect(metrics[.articulationRate] == metrics[.syllablesPerSecond])
        #expect(metrics.measures[.articulationRate]?.definition == "articulation-rate-nuclei/1")
    }

    @Test func `level changes and fading ends are measured`() {
        let loud = Signals.voice(seconds: 2, hertz: { _ in 140 })
        let soft = Signals.voice(seconds: 0.6, hertz: { _ in 140 }, amplitude: 1_600)
        let gap = Signals.silence(seconds: 0.5)
        let track = Signals.track(loud + gap + loud + soft + gap)
        let metrics = measured([(0, 2), (2.5, 5.1)], acoustics: track)
        #expect(metrics[.fadeOutCount] == 1)
        #expect((metrics[.loudnessVariationDB] ?? 0) > 3)
        let steady = measured([(0, 2)], acoustics: Signals.track(loud))
        #expect((steady[.loudnessVariationDB] ?? 9) < 0.5)
        #expect(steady[.fadeOutCount] == 0)
    }

    @Test func `every measure names a definition, a unit and a sane confidence`() {
        let sound = Signals.voice(seconds: 8, hertz: { 150 + 10 * sin($0) })
        let metrics = measured(
            [(0, 4), (4.5, 8)],
            transcript("Um, I think we we start now. Then we go on with the plan, you know."),
            acoustics: Signals.track(sound))
        #expect(metrics.measures.count > 18)
        for (name, measure) in metrics.measures {
            #expect(measure.definition.contains("/"), "\(name)")
            #expect(!measure.unit.isEmpty && measure.value.isFinite)
            #expect(measure.confidence.map { (0...1).contains($0) } ?? true)
        }
    }
}
