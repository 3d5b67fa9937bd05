import Foundation

/// Halves twice in one step: 16 kHz down to 4 kHz, for a pitch tracker that needs nothing above 1.2 kHz.
struct Decimator: Sendable {
    /// Outputs per second.
    static let rate = 4_000
    private static let factor = 4
    /// Odd, so that the delay is a whole number of inputs; and that number a multiple of the factor.
    private static let taps = 41
    private static let padded = 48
    private static let delay = (taps - 1) / 2

    /// Windowed sinc (Blackman), half amplitude at 1.35 kHz, unit gain at zero, scaled to full scale = 1.
    private static let coefficients: [Float] = {
        let cut = 1_350.0 / 16_000
        let raw = (0..<taps).map { index -> Double in
            let offset = Double(index - delay)
            let sinc = offset == 0 ? 2 * cut : sin(2 * .pi * cut * offset) / (.pi * offset)
            let phase = 2 * .pi * Double(index) / Double(taps - 1)
            return sinc * (0.42 - 0.5 * cos(phase) + 0.08 * cos(2 * phase))
        }
        let gain = raw.reduce(0, +) * 32_768
        return raw.map { Float($0 / gain) } + [Float](repeating: 0, count: padded - taps)
    }()

    /// Inputs not yet used up, oldest first; begins with zeros so that output 0 lies at input 0.
    private var pending = [Float](repeating: 0, count: Decimator.delay)

    /// Appends the outputs that the inputs complete.
    mutating func feed(_ samples: UnsafeBufferPointer<Int16>, into output: inout [Float]) {
        pending.reserveCapacity(pending.count + samples.count)
        for sample in samples { pending.append(Float(sample)) }
        filter(into: &output)
    }

    /// Appends the outputs that still wait for inputs, as if silence followed.
    mutating func flush(into output: inout [Float]) {
        pending.append(contentsOf: repeatElement(0, count: Self.padded))
        filter(into: &output)
    }

    private mutating func filter(into output: inout [Float]) {
        var start = 0
        pending.withUnsafeBufferPointer { pending in
            Self.coefficients.withUnsafeBufferPointer { coefficients in
                guard let input = pending.baseAddress, let weights = coefficients.baseAddress else { return }
                while start + Self.padded <= pending.count {
                    output.append(dot(input + start, weights, count: Self.padded))
                    start += Self.factor
                }
            }
        }
        pending.removeFirst(start)
    }
}

/// Sum of products, eight at a time; `count` is a multiple of eight.
@inline(__always)
func dot(_ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, count: Int) -> Float {
    let left = UnsafeRawPointer(left)
    let right = UnsafeRawPointer(right)
    var even = SIMD8<Float>()
    var odd = SIMD8<Float>()
    var offset = 0
    let end = count * MemoryLayout<Float>.stride
    while offset + 64 <= end {
        even +=
            left.loadUnaligned(fromByteOffset: offset, as: SIMD8<Float>.self)
            * right.loadUnaligned(fromByteOffset: offset, as: SIMD8<Float>.self)
        odd +=
            left.loadUnaligned(fromByteOffset: offset + 32, as: SIMD8<Float>.self)
            * right.loadUnaligned(fromByteOffset: offset + 32, as: SIMD8<Float>.self)
        offset += 64
    }
    if offset < end {
        even +=
            left.loadUnaligned(fromByteOffset: offset, as: SIMD8<Float>.self)
            * right.loadUnaligned(fromByteOffset: offset, as: SIMD8<Float>.self)
    }
    return (even + odd).sum()
}
