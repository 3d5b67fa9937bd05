package import CoachDomain

/// All that is known of a note when its measures are taken; what is missing makes measures absent.
package struct MeasurementInput: Sendable {
    /// Length of the note as decoded.
    package var originalSeconds: Double
    /// Where somebody speaks, on the original clock, in order, not overlapping, without padding.
    package var speechSpans: [TimeSpan]
    package var acoustics: AcousticTrack?
    /// With words on the original clock.
    package var transcript: Transcript?
    /// Gated loudness, when the note is loud enough to have one.
    package var loudnessLUFS: Double?
    package var signalToNoiseDB: Double?

    package init(
        originalSeconds: Double, speechSpans: [TimeSpan], acoustics: AcousticTrack? = nil,
        transcript: Transcript? = nil, loudnessLUFS: Double? = nil, signalToNoiseDB: Double? = nil
    ) {
        self.originalSeconds = originalSeconds
        self.speechSpans = speechSpans
        self.acoustics = acoustics
        self.transcript = transcript
        self.loudnessLUFS = loudnessLUFS
        self.signalToNoiseDB = signalToNoiseDB
    }

    /// From the first to the last sound of speech; silence around it is not the speaker's doing.
    var turn: TimeSpan? {
        guard let first = speechSpans.first, let last = speechSpans.last else { return nil }
        return TimeSpan(start: first.start, end: last.end)
    }

    var speakingSeconds: Double { speechSpans.reduce(0) { $0 + $1.duration } }
}
