import Foundation

/// Synthetic sounds at 16 kHz, full scale 1.
enum Sounds {
    enum Kind: String, CaseIterable, Sendable {
        case silence, whiteNoise, rumble, wind, mainsHum, brokenHum, steadyTone, dialTones, melody, knocks
    }

    static let rate = 16_000.0

    /// Three seconds of a sound at an RMS level in dB of full scale.
    static func made(_ kind: Kind, decibels: Double) -> [Float] {
        var random = SplitMix(state: 7)
        var low = 0.0
        let raw = (0..<Int(3 * rate)).map { index -> Double in
            let time = Double(index) / rate
            let noise = Double.random(in: -1...1, using: &random)
            low += 0.03 * (noise - low)
            return switch kind {
            case .silence: 0
            case .whiteNoise: noise
            case .rumble: low
            case .wind: low * pow(0.3 + 0.7 * abs(sin(2 * time)), 2)
            case .mainsHum: buzz(50, time) + 0.02 * noise
            case .brokenHum:
                (time.truncatingRemainder(dividingBy: 1) < 0.6 ? buzz(100, time) : 0) + 0.001 * noise
            case .steadyTone: sin(2 * .pi * 440 * time)
            case .dialTones:
                (time.truncatingRemainder(dividingBy: 0.5) < 0.2
                    ? sin(2 * .pi * 770 * time) + sin(2 * .pi * 1_336 * time) : 0) + 0.001 * noise
            case .melody: buzz([262, 294, 330, 349, 392, 440, 494, 523][Int(time * 2) % 8], time)
            case .knocks: noise * exp(-time.truncatingRemainder(dividingBy: 0.5) * 200) + 0.001 * noise
            }
        }
        let power = raw.reduce(0) { $0 + $1 * $1 } / Double(raw.count)
        let gain = pow(10, decibels / 20) / max(power.squareRoot(), 1e-9)
        return raw.map { Float(min(max($0 * gain, -1), 1)) }
    }

    /// Syllables of a moving voice.
    static func voice(seconds: Double) -> [Float] {
        var phase = 0.0
        return (0..<Int(seconds * rate)).map { index in
            let time = Double(index) / rate
            phase += 2 * .pi * (130 + 25 * sin(3 * time) + 3 * sin(40 * time)) / rate
            let syllable = max(0, sin(2 * .pi * 3 * time))
            let sum = (1...12).reduce(0.0) { $0 + sin(Double($1) * phase) / Double($1) }
            return Float(0.2 * syllable * sum)
        }
    }

    /// A RIFF/WAVE file of 16-bit samples.
    static func wav(_ samples: [Float]) -> Data {
        var data = Data()
        func add(_ text: String) { data.append(contentsOf: Array(text.utf8)) }
        func add(_ number: UInt32, bytes: Int) {
            for index in 0..<bytes { data.append(UInt8(truncatingIfNeeded: number >> (8 * index))) }
        }
        let size = UInt32(samples.count * 2)
        add("RIFF")
        add(size + 36, bytes: 4)
        add("WAVEfmt ")
        add(16, bytes: 4)
        add(1, bytes: 2)
        add(1, bytes: 2)
        add(UInt32(rate), bytes: 4)
        add(UInt32(rate) * 2, bytes: 4)
        add(2, bytes: 2)
        add(16, bytes: 2)
        add("data")
        add(size, bytes: 4)
        for sample in samples {
            add(UInt32(UInt16(bitPattern: Int16((sample * 32_767).rounded()))), bytes: 2)
        }
        return data
    }

    private static func buzz(_ hertz: Double, _ time: Double) -> Double {
        (1...6).reduce(0) { $0 + sin(2 * .pi * hertz * Double($1) * time) / Double($1) }
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
