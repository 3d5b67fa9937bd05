import Glibc

/// Integrated loudness after ITU-R BS.1770-4 from the K-weighted energy of 10 ms frames.
///
/// Blocks of 400 ms every 100 ms pass an absolute gate at −70 LUFS, then a relative one 10 LU below
/// their mean. Blocks are kept as a histogram of tenths of a LU, so memory is constant; the result is
/// exact to 0.1 LU.
struct LoudnessGate {
    private static let framesPerStep = 10
    private static let floorLUFS = -70.0
    private var step: Double = 0
    private var framesInStep = 0
    private var steps: [Double] = []
    private var counts = [Int](repeating: 0, count: 800)
    private var energies = [Double](repeating: 0, count: 800)

    /// - Parameter meanSquare: Of one 10 ms frame of the K-weighted signal; full scale is 1.
    mutating func append(meanSquare: Float) {
        step += Double(meanSquare)
        framesInStep += 1
        guard framesInStep == Self.framesPerStep else { return }
        steps.append(step / Double(Self.framesPerStep))
        step = 0
        framesInStep = 0
        guard steps.count == 4 else { return }
        let block = steps.reduce(0, +) / 4
        steps.removeFirst()
        let loudness = Self.loudness(block)
        guard loudness >= Self.floorLUFS else { return }
        let bin = min(max(Int((loudness - Self.floorLUFS) * 10), 0), counts.count - 1)
        counts[bin] += 1
        energies[bin] += block
    }

    /// `nil` when no block passed the absolute gate.
    var integratedLUFS: Double? {
        let count = counts.reduce(0, +)
        guard count > 0 else { return nil }
        let relative = Self.loudness(energies.reduce(0, +) / Double(count)) - 10
        let first = min(max(Int(((relative - Self.floorLUFS) * 10).rounded()), 0), counts.count - 1)
        let kept = counts[first...].reduce(0, +)
        guard kept > 0 else { return nil }
        return Self.loudness(energies[first...].reduce(0, +) / Double(kept))
    }

    private static func loudness(_ meanSquare: Double) -> Double {
        meanSquare > 0 ? -0.691 + 10 * log10(meanSquare) : -.infinity
    }
}
