import CoachDomain
import Foundation
import Testing

@testable import AudioEngine

/// Whole preparations of golden notes. Tolerances are those of the project's goals.
@Suite struct AudioEngineTests {
    private let engine = AudioEngine(threads: 1)

    private func samples(_ audio: PreparedAudio) throws -> [Int16] {
        try audio.parts.flatMap { try $0.body.samples() }
    }

    @Test func `the sample note becomes a shorter, faster upload with its measures`() async throws {
        let audio = try await engine.prepare(.bytes(try SampleNote.bytes), options: PreparationOptions())
        #expect(audio.format == .oggOpus)
        #expect(abs(audio.originalSeconds - 14.865) < 0.01)
        #expect(audio.speed == 1.5 && audio.speedReason == "standard")
        #expect(audio.uploadSeconds < 0.62 * audio.originalSeconds)
        #expect(audio.containsSpeech && !audio.damage.isPartial)
        #expect(audio.speechSpans.count >= 5)
        #expect(audio.levels.count == Int(audio.originalSeconds * 100))
        #expect(audio.summary.timeline == audio.timeline.segments)
    }

    @Test(arguments: [1.0, 1.25, 1.5, 1.75])
    func `the upload is as long as kept time over speed, within 1 percent`(_ speed: Double) async throws {
        let note = Containers.wav(SyntheticSpeech(pauses: [0.6, 1.2, 0.9, 1.6]).noisy(snrDB: 30))
        let audio = try await engine.prepare(
            .bytes(note), options: PreparationOptions(speed: .fixed(speed), encoding: .pcm16))
        let kept = audio.timeline.segments.reduce(0) { $0 + $1.original.duration }
        #expect(kept < audio.originalSeconds * 0.9)
        #expect(abs(audio.uploadSeconds - kept / speed) < 0.01 * kept / speed)
        #expect(try samples(audio).count == Int((audio.uploadSeconds * 16_000).rounded()))
    }

    @Test func `without trimming and at tempo 1 the upload is the original, sample for sample`() async throws
    {
        let signal = SyntheticSpeech(pauses: [0.6, 1.2]).noisy(snrDB: 30)
        let options = PreparationOptions(speed: .fixed(1), trimming: false, encoding: .pcm16)
        let audio = try await engine.prepare(.bytes(Containers.wav(signal)), options: options)
        #expect(try samples(audio) == signal.int16)
        #expect(audio.timeline == .identity(seconds: audio.originalSeconds))
    }

    @Test func `the tap hears the whole original in order, trimmed or not`() async throws {
        let signal = SyntheticSpeech(pauses: [0.6, 1.2]).noisy(snrDB: 30)
        let result = try await engine.prepare(
            .bytes(Containers.wav(signal)), options: PreparationOptions(), tap: RecordingTap())
        #expect(result.tap.samples == signal.int16)
        #expect(result.audio.uploadSeconds < result.audio.originalSeconds)
    }

