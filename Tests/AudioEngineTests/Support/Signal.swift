import Foundation

@testable import AudioEngine

/// Mono test signals as floats, full scale 1, at a rate of their own.
struct Signal {
    var rate: Int
    var samples: [Float]

    var seconds: Double { Double(samples.count) / Double(rate) }

    var int16: [Int16] { samples.map { Int16(min(max($0 * 32_767, -32_768), 32_767).rounded()) } }

    var rms: Float {
        let sum = samples.reduce(Float(0)) { $0 + $1 * $1 }
        return (sum / Float(max(samples.count, 1))).squareRoot()
    }

    static func silence(_ seconds: Double, rate: Int = 16_000) -> Signal {
        Signal(rate: rate, samples: [Float](repeating: 0, count: Int(seconds * Double(rate))))
    }

    static func tone(_ hertz: Double, _ seconds: Double, amplitude: Float = 0.5, rate: Int = 16_000) -> Signal
    {
        let count = Int(seconds * Double(rate))
        return Signal(
            rate: rate,
            samples: (0..<count).map { amplitude * Float(sin(2 * .pi * hertz * Double($0) / Double(rate))) })
    }

    /// Gaussian white noise at an RMS level.
    static func noise(_ seconds: Double, rms: Float, seed: UInt64, rate: Int = 16_000) -> Signal {
        var random = SeededGenerator(seed: seed)
        return Signal(
            rate: rate, samples: (0..<Int(seconds * Double(rate))).map { _ in random.normal() * rms })
    }

    /// Noise falling 3 dB per octave (Paul Kellet's filter), at an RMS level.
    static func pinkNoise(_ seconds: Double, rms: Float, seed: UInt64, rate: Int = 16_000) -> Signal {
        var pink = noise(seconds, rms: 1, seed: seed, rate: rate)
        var b0: Float = 0
        var b1: Float = 0
        var b2: Float = 0
        for index in pink.samples.indices {
            let white = pink.samples[index]
            b0 = 0.997_65 * b0 + white * 0.099_046
            b1 = 0.963 * b1 + white * 0.296_516_4
            b2 = 0.57 * b2 + white * 1.052_691_3
            pink.samples[index] = b0 + b1 + b2 + white * 0.184_8
        }
        let gain = rms / max(pink.rms, 1e-9)
        pink.samples = pink.samples.map { $0 * gain }
        return pink
    }

    static func + (left: Signal, right: Signal) -> Signal {
        Signal(rate: left.rate, samples: left.samples + right.samples)
    }

    /// Adds another signal on top, from the beginning.
    func mixed(with other: Signal) -> Signal {
        var sum = self
        for index in 0..<min(samples.count, other.samples.count) {
            sum.samples[index] += other.samples[index]
        }
        return sum
    }

    func scaled(by gain: Float) -> Signal { Signal(rate: rate, samples: samples.map { $0 * gain }) }

    /// Power of one frequency over a stretch, as the amplitude of a sine (Goertzel).
    static func amplitude(of hertz: Double, in samples: some Collection<Int16>, rate: Int = 16_000) -> Double
    {
        let coefficient = 2 * cos(2 * .pi * hertz / Double(rate))
        var first = 0.0
        var second = 0.0
        // A Hann window keeps neighbours out.
        let count = samples.count
        for (index, sample) in samples.enumerated() {
            let window = 0.5 - 0.5 * cos(2 * .pi * Double(index) / Double(max(count - 1, 1)))
            let next = Double(sample) / 32_768 * window + coefficient * first - second
            second = first
            first = next
        }
        let power = first * first + second * second - coefficient * first * second
        return 4 * max(power, 0).squareRoot() / Double(max(count, 1))
    }
}
