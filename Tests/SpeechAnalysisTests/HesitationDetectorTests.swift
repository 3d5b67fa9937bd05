import CoachDomain
import Foundation
import Testing

@testable import SpeechAnalysis

@Suite struct HesitationDetectorTests {
    /// A word-like sound: pitch and level move.
    private func word(_ seconds: Double) -> [Double] {
        let voice = Signals.voice(seconds: seconds, hertz: { 130 * pow(2, 0.5 * sin(2 * .pi * 2.5 * $0)) })
        return voice.enumerated().map { index, sample in
            sample * (0.55 + 0.45 * sin(2 * .pi * 5 * Double(index) / Signals.rate))
        }
    }

    private func steady(_ seconds: Double) -> [Double] {
        Signals.voice(seconds: seconds, hertz: { _ in 118 })
    }

    private func found(_ parts: [(sound: [Double], isWord: Bool, isSpeech: Bool)]) -> [TimeSpan] {
        var signal: [Double] = []
        var words: [TimeSpan] = []
        var speech: [TimeSpan] = []
        for part in parts {
            let span = TimeSpan(
                start: Double(signal.count) / Signals.rate,
                end: Double(signal.count + part.sound.count) / Signals.rate)
            signal += part.sound
            if part.isWord { words.append(span) }
            guard part.isSpeech else { continue }
            if let last = speech.last, last.end == span.start {
                speech[speech.count - 1] = TimeSpan(start: last.start, end: span.end)
            } else {
                speech.append(span)
            }
        }
        return HesitationDetector(acoustics: Signals.track(signal), words: words, speech: speech)
            .hesitations()
    }

    private var pause: (sound: [Double], isWord: Bool, isSpeech: Bool) {
        (Signals.silence(seconds: 0.4), false, false)
    }

    @Test func `a steady voice between pauses is a hesitation`() throws {
        let hits = found([
            (word(0.6), true, true), pause, (steady(0.4), false, true), pause, (word(0.6), true, true),
        ])
        #expect(hits.count == 1)
        let hit = try #require(hits.first)
        #expect(abs(hit.start - 1) < 0.05 && abs(hit.end - 1.4) < 0.05)
    }

    @Test func `a steady voice that runs into a word is one, too`() {
        #expect(
            found([(word(0.6), true, true), pause, (steady(0.4), false, true), (word(0.6), true, true)]).count
                == 1)
    }

    @Test func `the same sound as part of a word is none`() {
        #expect(found([pause, (steady(0.4), true, true), pause]).isEmpty)
    }

    @Test func `a moving voice is a missed word, not a hesitation`() {
        #expect(
            found([(word(0.6), true, true), pause, (word(0.5), false, true), pause, (word(0.6), true, true)])
                .isEmpty)
    }

    @Test func `clicks, breaths and long tones are none`() {
        let breath = Signals.noise(seconds: 0.4, amplitude: 900)
        #expect(found([(word(0.6), true, true), pause, (breath, false, true), pause]).isEmpty)
        #expect(found([(word(0.6), true, true), pause, (steady(0.08), false, true), pause]).isEmpty)
        #expect(found([(word(0.6), true, true), pause, (steady(2), false, true), pause]).isEmpty)
    }

    @Test func `a verbatim recogniser is believed, another is helped`() {
        let signal =
            word(3) + Signals.silence(seconds: 0.4) + steady(0.4) + Signals.silence(seconds: 0.4) + word(3)
        let starts = [0, 1, 2, 4.2, 5.2, 6.2]
        let words = starts.map { Word(text: "word", span: TimeSpan(start: $0, end: $0 + 1)) }
        func metrics(_ fillers: Evidence) -> SpeechMetrics {
            .measured(
                MeasurementInput(
                    originalSeconds: 7.2,
                    speechSpans: [
                        TimeSpan(start: 0, end: 3), TimeSpan(start: 3.4, end: 3.8),
                        TimeSpan(start: 4.2, end: 7.2),
                    ],
                    acoustics: Signals.track(signal),
                    transcript: Transcript(
                        text: "word word word word word word", language: "en", provider: "t", model: "t",
                        capabilities: .init(fillers: fillers, wordTimes: true, wordConfidence: false),
                        words: words)))
        }
        #expect(metrics(.measured)[.fillerCount] == 0)
        let helped = metrics(.notAvailable)
        #expect(helped[.fillerCount] == 1 && helped.fillerEvidence == .lowerBound)
        #expect(helped.fillers.map(\.text) == ["(um)"])
        #expect(helped.measures[.fillerCount]?.definition == "fillers-en-2-and-sound/1")
    }
}