    @Test(arguments: [1.0, 1.5, 1.75])
    func `a moment of the upload maps back to its original time within 20 ms`(_ speed: Double) async throws {
        let speech = SyntheticSpeech(pauses: [0.7, 1.1, 0.9, 2.0, 0.7, 1.3], syllables: 10)
        var signal = speech.noisy(snrDB: 35)
        var marks: [(hertz: Double, original: Double)] = []
        for (index, phrase) in speech.phrases.enumerated() {
            for (side, share) in [0.2, 0.5, 0.8].enumerated() {
                let center = phrase.lowerBound + share * (phrase.upperBound - phrase.lowerBound)
                let hertz = 4_000 + 190 * Double(index * 3 + side)
                let burst = Signal.tone(hertz, 0.06, amplitude: 0.1).samples
                for (offset, sample) in burst.enumerated() {
                    signal.samples[Int((center - 0.03) * 16_000) + offset] += sample
                }
                marks.append((hertz, center))
            }
        }
        let audio = try await engine.prepare(
            .bytes(Containers.wav(signal)),
            options: PreparationOptions(speed: .fixed(speed), encoding: .pcm16))
        #expect(audio.timeline.segments.count >= 5)
        let upload = try samples(audio)
        for mark in marks {
            let segment = try #require(
                audio.timeline.segments.first { $0.original.contains(mark.original) })
            let expected = segment.upload.start + (mark.original - segment.original.start) / speed
            let found = center(of: mark.hertz, in: upload, near: expected)
            let original = audio.timeline.originalStart(ofUpload: found)
            #expect(abs(original - mark.original) <= 0.02, "\(mark.hertz) Hz: \(original - mark.original)")
        }
    }

    /// The loudest moment of a frequency within 150 ms of where it should be, refined by its neighbours.
    private func center(of hertz: Double, in samples: [Int16], near expected: Double) -> Double {
        let window = 480
        let first = max(0, Int((expected - 0.15) * 16_000) - window / 2)
        let last = min(samples.count - window, first + 4_800)
        let levels = stride(from: first, to: last, by: 40).map { start in
            Signal.amplitude(of: hertz, in: samples[start..<(start + window)])
        }
        let peak = levels.indices.max { levels[$0] < levels[$1] } ?? 0
        let near = max(0, peak - 10)..<min(levels.count, peak + 11)
        let strong = near.filter { levels[$0] > levels[peak] / 2 }
        let total = strong.reduce(0) { $0 + levels[$1] }
        let mean = strong.reduce(0) { $0 + levels[$1] * Double($1) } / max(total, 1e-12)
        return (Double(first) + mean * 40 + Double(window) / 2) / 16_000
    }

    @Test(arguments: [1.25, 1.5, 1.75, 2.0])
    func `the pitch is kept within 1 percent`(_ speed: Double) async throws {
        let pulses = (1...12).reduce(Signal.silence(2)) { voice, harmonic in
            voice.mixed(with: .tone(128 * Double(harmonic), 2, amplitude: 0.3 / Float(harmonic)))
        }
        let options = PreparationOptions(speed: .fixed(speed), trimming: false, encoding: .pcm16)
        let audio = try await engine.prepare(.bytes(Containers.wav(pulses)), options: options)
        let upload = try samples(audio).map(Double.init)
        let scores = (80...200).map { lag in
            (2_000..<12_000).reduce(0.0) { $0 + upload[$1] * upload[$1 + lag] }
        }
        let best = (scores.indices.max { scores[$0] < scores[$1] } ?? 0) + 80
        #expect(abs(Double(best) - 125) <= 1.25)
    }

    @Test func `joins do not click`() async throws {
        // A steady tone through the pauses would jump in phase at every join.
        let speech = SyntheticSpeech(pauses: [0.7, 1.3, 1.7, 1.1])
        let signal = speech.signal.mixed(with: .tone(90, speech.signal.seconds, amplitude: 0.002))
        let options = PreparationOptions(speed: .fixed(1), encoding: .pcm16)
        let audio = try await engine.prepare(.bytes(Containers.wav(signal)), options: options)
        let upload = try samples(audio)
        #expect(audio.timeline.segments.count >= 4)
        for segment in audio.timeline.segments.dropLast() {
            let join = Int(segment.upload.end * 16_000)
            for index in (join - 100)..<(join + 100) {
                #expect(abs(Int(upload[index]) - Int(upload[index - 1])) < 12)
            }
        }
    }

    @Test func `silence is told, and kept as it is`() async throws {
        for signal in [Signal.silence(4), .noise(4, rms: 0.01, seed: 2)] {
            let audio = try await engine.prepare(
                .bytes(Containers.wav(signal)), options: PreparationOptions())
            #expect(!audio.containsSpeech)
            #expect(audio.speechSeconds == 0 && audio.speechSpans.isEmpty)
            #expect(audio.speed == 1 && audio.speedReason == "no speech found")
            #expect(audio.uploadSeconds == 4)
        }
    }

    @Test func `clipping is measured`() async throws {
        let loud = Signal.tone(200, 2, amplitude: 3)
        let audio = try await engine.prepare(.bytes(Containers.wav(loud)), options: .inProcess)
        #expect(audio.clippedRatio > 0.5)
        let fair = try await engine.prepare(.bytes(Containers.wav(loud.scaled(by: 0.2))), options: .inProcess)
        #expect(fair.clippedRatio == 0)
    }

    @Test func `a declared length that is far off marks the note`() async throws {
        let note = try TelegramClient.desktop.note(SyntheticSpeech(pauses: [0.5, 0.5]).signal)
        var options = PreparationOptions(declaredSeconds: 30)
        #expect(try await engine.prepare(.bytes(note), options: options).damage.disagreesWithDeclaredLength)
        options.declaredSeconds = 5
        #expect(try await !engine.prepare(.bytes(note), options: options).damage.isPartial)
    }

    @Test func `progress rises to 1`() async throws {
        let seen = ProgressLog()
        let note = try TelegramClient.newAndroid.note(SyntheticSpeech(pauses: [0.5, 0.5, 0.5, 0.5]).signal)
        _ = try await engine.prepare(.bytes(note), options: PreparationOptions()) { seen.add($0) }
        #expect(seen.values.last == 1)
        #expect(seen.values == seen.values.sorted())
    }
}
