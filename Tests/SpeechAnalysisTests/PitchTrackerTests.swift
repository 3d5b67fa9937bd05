import Foundation
import Testing

@testable import SpeechAnalysis

@Suite struct PitchTrackerTests {
    /// Frames away from the edges, where the window is full of the signal.
    private func inner(_ track: AcousticTrack, margin: Int = 5) -> ArraySlice<Float> {
        track.pitch.hertz.dropFirst(margin).dropLast(margin)
    }

    @Test(arguments: [80.0, 100, 123.4, 180, 220, 261.6, 333.3, 440, 490])
    func `a steady tone is found within two per cent`(hertz: Double) {
        for signal in [
            Signals.sine(seconds: 0.6, hertz: hertz), Signals.pulses(seconds: 0.6, hertz: hertz),
            Signals.voice(seconds: 0.6, hertz: { _ in hertz }),
        ] {
            let frames = inner(Signals.track(signal))
            let wrong = frames.filter { abs(Double($0) / hertz - 1) > 0.02 }
            #expect(wrong.isEmpty, "\(hertz) Hz: \(wrong.count) of \(frames.count), e.g. \(wrong.first ?? 0)")
        }
    }

    @Test(arguments: [100.0, 150, 210])
    func `a voice without its fundamental keeps its pitch`(hertz: Double) {
        let frames = inner(
            Signals.track(Signals.voice(seconds: 0.6, hertz: { _ in hertz }, firstHarmonic: 2)))
        #expect(frames.allSatisfy { abs(Double($0) / hertz - 1) < 0.02 })
    }

    @Test func `a glide over two octaves is followed without a jump`() {
        let pitch = { (time: Double) in 100 * pow(4, time / 2) }
        let track = Signals.track(Signals.voice(seconds: 2, hertz: pitch))
        for (index, value) in track.pitch.hertz.enumerated().dropFirst(5).dropLast(5) {
            let truth = pitch((Double(index) + 0.5) / 100)
            #expect(abs(Double(value) / truth - 1) < 0.03, "frame \(index): \(value) for \(truth)")
        }
    }

    @Test(arguments: [(120.0, 10.0), (210, 10), (120, 5)])
    func `noise does not bend the median`(hertz: Double, ratioDB: Double) {
        let wobble = { (time: Double) in hertz * pow(2, 0.15 * sin(2 * .pi * 3 * time)) }
        let voice = Signals.voice(seconds: 2, hertz: wobble)
        let power = voice.reduce(0) { $0 + $1 * $1 } / Double(voice.count)
        // The sum of two uniform numbers has variance 2/3.
        let amplitude = (power / pow(10, ratioDB / 10) * 1.5).squareRoot()
        let track = Signals.track(Signals.mixed(voice, Signals.noise(seconds: 2, amplitude: amplitude)))
        let voiced = track.pitch.hertz.filter { $0 > 0 }
        #expect(voiced.count > 180)
        #expect(abs(Double(voiced.quantile(0.5) ?? 0) / hertz - 1) < 0.02)
        let spread = voiced.map { 12 * log2($0 / Float(hertz)) }.standardDeviation ?? 0
        // 0.15 octaves of sine: 1.8 semitones / √2.
        #expect(abs(spread - 1.27) < 0.25)
    }

    @Test func `silence and noise have no pitch`() {
        #expect(Signals.track(Signals.silence(seconds: 1)).pitch.voicedSeconds == 0)
        let noise = Signals.track(Signals.noise(seconds: 3, amplitude: 4_000))
        #expect(noise.pitch.voicedSeconds < 0.1)
    }

    @Test func `voiced and silent stretches are told apart`() {
        let signal =
            Signals.silence(seconds: 0.5) + Signals.voice(seconds: 0.5, hertz: { _ in 150 })
            + Signals.silence(seconds: 0.5)
        let hertz = Signals.track(signal).pitch.hertz
        #expect(hertz.count == 150)
        #expect(hertz[..<46].allSatisfy { $0 == 0 })
        #expect(hertz[53..<97].allSatisfy { $0 > 0 })
        #expect(hertz[104...].allSatisfy { $0 == 0 })
    }

