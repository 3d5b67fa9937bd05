import AudioEngine
import CoachDomain
import Foundation
import SpeechAnalysis

/// Prints what the coach measures in the sound of audio files, as one JSON document a line, for
/// `check_praat.py`: everything that needs no words.
@main struct SoundReport {
    private struct Line: Encodable {
        var file: String
        var seconds: Double
        var containsSpeech: Bool
        /// Start and end of each stretch of speech in seconds.
        var speech: [TimeSpan]
        /// One value per 10 ms, at the middle of the frame; 0 where there is no voice.
        var hertz: [Float]
        var measures: [MeasureName: Double]
    }

    private struct Tap: SampleTap {
        var probe = SpeechProbe()
        mutating func consume(_ samples: Span<Int16>) { probe.consume(samples) }
    }

    static func main() async throws {
        let engine = AudioEngine()
        for file in CommandLine.arguments.dropFirst() {
            let line = try await measured(file, engine)
            FileHandle.standardOutput.write(try JSONEncoder().encode(line) + Data("\n".utf8))
        }
    }

    private static func measured(_ file: String, _ engine: AudioEngine) async throws -> Line {
        let (audio, tap) = try await engine.prepare(.file(file), options: .inProcess, tap: Tap())
        let acoustics = tap.probe.finish()
        let metrics = SpeechMetrics.measured(
            MeasurementInput(
                originalSeconds: audio.originalSeconds, speechSpans: audio.speechSpans,
                acoustics: acoustics,
                loudnessLUFS: audio.loudnessLUFS, signalToNoiseDB: audio.snrEstimateDB))
        return Line(
            file: file, seconds: audio.originalSeconds, containsSpeech: audio.containsSpeech,
            speech: SpeechBorders(acoustics).refined(audio.speechSpans), hertz: acoustics.pitch.hertz,
            measures: metrics.measures.mapValues(\.value))
    }
}
