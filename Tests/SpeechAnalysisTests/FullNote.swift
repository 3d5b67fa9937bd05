import CoachDomain

@testable import SpeechAnalysis

/// A note of which everything is known, so that every measure has a value.
enum FullNote {
    static let metrics = metrics(fillers: .measured)

    /// - Parameter fillers: What the recogniser says of its hesitations.
    static func metrics(fillers: Evidence) -> SpeechMetrics {
        let words = (0..<60).map { index in
            Word(
                text: ["one", "two,", "three", "maybe", "um", "four."][index % 6],
                span: TimeSpan(start: Double(index) * 0.3, end: Double(index) * 0.3 + 0.2))
        }
        return .measured(
            MeasurementInput(
                originalSeconds: 19,
                speechSpans: [TimeSpan(start: 0, end: 8), TimeSpan(start: 9, end: 18)], acoustics: track,
                transcript: Transcript(
                    text: "", language: "en", provider: "t", model: "t",
                    capabilities: .init(fillers: fillers, wordTimes: true, wordConfidence: false),
                    words: words), loudnessLUFS: -20, signalToNoiseDB: 30))
    }

    private static let track = Signals.track(
        Signals.voice(seconds: 8, hertz: { _ in 150 }) + Signals.silence(seconds: 1)
            + Signals.voice(seconds: 9, hertz: { _ in 150 }) + Signals.silence(seconds: 1))
}
