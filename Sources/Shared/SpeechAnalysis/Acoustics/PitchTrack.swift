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
