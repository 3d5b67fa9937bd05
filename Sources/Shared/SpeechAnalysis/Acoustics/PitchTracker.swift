import Foundation

/// Follows the fundamental frequency of a voice, 75–500 Hz, every 10 ms.
///
/// Normalised cross-correlation of the signal below 1.2 kHz (Talkin's RAPT, 1995), its peaks interpolated
/// with a windowed sinc, and the path through the candidates chosen with Boersma's costs (1993: octave
/// 0.01, octave jump 0.35, voiced/unvoiced 0.14, silence 0.03). Against Praat on read speech: median within
/// 2 %, errors over a semitone in 2 % of frames, 0.25 semitones RMS otherwise.
struct PitchTracker: Sendable {
    static let lowestHz: Float = 75
    static let highestHz: Float = 500

    private static let hop = Decimator.rate / AcousticTrack.framesPerSecond
    /// Correlated stretch: 40 ms, three periods of the lowest voice.
    private static let window = 160
    private static let firstLag = 4
    private static let lastLag = 58
    private static let support = window + lastLag
    /// The frame's middle lies in the middle of all samples that it uses.
    private static let lead = support / 2 - hop / 2
    /// Quieter than this is silence whatever the rest of the note is like: −66 dB of peak.
    private static let quietest: Float = 0.0005

    private var decimator = Decimator()
    /// Decimated samples not yet used up.
    private var signal = [Float](repeating: 0, count: PitchTracker.lead)
    private var blocker = RumbleFilter()
    private var frames: [PitchFrame] = []
    private var inputs = 0
    private let interpolator = PeakInterpolator()

    mutating func consume(_ samples: UnsafeBufferPointer<Int16>) {
        inputs += samples.count
        let old = signal.count
        decimator.feed(samples, into: &signal)
        blocker.filter(&signal, from: old)
        analyze()
    }

    func finish() -> PitchTrack {
        var rest = self
        let old = rest.signal.count
        rest.decimator.flush(into: &rest.signal)
        rest.blocker.filter(&rest.signal, from: old)
        rest.signal.append(contentsOf: repeatElement(0, count: Self.support + Self.hop))
        rest.analyze()
        // As many frames as the intensity has: a last one that is at least half full counts.
        let count = (inputs + 80) / 160
        return PitchPath.best(through: rest.frames.prefix(count))
    }

    private mutating func analyze() {
        var start = 0
        var work = [Float](repeating: 0, count: Self.support)
        var correlation = [Float](repeating: 0, count: Self.lastLag + 1)
        signal.withUnsafeBufferPointer { signal in
            while start + Self.support <= signal.count {
                frames.append(
                    Self.frame(
                        UnsafeBufferPointer(rebasing: signal[start..<start + Self.support]), work: &work,
                        correlation: &correlation, interpolator: interpolator))
                start += Self.hop
            }
        }
        signal.removeFirst(start)
    }

    private static func frame(
        _ samples: UnsafeBufferPointer<Float>, work: inout [Float], correlation: inout [Float],
        interpolator: PeakInterpolator
    ) -> PitchFrame {
        var peak: Float = 0
        var sum: Float = 0
        for sample in samples {
            peak = max(peak, abs(sample))
            sum += sample
        }
        guard peak > quietest else { return PitchFrame(peak: peak) }
        let mean = sum / Float(support)
        for index in 0..<support { work[index] = samples[index] - mean }
        correlate(work, into: &correlation)
        var frame = PitchFrame(peak: peak)
        for lag in 7...54 {
            let here = correlation[lag]
            guard here > 0.25, here >= correlation[lag - 1], here > correlation[lag + 1] else { continue }
            let (position, height) = interpolator.peak(of: correlation, near: lag)
            let hertz = Float(Decimator.rate) / position
            guard hertz >= lowestHz, hertz <= highestHz else { continue }
            frame.add(hertz: hertz, strength: min(height, 1))
        }
        return frame
    }

    private static func correlate(_ work: [Float], into correlation: inout [Float]) {
        work.withUnsafeBufferPointer { work in
            guard let base = work.baseAddress else { return }
            let own = dot(base, base, count: window)
            var other = dot(base + firstLag, base + firstLag, count: window)
            for lag in firstLag...lastLag {
                let product = dot(base, base + lag, count: window)
                correlation[lag] = product / max((own * other).squareRoot(), 1e-12)
                guard lag < lastLag else { break }
                let leaving = base[lag]
                let entering = base[lag + window]
                other = max(0, other + entering * entering - leaving * leaving)
            }
        }
    }
}

/// Removes what lies below speech: offset, wind, the rumble of a hand on the phone.
struct RumbleFilter: Sendable {
    /// First-order high-pass at 45 Hz of 4 kHz.
    private static let pole: Float = 0.932

    private var lastInput: Float = 0
    private var lastOutput: Float = 0

    mutating func filter(_ samples: inout [Float], from start: Int) {
        for index in start..<samples.count {
            let input = samples[index]
            lastOutput = input - lastInput + Self.pole * lastOutput
            lastInput = input
            samples[index] = lastOutput
        }
    }
}

/// Finds the top of a band-limited curve between its samples.
struct PeakInterpolator: Sendable {
    private static let phases = 8
    private static let reach = 4

    /// Weights of the samples at −3…4 for each eighth of a sample from 0 to 1.
    private let weights: [[Float]]

    init() {
        weights = (0...Self.phases).map { phase in
            let fraction = Double(phase) / Double(Self.phases)
            return (1 - Self.reach...Self.reach).map { tap in
                let offset = fraction - Double(tap)
                guard offset != 0 else { return 1 }
                let sinc = sin(.pi * offset) / (.pi * offset)
                return Float(sinc * (0.5 + 0.5 * cos(.pi * offset / Double(Self.reach))))
            }
        }
    }

    /// Position and height of the maximum within one sample of `lag`.
    func peak(of curve: [Float], near lag: Int) -> (position: Float, height: Float) {
        var values = [Float](repeating: 0, count: 2 * Self.phases + 1)
        var best = 0
        for step in values.indices {
            let base = step < Self.phases ? lag - 1 : lag
            let phase = step < Self.phases ? step : step - Self.phases
            var sum: Float = 0
            for (tap, weight) in weights[phase].enumerated() {
                let index = base + 1 - Self.reach + tap
                sum += weight * curve[min(max(index, 4), curve.count - 1)]
            }
            values[step] = sum
            if sum > values[best] { best = step }
        }
        let grid = Float(lag - 1) + Float(best) / Float(Self.phases)
        guard best > 0, best < values.count - 1 else { return (grid, values[best]) }
        let (left, middle, right) = (values[best - 1], values[best], values[best + 1])
        let bend = left - 2 * middle + right
        guard bend < 0 else { return (grid, middle) }
        let shift = 0.5 * (left - right) / bend
        return (grid + shift / Float(Self.phases), middle - 0.25 * (left - right) * shift)
    }
}
