import Foundation

@testable import SpeechAnalysis

/// Synthetic sounds at 16 kHz.
enum Signals {
    static let rate = 16_000.0

    /// Harmonics of a gliding pitch, weaker with their number as a glottis makes them (−6 dB per octave).
    static func voice(
        seconds: Double, hertz: (Double) -> Double, amplitude: Double = 8_000, harmonics: Int = 12,
        firstHarmonic: Int = 1
    ) -> [Double] {
        var phase = 0.0
        return (0..<Int(seconds * rate)).map { index in
            let f0 = hertz(Double(index) / rate)
            phase += 2 * .pi * f0 / rate
            return (firstHarmonic...harmonics).reduce(0) { sum, number in
                Double(number) * f0 < 7_000 ? sum + sin(Double(number) * phase) / Double(number) : sum
            } * amplitude
        }
    }

    static func sine(seconds: Double, hertz: Double, amplitude: Double = 8_000) -> [Double] {
        voice(seconds: seconds, hertz: { _ in hertz }, amplitude: amplitude, harmonics: 1)
    }

    /// One full-scale sample per period: the harshest voice there is.
    static func pulses(seconds: Double, hertz: Double, amplitude: Double = 20_000) -> [Double] {
        var phase = 0.0
        return (0..<Int(seconds * rate)).map { _ in
            phase += hertz / rate
            guard phase >= 1 else { return 0 }
            phase -= 1
            return amplitude
        }
    }

    static func noise(seconds: Double, amplitude: Double, seed: UInt64 = 1) -> [Double] {
        var generator = SplitMix(state: seed)
        return (0..<Int(seconds * rate)).map { _ in
            amplitude
                * (Double.random(in: -1...1, using: &generator) + Double.random(in: -1...1, using: &generator))
        }
    }

    static func silence(seconds: Double) -> [Double] { [Double](repeating: 0, count: Int(seconds * rate)) }

    static func mixed(_ left: [Double], _ right: [Double]) -> [Double] { zip(left, right).map(+) }

    static func samples(_ signal: [Double]) -> [Int16] {
        signal.map { Int16(min(max($0, -32_768), 32_767)) }
    }

    static func track(_ signal: [Double], chunk: Int = 4_000) -> AcousticTrack {
        var probe = SpeechProbe()
        let samples = samples(signal)
        var start = 0
        while start < samples.count {
            let end = min(start + chunk, samples.count)
            samples[start..<end].withUnsafeBufferPointer { probe.consume($0) }
            start = end
        }
        return probe.finish()
    }
}

/// A small generator with a fixed sequence (Steele, Lea and Flood 2014).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
