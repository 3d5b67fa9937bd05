import Testing

@testable import AudioEngine

@Suite struct SpeechDetectorTests {
    private struct Heard {
        var report: SceneReport
        var flags: [Bool]
    }

    private func listen(_ signal: Signal, chunk: Int = 1_600) -> Heard {
        var meter = LevelMeter()
        var detector = SpeechDetector()
        let samples = signal.int16
        for start in stride(from: 0, to: samples.count, by: chunk) {
            meter.consume(samples.span.extracting(start..<min(start + chunk, samples.count)))
            detector.advance(over: meter.frames, isFinal: false)
        }
        meter.finish()
        detector.advance(over: meter.frames, isFinal: true)
        return Heard(
            report: SceneReport(detector, levels: meter.frames, periodicity: meter.periodicity.values),
            flags: detector.flags)
    }

    /// Frames that survive trimming.
    private func keptFrames(_ flags: [Bool]) -> Set<Int> {
        var cutter = PauseCutter()
        var kept = Set<Int>()
        for cut in cutter.advance(flags[...]) + cutter.finish() {
            if case .keep(let range) = cut { kept.formUnion(range) }
        }
        return kept
    }

    @Test(arguments: [60.0, 28, 20, 15])
    func `trimming keeps 99 percent of labelled speech frames`(_ snr: Double) {
        var kept = 0
        var all = 0
        var cut = 0
        for seed in UInt64(1)...4 {
            let speech = SyntheticSpeech(
                pauses: [0.5, 0.4, 1.2, 0.7, 2.5, 0.9], pitch: seed % 2 == 0 ? 210 : 115, seed: seed)
            let heard = listen(speech.noisy(snrDB: snr, seed: seed + 90, pink: seed % 3 != 0))
            let frames = keptFrames(heard.flags)
            cut += heard.flags.count - frames.count
            for (frame, isSpeech) in speech.labels.enumerated() where isSpeech {
                all += 1
                if frames.contains(frame) { kept += 1 }
            }
            #expect(heard.report.containsSpeech)
        }
        #expect(Double(kept) / Double(all) >= 0.99, "\(kept) of \(all)")
        #expect(cut > 1_200, "pauses are found as well: \(cut) frames cut")
    }

    @Test func `speech in heavy noise is kept whole`() {
        let speech = SyntheticSpeech(pauses: [0.5, 1.5, 1.0])
        let heard = listen(speech.noisy(snrDB: 3))
        let frames = keptFrames(heard.flags)
        let lost = speech.labels.enumerated().count { $1 && !frames.contains($0) }
        #expect(lost == 0)
        #expect(heard.report.containsSpeech)
    }

    @Test func `boundaries of pauses are true to 50 ms`() {
        let speech = SyntheticSpeech(pauses: [0.6, 0.8, 1.3, 0.5])
        let spans = listen(speech.noisy(snrDB: 30)).report.speechSpans
        for phrase in speech.phrases {
            let start = Int((phrase.lowerBound * 100).rounded())
            let end = Int((phrase.upperBound * 100).rounded())
            #expect(spans.contains { abs($0.lowerBound - start) <= 5 }, "start \(start)")
            #expect(spans.contains { abs($0.upperBound - end) <= 5 }, "end \(end)")
        }
    }

    @Test func `a quiet speaker is found like a loud one`() {
        let speech = SyntheticSpeech(pauses: [0.6, 0.8, 1.3], level: 0.006)
        let heard = listen(speech.noisy(snrDB: 28))
        #expect(heard.report.containsSpeech)
        let frames = keptFrames(heard.flags)
        let lost = speech.labels.enumerated().count { $1 && !frames.contains($0) }
        #expect(Double(lost) <= 0.01 * Double(speech.labels.count { $0 }))
    }

    @Test(arguments: [72.0, 110, 240, 420])
    func `low and high voices are voices`(_ pitch: Double) {
        let speech = SyntheticSpeech(pauses: [0.4, 0.6], syllables: 4, pitch: pitch, seed: 6)
        #expect(listen(speech.noisy(snrDB: 20)).report.containsSpeech)
    }

