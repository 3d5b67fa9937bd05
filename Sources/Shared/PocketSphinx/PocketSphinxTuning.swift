/// How hard the recogniser searches.
///
/// Measured on read English (LibriVox, 25 s) and synthetic speech on one core: the library's own limit of
/// 30 000 active states takes 0.21 s of CPU per second of audio, 5 000 takes 0.16 s with the same words;
/// 2 000 takes 0.12 s and changes some. Narrower beams and frame skipping save less and cost more words.
package struct PocketSphinxTuning: Hashable, Sendable {
    /// States kept per 10 ms frame.
    package var maximumActiveStates: Int
    /// Second pass over the lattice; without it posteriors, and so confidences, mean little.
    package var rescoresLattice: Bool
    /// Longest stretch decoded in one go. Audio is cut at its quietest points so that the lattice, whose
    /// search grows faster than its length, stays small.
    package var maximumUtteranceSeconds: Double

    /// How many times faster than spoken the audio is. The models have a least duration for every sound; a
    /// frame rate that follows the tempo takes that handicap away.
    package var tempo: Double

    package init(
        maximumActiveStates: Int = 5_000, rescoresLattice: Bool = true, maximumUtteranceSeconds: Double = 15,
        tempo: Double = 1
    ) {
        self.tempo = tempo
        self.maximumActiveStates = maximumActiveStates
        self.rescoresLattice = rescoresLattice
        self.maximumUtteranceSeconds = maximumUtteranceSeconds
    }
}

extension PocketSphinxTuning {
    /// Of the spectral frames; 100 at the tempo of speaking.
    var framesPerSecond: Int { Int((100 * min(max(tempo, 0.5), 3)).rounded()) }
}
