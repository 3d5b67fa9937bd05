/// Tells voices from noise: the strongest normalised autocorrelation at the pitches of speech, once per
/// 100 ms on a 4 kHz copy of the signal.
///
/// It is far too coarse to be a pitch track. Its one use is the question whether a note in which no
/// level stands out holds a voice buried in noise or nothing but noise.
struct PeriodicityMeter {
    /// Samples of 16 kHz audio per value.
    private static let block = 1_600
    /// 50 ms at 4 kHz.
    private static let window = 200
    /// 400 Hz down to 67 Hz at 4 kHz; higher voices show at twice their period.
    private static let lags = 10...60

    /// One value per 100 ms, 0…1; about 0.3 for noise, over 0.7 in vowels.
    private(set) var values: [Float] = []
    private var decimated: [Float] = []
    private var group: Float = 0
    private var groupCount = 0
    private var previous: Float = 0
    private var position = 0

    mutating func consume(_ chunk: Span<Int16>) {
        for index in chunk.indices {
            position += 1
            // Only the window in the middle of a block is looked at.
            if position <= Self.window * 4 {
                group += Float(chunk[index])
                groupCount += 1
                if groupCount == 4 {
                    // The leaky difference takes away rumble, which correlates with itself at any lag.
                    decimated.append(group - 0.9 * previous)
                    previous = group
                    group = 0
                    groupCount = 0
                }
            }
            if position == Self.block {
                values.append(Self.peak(decimated))
                decimated.removeAll(keepingCapacity: true)
                position = 0
            }
        }
    }

    private static func peak(_ signal: [Float]) -> Float {
        let length = window - lags.upperBound
        guard signal.count >= window else { return 0 }
        return signal.withSpan { samples in
            var best: Float = 0
            let home = samples.extracting(first: length)
            let homeEnergy = dot(home, home)
            guard homeEnergy > 0 else { return 0 }
            for lag in lags {
                let away = samples.extracting(lag..<(lag + length))
                let energy = dot(away, away)
                guard energy > 0 else { continue }
                best = max(best, dot(home, away) / (homeEnergy * energy).squareRoot())
            }
            return best
        }
    }

    /// Both spans are of one length.
    private static func dot(_ a: Span<Float>, _ b: Span<Float>) -> Float {
        unsafe a.withUnsafeBytes { left in
            unsafe b.withUnsafeBytes { right in
                var sum = SIMD8<Float>()
                let step = MemoryLayout<SIMD8<Float>>.size
                let end = min(left.count, right.count)
                var offset = 0
                while offset + step <= end {
                    let x = unsafe left.loadUnaligned(fromByteOffset: offset, as: SIMD8<Float>.self)
                    let y = unsafe right.loadUnaligned(fromByteOffset: offset, as: SIMD8<Float>.self)
                    sum += x * y
                    offset += step
                }
                var total = sum.sum()
                while offset < end {
                    let x = unsafe left.loadUnaligned(fromByteOffset: offset, as: Float.self)
                    total += x * (unsafe right.loadUnaligned(fromByteOffset: offset, as: Float.self))
                    offset += MemoryLayout<Float>.size
                }
                return total
            }
        }
    }
}

extension Array where Element == Float {
    fileprivate func withSpan<Result>(_ body: (Span<Float>) -> Result) -> Result { body(span) }
}
