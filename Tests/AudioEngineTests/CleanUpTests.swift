import Foundation
import Testing

@testable import AudioEngine

@Suite struct CleanUpTests {
    private let engine = AudioEngine(threads: 1)

    private func denoised(_ signal: Signal, chunk: Int = 1_000) -> [Int16] {
        var denoiser = Denoiser()
        let samples = signal.int16
        var output: [Int16] = []
        for start in stride(from: 0, to: samples.count, by: chunk) {
            output += denoiser.process(samples.span.extracting(start..<min(start + chunk, samples.count)))
        }
        return output + denoiser.finish()
    }

    private func level(_ samples: some Collection<Int16>) -> Double {
        let power = samples.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(max(samples.count, 1))
        return 10 * log10(max(power, 1e-9))
    }

    @Test func `steady noise sinks by 8 dB or more`() {
        let noise = Signal.pinkNoise(4, rms: 0.02, seed: 3)
        let cleaned = denoised(noise)
        #expect(cleaned.count == noise.samples.count)
        #expect(level(noise.int16[32_000...]) - level(cleaned[32_000...]) > 8)
    }

    @Test func `speech keeps its length, its time and its level`() {
        let speech = SyntheticSpeech(pauses: [0.6, 0.9, 0.7])
        let noisy = speech.noisy(snrDB: 15)
        let cleaned = denoised(noisy)
        let before = noisy.int16
        #expect(cleaned.count == noisy.samples.count)
        #expect(abs(delay(of: cleaned, against: noisy.int16)) <= 1)
        let voiced = speech.phrases.flatMap { phrase in
            Array(Int(phrase.lowerBound * 16_000)..<Int(phrase.upperBound * 16_000))
        }
        let loss = level(voiced.map { before[$0] }) - level(voiced.map { cleaned[$0] })
        #expect((-0.2...1.5).contains(loss), "\(loss) dB")
    }

    @Test(arguments: [0, 1, 255, 256, 700, 16_001])
    func `any length comes out as it went in`(_ count: Int) {
        let signal = Signal(
            rate: 16_000, samples: Array(Signal.noise(2, rms: 0.1, seed: 1).samples.prefix(count)))
        #expect(denoised(signal, chunk: 333).count == count)
    }

    @Test(arguments: [true, false])
    func `denoising changes neither spans nor timeline`(_ trims: Bool) async throws {
        let note = Containers.wav(SyntheticSpeech(pauses: [0.6, 1.2, 0.9]).noisy(snrDB: 25))
        var options = PreparationOptions(speed: .fixed(1), trimming: trims, encoding: .pcm16)
        let plain = try await engine.prepare(.bytes(note), options: options)
        options.cleanUp.denoises = true
        let clean = try await engine.prepare(.bytes(note), options: options)
        #expect(clean.timeline == plain.timeline && clean.speechSpans == plain.speechSpans)
        #expect(try clean.parts[0].body.samples().count == plain.parts[0].body.samples().count)
    }

    @Test(arguments: [0.004, 0.03, 0.2] as [Float])
    func `loudness is brought to its target within 1 LU`(_ amplitude: Float) async throws {
        let note = Containers.wav(
            SyntheticSpeech(pauses: [0.4, 0.5, 0.4], level: amplitude).noisy(snrDB: 40))
        let options = PreparationOptions(
            speed: .fixed(1), trimming: false, cleanUp: CleanUp(loudnessLUFS: -26), encoding: .wav)
        let louder = try await engine.prepare(.bytes(note), options: options)
        let again = try await engine.prepare(
            .bytes(try louder.parts[0].body.read()), options: PreparationOptions())
        let reached = try #require(again.loudnessLUFS)
        #expect(abs(reached + 26) < 1, "\(reached)")
    }

    @Test func `peaks are not pushed over full scale`() async throws {
        let note = Containers.wav(.tone(300, 2, amplitude: 0.9))
        let options = PreparationOptions(
            speed: .fixed(1), trimming: false, cleanUp: CleanUp(loudnessLUFS: 0), encoding: .wav)
        let louder = try await engine.prepare(.bytes(note), options: options)
        let again = try await engine.prepare(
            .bytes(try louder.parts[0].body.read()), options: PreparationOptions())
        #expect(again.clippedRatio == 0)
    }

    @Test func `the transform is its own inverse with its arrays exchanged`() {
        let fourier = FourierTransform(length: 64)
        let signal = Signal.noise(0.004, rms: 1, seed: 2).samples
        var real = signal
        var imaginary = [Float](repeating: 0, count: 64)
        fourier.transform(&real, &imaginary)
        fourier.transform(&imaginary, &real)
        for index in signal.indices { #expect(abs(real[index] / 64 - signal[index]) < 1e-5) }
    }
}