    @Test func `one word is speech`() {
        let speech = SyntheticSpeech(pauses: [0.4], syllables: 2)
        #expect(listen(speech.noisy(snrDB: 25)).report.containsSpeech)
    }

    @Test(arguments: ["silence", "white noise", "pink noise", "hum", "knocks", "wind"])
    func `sounds that are no voice are not speech`(_ kind: String) {
        let signal: Signal
        switch kind {
        case "silence": signal = .silence(6)
        case "white noise": signal = .noise(6, rms: 0.02, seed: 4)
        case "pink noise": signal = .pinkNoise(6, rms: 0.05, seed: 5)
        case "hum": signal = .tone(100, 6, amplitude: 0.05).mixed(with: .noise(6, rms: 0.001, seed: 6))
        case "knocks":
            var knocks = Signal.noise(6, rms: 0.001, seed: 7)
            for knock in 0..<8 {
                for index in 0..<200 {
                    knocks.samples[knock * 11_000 + 3_000 + index] +=
                        0.4 * (index % 2 == 0 ? 1 : -1) / Float(index + 1)
                }
            }
            signal = knocks
        default:
            // Bursts of rumbling noise.
            signal = (0..<4).reduce(Signal.pinkNoise(0.5, rms: 0.004, seed: 8)) { wind, burst in
                wind + .pinkNoise(0.7, rms: 0.1, seed: UInt64(20 + burst))
                    + .pinkNoise(0.8, rms: 0.004, seed: UInt64(40 + burst))
            }
        }
        #expect(!listen(signal).report.containsSpeech)
    }

    @Test func `the signal-to-noise ratio is estimated within 3 dB`() throws {
        for snr in [15.0, 25, 35] {
            let speech = SyntheticSpeech(pauses: [0.6, 0.9, 1.3, 0.8], seed: 9)
            let estimate = try #require(listen(speech.noisy(snrDB: snr)).report.snrDB)
            #expect(abs(estimate - snr) < 3, "\(estimate) for \(snr)")
        }
    }

    @Test func `chunk sizes make no difference`() {
        let noisy = SyntheticSpeech(pauses: [0.6, 0.9, 1.3], seed: 9).noisy(snrDB: 20)
        let flags = listen(noisy, chunk: 1_600).flags
        #expect(listen(noisy, chunk: 333).flags == flags)
        #expect(listen(noisy, chunk: 100_000).flags == flags)
    }

    @Test func `noise that grows in the middle of a long note is followed`() {
        let pauses = [Double](repeating: 0.9, count: 40)
        let speech = SyntheticSpeech(pauses: pauses, syllables: 6, seed: 12)
        let quiet = speech.noisy(snrDB: 35)
        let half = quiet.samples.count / 2
        var noise = Signal.pinkNoise(quiet.seconds, rms: 0.008, seed: 77)
        for index in 0..<half { noise.samples[index] = 0 }
        let heard = listen(quiet.mixed(with: noise))
        let frames = keptFrames(heard.flags)
        let spoken = speech.labels.count { $0 }
        let lost = speech.labels.enumerated().count { $1 && !frames.contains($0) }
        #expect(Double(lost) <= 0.01 * Double(spoken))
        #expect(frames.count < heard.flags.count * 9 / 10)
    }

    @Test func `syllables are counted within a quarter`() throws {
        let speech = SyntheticSpeech(pauses: [0.5, 0.6, 0.7, 0.6], syllables: 9, seed: 3)
        let report = listen(speech.noisy(snrDB: 35)).report
        let rate = try #require(report.syllablesPerSecond)
        let truth = 36 / speech.phrases.reduce(0) { $0 + $1.upperBound - $1.lowerBound }
        #expect(abs(rate - truth) / truth < 0.25, "\(rate) against \(truth)")
    }
}
