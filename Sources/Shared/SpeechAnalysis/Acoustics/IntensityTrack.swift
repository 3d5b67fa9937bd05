import CoachDomain
import Foundation

/// Level over time, one value per 10 ms.
package struct IntensityTrack: Hashable, Sendable {
    /// What digital silence is taken for.
    package static let silenceDB: Float = -110

    /// RMS level in dB relative to full scale, −110…0.
    package var decibels: [Float]

    package init(decibels: [Float]) { self.decibels = decibels }

    /// Averaged (in dB) over `width` frames around each frame, so that single periods and clicks vanish.
    func smoothed(width: Int) -> [Float] {
        let half = width / 2
        var sums = [Float](repeating: 0, count: decibels.count + 1)
        for (index, value) in decibels.enumerated() { sums[index + 1] = sums[index] + value }
        return decibels.indices.map { index in
            let low = max(0, index - half)
            let high = min(decibels.count, index + half + 1)
            return (sums[high] - sums[low]) / Float(high - low)
        }
    }

    /// Frame numbers that lie in the spans.
    func frames(in spans: [TimeSpan]) -> [Int] {
        spans.flatMap { span in
            let low = max(0, Int((span.start * Double(AcousticTrack.framesPerSecond)).rounded()))
            let high = min(decibels.count, Int((span.end * Double(AcousticTrack.framesPerSecond)).rounded()))
            return Array(low..<max(low, high))
        }
    }
}

/// Builds two ``IntensityTrack``s from samples in order: the plain one, and one of the differences between
/// neighbouring samples, in which an "s" is as loud as a vowel.
struct IntensityMeter: Sendable {
    private static let hop = 160

    private var plain: [Float] = []
    private var bright: [Float] = []
    /// Whole numbers, so that the order of additions, and with it the size of the chunks, is of no effect.
    private var plainSum = 0.0
    private var brightSum = 0.0
    private var count = 0
    private var last: Int16 = 0

    mutating func consume(_ samples: UnsafeBufferPointer<Int16>) {
        guard let base = samples.baseAddress, !samples.isEmpty else { return }
        add(base[0], after: last)
        if count == Self.hop { close() }
        var index = 1
        while index < samples.count {
            let end = index + min(Self.hop - count, samples.count - index)
            count += end - index
            var plainLanes = SIMD8<Double>()
            var brightLanes = SIMD8<Double>()
            while index + 8 <= end {
                let numbers = Self.eight(base + index)
                let steps = numbers - Self.eight(base + index - 1)
                plainLanes += numbers * numbers
                brightLanes += steps * steps
                index += 8
            }
            plainSum += plainLanes.sum()
            brightSum += brightLanes.sum()
            while index < end {
                add(base[index], after: base[index - 1], counting: false)
                index += 1
            }
            if count == Self.hop { close() }
        }
        last = samples[samples.count - 1]
    }

    func finish() -> (plain: IntensityTrack, bright: IntensityTrack) {
        var rest = self
        if rest.count >= Self.hop / 2 { rest.close() }
        return (IntensityTrack(decibels: rest.plain), IntensityTrack(decibels: rest.bright))
    }

    private static func eight(_ samples: UnsafePointer<Int16>) -> SIMD8<Double> {
        SIMD8<Double>(UnsafeRawPointer(samples).loadUnaligned(as: SIMD8<Int16>.self))
    }

    private mutating func add(_ sample: Int16, after previous: Int16, counting: Bool = true) {
        let number = Double(sample)
        let step = number - Double(previous)
        plainSum += number * number
        brightSum += step * step
        if counting { count += 1 }
    }

    private mutating func close() {
        plain.append(decibels(plainSum))
        bright.append(decibels(brightSum))
        plainSum = 0
        brightSum = 0
        count = 0
    }

    private func decibels(_ sum: Double) -> Float {
        let power = sum / (Double(count) * 32_768 * 32_768)
        return max(IntensityTrack.silenceDB, Float(10 * log10(max(power, 1e-12))))
    }
}
