import Foundation

/// What one frame offers: the strongest few pitches, and how loud it is.
struct PitchFrame: Sendable {
    static let capacity = 4

    /// Largest sample, 0…1.
    var peak: Float
    private(set) var hertz = SIMD4<Float>()
    private(set) var strength = SIMD4<Float>()
    private(set) var count = 0

    init(peak: Float) { self.peak = peak }

    /// Keeps the candidate if it is among the strongest; a higher voice wins between equals, because every
    /// multiple of a period correlates as well as the period itself.
    mutating func add(hertz new: Float, strength raw: Float) {
        let adjusted = raw + 0.01 * log2(new / PitchTracker.lowestHz)
        var place = count
        if count == Self.capacity {
            place = 0
            for index in 1..<Self.capacity where strength[index] < strength[place] { place = index }
            guard adjusted > strength[place] else { return }
        } else {
            count += 1
        }
        hertz[place] = new
        strength[place] = adjusted
    }
}

/// The cheapest way through all candidates of all frames (Viterbi).
enum PitchPath {
    /// A little above Boersma's 0.45: noise below 1.2 kHz is more like itself than noise of all frequencies.
    private static let voicing: Float = 0.5
    private static let silence: Float = 0.03
    private static let octaveJump: Float = 0.35
    private static let voicingChange: Float = 0.14

    static func best(through frames: ArraySlice<PitchFrame>) -> PitchTrack {
        guard !frames.isEmpty else { return PitchTrack(hertz: []) }
        // A click must not make the whole voice look quiet, so the loudest half per cent is left out.
        let loudest = frames.map(\.peak).quantile(0.995) ?? 0
        // State 0 is "no voice"; 1…4 are the candidates.
        var scores = [Float](repeating: 0, count: PitchFrame.capacity + 1)
        var pitches = [Float](repeating: 0, count: PitchFrame.capacity + 1)
        var states = 1
        var origins: [SIMD8<UInt8>] = []
        origins.reserveCapacity(frames.count)
        for frame in frames {
            var newScores = [Float](repeating: 0, count: PitchFrame.capacity + 1)
            var newPitches = [Float](repeating: 0, count: PitchFrame.capacity + 1)
            var origin = SIMD8<UInt8>()
            for state in 0...frame.count {
                let pitch = state == 0 ? 0 : log2(frame.hertz[state - 1])
                let own = state == 0 ? unvoicedStrength(frame.peak, loudest) : frame.strength[state - 1]
                var best = -Float.infinity
                for old in 0..<states {
                    let score = scores[old] - cost(from: pitches[old], isVoice: old > 0, to: pitch, state > 0)
                    if score > best {
                        best = score
                        origin[state] = UInt8(old)
                    }
                }
                newScores[state] = best + own
                newPitches[state] = pitch
            }
            origins.append(origin)
            (scores, pitches, states) = (newScores, newPitches, frame.count + 1)
        }
        var state = (0..<states).max { scores[$0] < scores[$1] } ?? 0
        var hertz = [Float](repeating: 0, count: frames.count)
        for (index, frame) in zip(hertz.indices, frames).reversed() {
            hertz[index] = state == 0 ? 0 : frame.hertz[state - 1]
            state = Int(origins[index][state])
        }
        return PitchTrack(hertz: hertz)
    }

    private static func unvoicedStrength(_ peak: Float, _ loudest: Float) -> Float {
        guard loudest > 0 else { return 2 }
        return voicing + max(0, 2 - (peak / loudest) * (1 + voicing) / silence)
    }

    private static func cost(from old: Float, isVoice wasVoice: Bool, to new: Float, _ isVoice: Bool) -> Float
    {
        if wasVoice != isVoice { return voicingChange }
        return isVoice ? octaveJump * abs(new - old) : 0
    }
}
