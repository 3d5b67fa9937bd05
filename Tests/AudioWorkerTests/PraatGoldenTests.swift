import AudioEngine
import CoachDomain
import Foundation
import SpeechAnalysis
import Testing

/// The sample note against what Praat said of it: `check_praat.py --golden` wrote the values.
@Suite struct PraatGoldenTests {
    private struct Golden: Decodable {
        struct Pitch: Decodable {
            var median: Double
            var spread: Double
        }
        var pitch: Pitch
        var pauses: [TimeSpan]
    }

    private struct Tap: SampleTap {
        var probe = SpeechProbe()
        mutating func consume(_ samples: Span<Int16>) { probe.consume(samples) }
    }

    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../..").standardizedFileURL

    private func golden() throws -> Golden {
        let data = try Data(contentsOf: Self.root.appending(path: "Tests/Praat/golden.json"))
        return try JSONDecoder().decode(Golden.self, from: data)
    }

    private func metrics() async throws -> SpeechMetrics {
        let note = AudioSource.file(Self.root.appending(path: "Samples/voice-note.ogg").path)
        let (audio, tap) = try await AudioEngine(threads: 1).prepare(note, options: .inProcess, tap: Tap())
        return .measured(
            MeasurementInput(
                originalSeconds: audio.originalSeconds, speechSpans: audio.speechSpans,
                acoustics: tap.probe.finish(), loudnessLUFS: audio.loudnessLUFS,
                signalToNoiseDB: audio.snrEstimateDB))
    }

    @Test func `pitch and pauses of the sample are those of Praat`() async throws {
        let golden = try golden()
        let metrics = try await metrics()
        let median = try #require(metrics[.pitchMedianHz])
        #expect(abs(median / golden.pitch.median - 1) <= 0.02)
        let spread = try #require(metrics[.pitchSpreadSemitones])
        #expect(abs(spread - golden.pitch.spread) <= 0.5)
        let pauses = golden.pauses.filter { $0.duration >= 0.3 }
        #expect(metrics.pauses.count == pauses.count)
        for (ours, theirs) in zip(metrics.pauses, pauses) {
            #expect(abs(ours.span.start - theirs.start) <= 0.05 && abs(ours.span.end - theirs.end) <= 0.05)
        }
    }

    @Test func `the sample's curves can be drawn`() async throws {
        let contours = try #require(try await metrics().contours)
        #expect((contours.envelope?.count ?? 0) > 300)
        #expect(contours.pitch?.values.contains { $0 != nil } == true)
        #expect(contours.pace?.unit == "syllables/s")
        #expect(try JSONEncoder().encode(contours).count < 3_000)
    }
}
