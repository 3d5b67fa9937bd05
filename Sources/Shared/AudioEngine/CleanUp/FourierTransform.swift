import Glibc

/// An in-place radix-2 transform of a fixed power-of-two length.
struct FourierTransform {
    let length: Int
    private let cosines: [Float]
    private let sines: [Float]
    private let swaps: [(Int, Int)]

    /// - Parameter length: A power of two, at least 2.
    init(length: Int) {
        self.length = length
        cosines = (0..<(length / 2)).map { Float(cos(2 * .pi * Double($0) / Double(length))) }
        sines = (0..<(length / 2)).map { Float(-sin(2 * .pi * Double($0) / Double(length))) }
        let bits = length.trailingZeroBitCount
        swaps = (0..<length).compactMap { index in
            let mirrored = (0..<bits).reduce(0) { $0 | ((index >> $1) & 1) << (bits - 1 - $1) }
            return index < mirrored ? (index, mirrored) : nil
        }
    }

    /// Forward transform, unscaled; exchanging the two arrays gives the inverse, unscaled as well.
    func transform(_ real: inout [Float], _ imaginary: inout [Float]) {
        for (one, other) in swaps {
            real.swapAt(one, other)
            imaginary.swapAt(one, other)
        }
        var span = 1
        while span < length {
            let step = length / (2 * span)
            for start in stride(from: 0, to: length, by: 2 * span) {
                for offset in 0..<span {
                    let c = cosines[offset * step]
                    let s = sines[offset * step]
                    let low = start + offset
                    let high = low + span
                    let r = real[high] * c - imaginary[high] * s
                    let i = real[high] * s + imaginary[high] * c
                    real[high] = real[low] - r
                    imaginary[high] = imaginary[low] - i
                    real[low] += r
                    imaginary[low] += i
                }
            }
            span *= 2
        }
    }
}
