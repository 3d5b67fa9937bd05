import Foundation

/// Speech-like sound with known labels: syllables of a voiced, formant-shaped vowel behind a
/// fricative, nasal or stop, in phrases with pauses between them.
struct SyntheticSpeech {
    var signal: Signal
    /// Phrases, from the first sound of each to its last, in seconds.
    var phrases: [ClosedRange<Double>]

    private static let rate = 16_000

    /// - Parameters:
    ///   - pauses: Silence before each phrase; there are as many phrases. Another follows at the end.
    ///   - syllables: Per phrase.
    init(
        pauses: [Double], syllables: Int = 8, tail: Double = 0.6, pitch: Double = 130, seed: UInt64 = 1,
        level: Float = 0.1
    ) {
        var random = SeededGenerator(seed: seed)
        var samples: [Float] = []
        var phrases: [ClosedRange<Double>] = []
        for pause in pauses {
            samples += [Float](repeating: 0, count: Int(pause * Double(Self.rate)))
            let start = Double(samples.count) / Double(Self.rate)
            for _ in 0..<syllables {
                samples += Self.consonant(&random)
                samples += Self.vowel(pitch: pitch * Double.random(in: 0.88...1.15, using: &random), &random)
            }
            phrases.append(start...(Double(samples.count) / Double(Self.rate)))
        }
        samples += [Float](repeating: 0, count: Int(tail * Double(Self.rate)))
        let spoken = samples.filter { $0 != 0 }
        let power = spoken.reduce(Float(0)) { $0 + $1 * $1 } / Float(max(spoken.count, 1))
        signal = Signal(rate: Self.rate, samples: samples).scaled(by: level / max(power.squareRoot(), 1e-9))
        self.phrases = phrases
    }

    /// The signal with stationary noise at a signal-to-noise ratio, speech power against noise power.
    func noisy(snrDB: Double, seed: UInt64 = 7, pink: Bool = true) -> Signal {
        let spoken = signal.samples.filter { $0 != 0 }
        let power = spoken.reduce(Float(0)) { $0 + $1 * $1 } / Float(max(spoken.count, 1))
        let rms = power.squareRoot() / Float(pow(10, snrDB / 20))
        let noise =
            pink
            ? Signal.pinkNoise(signal.seconds + 0.1, rms: rms, seed: seed)
            : Signal.noise(signal.seconds + 0.1, rms: rms, seed: seed)
        return signal.mixed(with: noise)
    }

    /// 10 ms frames whose clean energy lies within 30 dB of the loudest: what a listener hears as speech.
    var labels: [Bool] {
        let frames = stride(from: 0, to: signal.samples.count - 159, by: 160).map { start in
            signal.samples[start..<(start + 160)].reduce(Float(0)) { $0 + $1 * $1 }
        }
        let loudest = frames.max() ?? 0
        return frames.map { $0 > loudest / 1_000 }
    }

    private static func consonant(_ random: inout SeededGenerator) -> [Float] {
        switch Int.random(in: 0..<3, using: &random) {
        case 0:
            // Fricative: high-passed noise, 70 ms.
            var previous: Float = 0
            return shaped(
                (0..<1_120).map { _ in
                    let white = random.normal()
                    defer { previous = white }
                    return (white - previous) * 0.12
                })
        case 1:
            // Stop: 50 ms of closure, then a 10 ms burst.
            return [Float](repeating: 1e-5, count: 800)
                + shaped((0..<160).map { _ in random.normal() * 0.25 })
        default:
            // Nasal: a low hum, 60 ms.
            return shaped((0..<960).map { Float(sin(2 * .pi * 130 * Double($0) / Double(rate))) * 0.3 })
        }
    }

    private static func vowel(pitch: Double, _ random: inout SeededGenerator) -> [Float] {
        let formants: [[Double]] = [
            [730, 1_090, 2_440], [270, 2_290, 3_010], [530, 1_840, 2_480], [300, 870, 2_240],
        ]
        let chosen = formants[Int.random(in: 0..<formants.count, using: &random)]
        let count = Int(Double(rate) * Double.random(in: 0.10...0.18, using: &random))
        var source = [Float](repeating: 0, count: count)
        var next = 0.0
        while next < Double(count) {
            source[Int(next)] = 1
            next += Double(rate) / pitch * Double.random(in: 0.995...1.005, using: &random)
        }
        var sound = [Float](repeating: 0, count: count)
        for (number, hertz) in chosen.enumerated() {
            let radius = exp(-.pi * (60 + 30 * Double(number)) / Double(rate))
            let a1 = Float(2 * radius * cos(2 * .pi * hertz / Double(rate)))
            let a2 = Float(-radius * radius)
            var y1: Float = 0
            var y2: Float = 0
            for index in source.indices {
                let y = source[index] + a1 * y1 + a2 * y2
                y2 = y1
                y1 = y
                sound[index] += y / Float(1 + number)
            }
        }
        let loudest = sound.reduce(Float(1e-6)) { max($0, abs($1)) }
        return shaped(sound.map { $0 / loudest })
    }

    /// 8 ms ramps at both ends.
    private static func shaped(_ sound: [Float]) -> [Float] {
        let ramp = min(128, sound.count / 2)
        return sound.enumerated().map { index, sample in
            sample * min(1, Float(min(index, sound.count - 1 - index) + 1) / Float(ramp))
        }
    }
}
