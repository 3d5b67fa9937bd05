import CoachDomain
import Foundation

/// Fundamental frequency over time.
package struct PitchTrack: Hashable, Sendable {
    /// One value per 10 ms frame, at the middle of the frame; 0 where there is no voice.
    package var hertz: [Float]

    package init(hertz: [Float]) { self.hertz = hertz }

    /// Time with a voice.
    package var voicedSeconds: Double {
        Double(hertz.count { $0 > 0 }) / Double(AcousticTrack.framesPerSecond)
    }

    /// Whether somebody may be speaking: some voice that lasts, and that is no machine's.
    ///
    /// A last look before a recogniser is paid, for what is periodic and yet no voice. Knocks have no pitch
    /// for 60 ms on end. Hum that comes and goes, dial tones, alarms and plain melodies are too steady: from
    /// one 10 ms to the next they stay within a fiftieth of a semitone in 86 to 100 % of their frames, the
    /// flattest speech in 50 %, measured through Opus and noise. Half a second of voice beside a machine is
    /// enough to be speech.
    package var mayBeSpeech: Bool {
        var steady = 0
        var moving = 0
        var run = 0
        var longest = 0
        var last: Float = 0
        for next in hertz {
            run = next > 0 ? run + 1 : 0
            longest = max(longest, run)
            if last > 0, next > 0 {
                if abs(12 * log2(next / last)) < 0.02 { steady += 1 } else { moving += 1 }
            }
            last = next
        }
        guard longest >= 6 else { return false }
        let pairs = steady + moving
        return pairs < 10 || Double(steady) < 0.75 * Double(pairs) || moving >= max(50, pairs * 8 / 100)
    }

    /// Voiced frames inside the spans, isolated octave errors removed.
    ///
    /// A frame more than an octave from the median is not this voice: creak, a second speaker, noise.
    func voiced(in spans: [TimeSpan]) -> [Float] {
        let inside = spans.flatMap { span -> ArraySlice<Float> in
            let low = max(0, Int((span.start * Double(AcousticTrack.framesPerSecond)).rounded()))
            let high = min(hertz.count, Int((span.end * Double(AcousticTrack.framesPerSecond)).rounded()))
            return hertz[min(low, high)..<max(low, high)]
        }
        .filter { $0 > 0 }
        guard let median = inside.quantile(0.5) else { return [] }
        return inside.filter { abs(log2($0 / median)) <= 1 }
    }
}

extension Collection where Element == Float {
    /// The value below which `share` of the values lie, linearly interpolated; `nil` without values.
    func quantile(_ share: Double) -> Float? {
        let ordered = sorted()
        guard let last = ordered.indices.last else { return nil }
        let position = share * Double(last)
        let low = Int(position)
        let high = Swift.min(low + 1, last)
        return ordered[low] + Float(position - Double(low)) * (ordered[high] - ordered[low])
    }

    /// Standard deviation of the population; `nil` without values.
    var standardDeviation: Double? {
        guard !isEmpty else { return nil }
        let mean = reduce(0) { $0 + Double($1) } / Double(count)
        let squares = reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
        return (squares / Double(count)).squareRoot()
    }
}
