/// Cuts a long recording into utterances at its quietest points.
///
/// A value over frame energies.
struct UtterancePlan {
    /// Frames that an utterance may hold.
    var maximumFrames: Int
    /// Over how many frames the energy is averaged when a quiet point is looked for: a stop consonant is
    /// shorter, a pause between words is longer.
    var quietFrames = 20

    /// Contiguous ranges that together cover all frames.
    ///
    /// - Parameter energy: One value per frame, any monotone measure of loudness.
    func utterances(energy: [Float]) -> [Range<Int>] {
        guard maximumFrames > 2 * quietFrames else { return energy.isEmpty ? [] : [0..<energy.count] }
        var ranges: [Range<Int>] = []
        var start = 0
        while energy.count - start > maximumFrames {
            let cut = quietest(in: (start + maximumFrames / 2)..<(start + maximumFrames), of: energy)
            ranges.append(start..<cut)
            start = cut
        }
        if start < energy.count { ranges.append(start..<energy.count) }
        return ranges
    }

    /// The middle of the quietest window.
    private func quietest(in range: Range<Int>, of energy: [Float]) -> Int {
        var sum = energy[range.lowerBound..<(range.lowerBound + quietFrames)].reduce(0, +)
        var least = sum
        var best = range.lowerBound
        for start in range.lowerBound + 1..<range.upperBound - quietFrames {
            sum += energy[start + quietFrames - 1] - energy[start - 1]
            if sum < least {
                least = sum
                best = start
            }
        }
        return best + quietFrames / 2
    }
}
