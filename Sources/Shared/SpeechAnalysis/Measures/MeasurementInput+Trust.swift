import CoachDomain

extension MeasurementInput {
    /// Whether speech could be told from what is not speech.
    ///
    /// Where it does not stand out from the noise, the detector takes the whole note for speech: that the
    /// note has no pause is then no finding, and pauses are absent rather than none.
    var arePausesKnown: Bool {
        guard signalToNoiseDB == nil, speechSpans.count == 1, let turn else { return true }
        return turn.duration < originalSeconds * 0.99
    }

    /// How far the borders of speech may be believed, 0.2…1: fully from 15 dB above the noise.
    var soundTrust: Double {
        guard let signalToNoiseDB else { return arePausesKnown ? 0.8 : 0.2 }
        return min(max(signalToNoiseDB / 15, 0.2), 1)
    }

    /// How far the words may be believed, 0…1: the mean of the recogniser's own confidence.
    var wordTrust: Double {
        let known = transcript?.words.compactMap(\.confidence) ?? []
        guard !known.isEmpty else { return 0.8 }
        return min(max(known.reduce(0, +) / Double(known.count), 0), 1)
    }
}