    @Test(arguments: [1, 7, 160, 1_000, 16_000])
    func `the size of the chunks makes no difference`(chunk: Int) {
        let signal =
            Signals.voice(seconds: 0.4, hertz: { 120 + 200 * $0 })
            + Signals.noise(seconds: 0.2, amplitude: 900)
        #expect(Signals.track(signal, chunk: chunk) == Signals.track(signal, chunk: 4_000))
    }

    @Test(arguments: [0, 1, 79, 80, 159, 160, 12_345])
    func `there are as many pitch frames as intensity frames`(count: Int) {
        let track = Signals.track([Double](repeating: 100, count: count))
        #expect(track.pitch.hertz.count == track.intensity.decibels.count)
        #expect(track.pitch.hertz.count == (count + 80) / 160)
    }
}

@Suite struct MayBeSpeechTests {
    /// A flat voice: a third of a semitone up and down, with half a per cent of jitter.
    private func flatVoice(_ seconds: Double, hertz: Double = 130) -> [Double] {
        var random = SplitMix(state: 4)
        var wander = 0.0
        return Signals.voice(
            seconds: seconds,
            hertz: { time in
                if Int(time * Signals.rate) % 120 == 0 { wander = Double.random(in: -1...1, using: &random) }
                return hertz * (1 + 0.005 * wander + 0.02 * sin(9 * time))
            })
    }

    private func tones(_ hertz: [Double]) -> [Double] {
        hertz.flatMap { pitch in
            Signals.voice(seconds: 0.6, hertz: { _ in pitch }) + Signals.silence(seconds: 0.3)
        }
    }

    private func maybe(_ signal: [Double]) -> Bool { Signals.track(signal).pitch.mayBeSpeech }

    @Test(arguments: [[100.0, 100, 100], [440, 440], [262, 294, 330, 349, 392]])
    func `tones that come and go are no voice`(hertz: [Double]) {
        let speaks = maybe(tones(hertz))
        #expect(!speaks)
    }

    @Test func `a flat voice is a voice, alone and beside a tone`() {
        let alone = maybe(flatVoice(2))
        let beside = maybe(tones([440, 440, 440, 440]) + flatVoice(1.5))
        #expect(alone && beside)
    }

    @Test func `one short word is enough`() {
        let word = maybe(Signals.silence(seconds: 1) + Signals.voice(seconds: 0.2, hertz: { 140 - 60 * $0 }))
        #expect(word)
    }

    @Test func `silence, noise and pitch that never lasts are no speech`() {
        let silent = maybe(Signals.silence(seconds: 1))
        let noisy = maybe(Signals.noise(seconds: 2, amplitude: 5_000))
        let clicks = PitchTrack(hertz: (0..<300).map { $0 % 20 < 3 ? 120 + Float($0 % 7) : 0 }).mayBeSpeech
        #expect(!silent && !noisy && !clicks && !PitchTrack(hertz: []).mayBeSpeech)
    }
}

@Suite struct IntensityMeterTests {
    @Test func `a sine of half scale has its known level`() {
        let track = Signals.track(Signals.sine(seconds: 1, hertz: 200, amplitude: 16_384))
        #expect(track.intensity.decibels.dropFirst().dropLast().allSatisfy { abs($0 + 9.03) < 0.1 })
    }

    @Test func `digital silence is the floor`() {
        #expect(
            Signals.track(Signals.silence(seconds: 0.1)).intensity.decibels
                == Array(repeating: -110, count: 10))
    }

    @Test func `the bright level rises by 6 dB with each octave`() {
        let levels = [200.0, 400, 800].map { hertz in
            Signals.track(Signals.sine(seconds: 0.5, hertz: hertz)).brightness.decibels[20]
        }
        #expect(abs(levels[1] - levels[0] - 6.02) < 0.2 && abs(levels[2] - levels[1] - 6.02) < 0.3)
    }

    @Test func `smoothing keeps the mean of a flat level`() {
        let flat = IntensityTrack(decibels: Array(repeating: -20, count: 50))
        #expect(flat.smoothed(width: 7).allSatisfy { abs($0 + 20) < 0.001 })
    }
}
