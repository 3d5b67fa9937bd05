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

/// Builds an ``IntensityTrack`` from samples in order.
struct IntensityMeter: Sendable {
    private static let hop = 160

    private var decibels: [Float] = []
    /// A whole number, so that the order of additions, and with it the size of the chunks, is of no effect.
    private var sum = 0.0
    private var count = 0

    mutating func consume(_ samples: UnsafeBufferPointer<Int16>) {
        guard let base = samples.baseAddress else { return }
        var index = 0
        while index < samples.count {
            let take = min(Self.hop - count, samples.count - index)
            var lanes = SIMD8<Double>()
            var position = index
            while position + 8 <= index + take {
                let values = UnsafeRawPointer(base + position)
                    .loadUnaligned(as: SIMD8<Int16>.self)
                let numbers = SIMD8<Double>(values)
                lanes += numbers * numbers
                position += 8
            }
            sum += lanes.sum()
            while position < index + take {
                let number = Double(samples[position])
                sum += number * number
                position += 1
            }
            index += take
            count += take
            if count == Self.hop { close() }
        }
    }

    func finish() -> IntensityTrack {
        var rest = self
        if rest.count >= Self.hop / 2 { rest.close() }
        return IntensityTrack(decibels: rest.decibels)
    }

    private mutating func close() {
        let power = sum / (Double(count) * 32_768 * 32_768)
        decibels.append(max(IntensityTrack.silenceDB, Float(10 * log10(max(power, 1e-12)))))
        sum = 0
        count = 0
    }
}
