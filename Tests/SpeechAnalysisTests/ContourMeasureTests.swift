import CoachDomain
import Foundation
import Testing

@testable import SpeechAnalysis

@Suite struct ContourMeasureTests {
    private func transcript(_ starts: [Double], length: Double = 0.25) -> Transcript {
        let words = starts.map { Word(text: "word", span: TimeSpan(start: $0, end: $0 + length)) }
        return Transcript(
            text: words.map(\.text).joined(separator: " "), language: "en", provider: "t", model: "t",
            capabilities: .init(fillers: .measured, wordTimes: true, wordConfidence: false), words: words)
    }

    private func contours(
        _ signal: [Double], _ spans: [(Double, Double)], _ transcript: Transcript? = nil
    ) throws -> SpeechContours {
        let metrics = SpeechMetrics.measured(
            MeasurementInput(
                originalSeconds: Double(signal.count) / Signals.rate,
                speechSpans: spans.map { TimeSpan(start: $0.0, end: $0.1) },
                acoustics: Signals.track(signal), transcript: transcript))
        return try #require(metrics.contours)
    }

    @Test func `the pitch curve shows a rise where it was`() throws {
        let low = Signals.voice(seconds: 3, hertz: { _ in 120 })
        let high = Signals.voice(seconds: 2, hertz: { _ in 120 * pow(2, 4.0 / 12) })
        let found = try contours(
            low + Signals.silence(seconds: 1) + high, [(0, 3), (4, 6)])
        let pitch = try #require(found.pitch)
        for point in 0..<pitch.count {
            let time = pitch.time(of: point)
            if (0.2..<2.8).contains(time) { #expect(pitch[point].map { abs($0) < 0.3 } == true, "\(time)") }
            if (3.1..<3.9).contains(time) { #expect(pitch[point] == nil, "\(time)") }
            if (4.2..<5.8).contains(time) {
                #expect(pitch[point].map { abs($0 - 4) < 0.3 } == true, "\(time)")
            }
        }
    }

    @Test func `the loudness curve and the fade-outs show where a phrase was swallowed`() throws {
        let loud = Signals.voice(seconds: 3, hertz: { _ in 140 })
        let soft = Signals.voice(seconds: 0.5, hertz: { _ in 140 }, amplitude: 1_600)
        let found = try contours(
            loud + soft + Signals.silence(seconds: 0.5) + loud, [(0, 3.5), (4, 7)])
        #expect(found.fadeOuts == [TimeSpan(start: 3.1, end: 3.5)])
        let loudness = try #require(found.loudness)
        for point in 0..<loudness.count {
            let time = loudness.time(of: point)
            if (0.2..<2.8).contains(time) { #expect(loudness[point].map { abs($0) < 1 } == true) }
            if (3.15..<3.4).contains(time) {
                // A fifth of the amplitude: −14 dB.
                #expect(loudness[point].map { abs($0 + 14) < 1.5 } == true, "\(time)")
            }
            if (3.7..<3.9).contains(time) { #expect(loudness[point] == nil) }
        }
    }

    @Test func `the envelope outlines the waveform`() throws {
        let loud = Signals.voice(seconds: 2, hertz: { _ in 140 })
        let soft = Signals.voice(seconds: 2, hertz: { _ in 140 }, amplitude: 4_000)
        let found = try contours(loud + Signals.silence(seconds: 1) + soft, [(0, 2), (3, 5)])
        let envelope = try #require(found.envelope)
        for point in 0..<envelope.count {
            let value = try #require(envelope[point])
            switch envelope.time(of: point) {
            case 0.1..<1.9: #expect(value > 0.9)
            case 2.1..<2.9: #expect(value < 0.01)
            case 3.1..<4.9: #expect(abs(value - 0.5) < 0.05)
            default: break
            }
        }
    }

    @Test func `the pace curve is flat for an even talker and drops at a pause`() throws {
        let even = (0..<60).map { Double($0) * 0.4 }
        let signal = Signals.silence(seconds: 24)
        let pace = try #require(try contours(signal, [(0, 24)], transcript(even)).pace)
        #expect(pace.unit == "words/min")
        #expect(pace.values.allSatisfy { $0.map { abs($0 - 150) < 12 } == true })

        let halted = even.map { $0 < 12 ? $0 : $0 + 6 }
        let slow = try #require(try contours(signal + signal, [(0, 12), (18, 30)], transcript(halted)).pace)
        let middle = try #require(
            (0..<slow.count).min { abs(slow.time(of: $0) - 15) < abs(slow.time(of: $1) - 15) })
        #expect(slow[middle].map { $0 < 40 } == true)
        #expect(slow[0].map { $0 > 130 } == true)
    }

    @Test func `without words the pace is counted in syllables`() throws {
        let burst =
            Signals.voice(seconds: 0.15, hertz: { _ in 140 }) + Signals.noise(seconds: 0.1, amplitude: 20)
        let signal = (0..<40).flatMap { _ in burst }
        let pace = try #require(try contours(signal, [(0, 10)]).pace)
        #expect(pace.unit == "syllables/s")
        #expect(pace.values.allSatisfy { $0.map { abs($0 - 4) < 0.5 } == true })
    }

    @Test(arguments: [0.5, 3, 12])
    func `contours stay small, however long the note`(seconds: Double) throws {
        let signal = Signals.voice(seconds: seconds, hertz: { 140 + 20 * sin($0) })
        let words = transcript((0..<Int(seconds * 2)).map { Double($0) / 2 })
        let found = try contours(signal, [(0, seconds - 0.1)], words)
        #expect((found.envelope?.count ?? 0) <= SpeechContours.envelopePoints)
        for contour in [found.pitch, found.loudness, found.pace] {
            #expect((contour?.count ?? 0) <= SpeechContours.points)
        }
        #expect(try JSONEncoder().encode(found).count < 3_000)
    }

    @Test func `a note without speech has no contours`() {
        let metrics = SpeechMetrics.measured(
            MeasurementInput(
                originalSeconds: 3, speechSpans: [],
                acoustics: Signals.track(Signals.noise(seconds: 3, amplitude: 900)),
                transcript: transcript([0, 1, 2]), loudnessLUFS: -30, signalToNoiseDB: 3))
        #expect(metrics == SpeechMetrics())
    }
}

@Suite struct ClauseTests {
    private func places(
        _ words: [(String, Double)], _ spans: [(Double, Double)], language: String = "en"
    ) -> (places: [Pause.Place?], within: Double?, atEnd: Double?) {
        let words = words.map { Word(text: $0.0, span: TimeSpan(start: $0.1, end: $0.1 + 0.3)) }
        let metrics = SpeechMetrics.measured(
            MeasurementInput(
                originalSeconds: 30, speechSpans: spans.map { TimeSpan(start: $0.0, end: $0.1) },
                transcript: Transcript(
                    text: "", language: language, provider: "t", model: "t",
                    capabilities: .init(fillers: .measured, wordTimes: true, wordConfidence: false),
                    words: words), signalToNoiseDB: 30))
        return (metrics.pauses.map(\.place), metrics[.pausesWithinClause], metrics[.pausesAtClauseEnd])
    }

    @Test func `punctuation before and clause words after a pause end a clause`() {
        let found = places(
            [
                ("We", 0), ("start.", 0.4), ("Then", 2), ("go", 2.4), ("because", 4), ("of", 4.4),
                ("rain.", 6),
            ], [(0, 0.7), (2, 2.7), (4, 4.7), (6, 6.3)])
        #expect(found.places == [.clauseEnd, .clauseEnd, .withinClause])
        #expect(found.within == 1 && found.atEnd == 2)
    }

    @Test func `a hesitation between two clauses belongs to neither`() {
        let found = places(
            [("We", 0), ("start.", 0.4), ("Um,", 2), ("I", 4), ("go.", 4.4)],
            [(0, 0.7), (2, 2.3), (4, 4.7)])
        #expect(found.places == [.clauseEnd, .clauseEnd])
    }

    @Test func `without punctuation only clause words tell, and nothing is counted`() {
        let found = places(
            [("we", 0), ("start", 0.4), ("but", 2), ("go", 2.4), ("home", 4)],
            [(0, 0.7), (2, 2.7), (4, 4.3)])
        #expect(found.places == [.clauseEnd, nil])
        #expect(found.within == nil && found.atEnd == nil)
    }

    @Test func `other languages have their own clause words`() {
        let found = places(
            [("Wir", 0), ("gehen", 0.4), ("weil", 2), ("es,", 2.4), ("regnet.", 4)],
            [(0, 0.7), (2, 2.7), (4, 4.3)], language: "de")
        #expect(found.places == [.clauseEnd, .clauseEnd])
    }

    @Test func `pauses before the first and after the last word have no place`() {
        let found = places([("We", 2), ("go.", 2.4)], [(0, 1), (2, 2.7), (4, 5)])
        #expect(found.places == [nil, nil])
    }
}

@Suite struct TrustTests {
    private static let track = Signals.track(Signals.voice(seconds: 20, hertz: { _ in 150 }))

    private func measured(
        spans: [(Double, Double)], seconds: Double, noise: Double?, transcript: Transcript? = nil
    ) -> SpeechMetrics {
        .measured(
            MeasurementInput(
                originalSeconds: seconds, speechSpans: spans.map { TimeSpan(start: $0.0, end: $0.1) },
                acoustics: Self.track, transcript: transcript,
                signalToNoiseDB: noise))
    }

    @Test func `where speech does not stand out, pauses are unknown rather than none`() {
        let metrics = measured(spans: [(0, 20)], seconds: 20, noise: nil)
        for name in MeasureName.allCases where name.rawValue.hasPrefix("pause") {
            #expect(metrics[name] == nil, "\(name)")
        }
        #expect(metrics[.phonationRatio] == nil && metrics[.speakingSeconds] == nil)
        #expect(metrics[.articulationRate] == nil && metrics[.fadeOutCount] == nil)
        #expect(metrics[.pitchMedianHz] != nil)
    }

    @Test func `noise lowers the confidence of what depends on borders`() throws {
        let clean = measured(spans: [(0, 9), (10, 20)], seconds: 21, noise: 40)
        let noisy = measured(spans: [(0, 9), (10, 20)], seconds: 21, noise: 3)
        for name in [MeasureName.pauseCount, .phonationRatio, .pauseLongestSeconds, .fadeOutCount] {
            let sure = try #require(clean.measures[name]?.confidence)
            let unsure = try #require(noisy.measures[name]?.confidence)
            #expect(unsure < sure, "\(name)")
        }
    }

    @Test func `unsure words make unsure numbers`() throws {
        func metrics(_ confidence: Double?) -> SpeechMetrics {
            let words = (0..<30).map { index in
                Word(
                    text: "word\(index)",
                    span: TimeSpan(start: Double(index) * 0.5, end: Double(index) * 0.5 + 0.3),
                    confidence: confidence)
            }
            return measured(
                spans: [(0, 8), (9, 15)], seconds: 16, noise: 30,
                transcript: Transcript(
                    text: "", language: "en", provider: "t", model: "t",
                    capabilities: .init(fillers: .measured, wordTimes: true, wordConfidence: true),
                    words: words))
        }
        for name in [MeasureName.wordCount, .fillerCount, .repeatedWords] {
            #expect(metrics(0.3).measures[name]?.confidence == 0.3, "\(name)")
            #expect(metrics(nil).measures[name]?.confidence == 0.8, "\(name)")
        }
    }

    @Test func `every measure has a confidence`() {
        let metrics = FullNote.metrics
        #expect(Set(metrics.measures.keys) == Set(MeasureName.allCases))
        for (name, measure) in metrics.measures { #expect(measure.confidence != nil, "\(name)") }
    }
}
