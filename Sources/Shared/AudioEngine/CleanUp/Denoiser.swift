import Glibc

/// Takes stationary noise down by at most 12 dB: a Wiener filter per frequency with the
/// decision-directed estimate of Ephraim & Malah (1984) over a minimum-statistics noise floor
/// (Martin 2001, without its bias model).
///
/// Off unless an operator asks for it: recognisers are trained on noise and mostly do better with the
/// noise than with what a filter leaves of the speech (docs/audio.md).
struct Denoiser {
    private static let length = 512
    private static let hop = 256
    private static let bins = 257
    private static let leastGain: Float = 0.25
    /// Frames per half of the sliding minimum: 0.8 s.
    private static let minimumFrames = 50

    private let fourier = FourierTransform(length: length)
    private let window: [Float]
    private var input: [Float]
    private var overlap = [Float](repeating: 0, count: hop)
    private var smoothed = [Float](repeating: 0, count: bins)
    private var minimum = [Float](repeating: .greatestFiniteMagnitude, count: bins)
    private var candidate = [Float](repeating: .greatestFiniteMagnitude, count: bins)
    private var clean = [Float](repeating: 0, count: bins)
    private var frames = 0
    private var real = [Float](repeating: 0, count: length)
    private var imaginary = [Float](repeating: 0, count: length)
    /// Samples still to drop, because the first window reaches back before the note.
    private var latency = hop
    private var pending = 0

    init() {
        window = (0..<Self.length).map { Float(sin(.pi * (Double($0) + 0.5) / Double(Self.length))) }
        input = [Float](repeating: 0, count: Self.hop)
    }

    /// Takes samples in and returns those that are done; 16 to 32 ms stay inside.
    mutating func process(_ samples: Span<Int16>) -> [Int16] {
        for index in samples.indices { input.append(Float(samples[index])) }
        pending += samples.count
        var output: [Int16] = []
        var start = 0
        while input.count - start >= Self.length {
            filter(at: start, onto: &output)
            start += Self.hop
        }
        input.removeFirst(start)
        return output
    }

    /// Returns what is left inside.
    mutating func finish() -> [Int16] {
        let wanted = pending
        let silence = [Int16](repeating: 0, count: Self.length * 2)
        return Array(process(silence.span).prefix(wanted))
    }

    private mutating func filter(at start: Int, onto output: inout [Int16]) {
        for index in 0..<Self.length {
            real[index] = input[start + index] * window[index]
            imaginary[index] = 0
        }
        fourier.transform(&real, &imaginary)
        for bin in 0..<Self.bins {
            let gain = gain(bin)
            real[bin] *= gain
            imaginary[bin] *= gain
            if bin > 0, bin < Self.hop {
                real[Self.length - bin] *= gain
                imaginary[Self.length - bin] *= gain
            }
        }
        frames += 1
        if frames % Self.minimumFrames == 0 {
            minimum = candidate
            candidate = smoothed
        }
        fourier.transform(&imaginary, &real)
        let scale = 1 / Float(Self.length)
        for index in 0..<Self.hop {
            let sample = overlap[index] + real[index] * window[index] * scale
            overlap[index] = real[Self.hop + index] * window[Self.hop + index] * scale
            if latency > 0 {
                latency -= 1
            } else {
                output.append(Int16(min(max(sample, -32_768), 32_767).rounded()))
                pending -= 1
            }
        }
    }

    private mutating func gain(_ bin: Int) -> Float {
        let power = real[bin] * real[bin] + imaginary[bin] * imaginary[bin]
        smoothed[bin] = frames == 0 ? power : 0.85 * smoothed[bin] + 0.15 * power
        candidate[bin] = min(candidate[bin], smoothed[bin])
        // The minimum of a smoothed spectrum lies some 3 dB under its mean.
        let noise = max(2 * min(minimum[bin], candidate[bin]), 1)
        let posterior = power / noise
        let prior = 0.96 * clean[bin] / noise + 0.04 * max(posterior - 1, 0)
        let gain = max(prior / (1 + prior), Self.leastGain)
        clean[bin] = gain * gain * power
        return gain
    }
}
