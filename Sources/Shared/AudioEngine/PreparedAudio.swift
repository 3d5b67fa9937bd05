package import CoachDomain

/// What was wrong with a note that could be decoded all the same.
package struct AudioDamage: Hashable, Sendable {
    /// The file stops before the end that its container announces.
    package var isTruncated = false
    /// Stretches of the original whose bytes were lost. Silence stands in for them, so that later
    /// times still hold. At most 64 are kept.
    package var missing: [TimeSpan] = []
    /// Packets that the codec refused; each was concealed.
    package var refusedPackets = 0
    /// The decoded length differs from what Telegram declared by more than a second and 5 %.
    package var disagreesWithDeclaredLength = false

    package init() {}

    /// Whether words may be missing and times after the damage are unsure.
    package var isPartial: Bool {
        isTruncated || !missing.isEmpty || refusedPackets > 0 || disagreesWithDeclaredLength
    }
}

/// Encoded audio, in memory or, beyond some megabytes, in a temporary file.
package enum UploadBody: Sendable {
    case bytes([UInt8])
    /// Deleted when the last reference goes.
    case file(TemporaryFile)

    package var count: Int {
        switch self {
        case .bytes(let bytes): bytes.count
        case .file(let file): file.byteCount
        }
    }
}

/// One piece of audio for a recogniser. Nearly every note is a single part.
package struct UploadPart: Sendable {
    package var body: UploadBody
    /// Where the part lies on the upload clock; add `span.start` to a recogniser's times, then map them
    /// through the timeline.
    package var span: TimeSpan

    package init(body: UploadBody, span: TimeSpan) {
        self.body = body
        self.span = span
    }
}

/// A note made ready for a recogniser, with what was measured on the original on the way.
package struct PreparedAudio: Sendable {
    /// Changes whenever the same note could yield other samples or spans.
    package static let pipelineVersion = "audio-2"

    /// Container and codec found in the bytes.
    package var format: AudioFormat
    /// Length of the note as decoded, damage filled in.
    package var originalSeconds: Double
    /// Sum of `speechSpans`.
    package var speechSeconds: Double
    package var uploadSeconds: Double
    /// In order of time, contiguous on the upload clock, never empty.
    package var parts: [UploadPart]
    package var contentType: String
    package var suggestedFilename: String
    package var sampleRateHz: Int
    /// Tempo of the upload against the original; 1 is unchanged.
    package var speed: Double
    /// Why this speed, in one phrase.
    package var speedReason: String
    package var encoding: UploadEncoding
    /// Why it was packed so, in one phrase.
    package var encodingReason: String
    package var timeline: Timeline
    /// Detected speech on the original clock, without padding; gaps are pauses.
    package var speechSpans: [TimeSpan]
    package var levels: LevelTrack
    /// Speech power against noise power; `nil` when nothing stood out or nothing but speech was heard.
    package var snrEstimateDB: Double?
    /// Share of samples at full scale, 0…1.
    package var clippedRatio: Double
    /// Gated loudness after ITU-R BS.1770-4; `nil` when the whole note lies below −70 LUFS.
    package var loudnessLUFS: Double?
    package var damage: AudioDamage
    /// Whether a voice was found. When false, a recogniser would only invent words.
    package var containsSpeech: Bool
    package var stages: PreparationStages

    /// Bytes of all parts.
    package var uploadBytes: Int { parts.reduce(0) { $0 + $1.body.count } }

    /// The stored and printed part of this value.
    package var summary: AudioSummary {
        AudioSummary(
            originalSeconds: originalSeconds, speechSeconds: speechSeconds, uploadSeconds: uploadSeconds,
            uploadBytes: uploadBytes, sampleRateHz: sampleRateHz, speed: speed, speedReason: speedReason,
            pipelineVersion: Self.pipelineVersion, isPartial: damage.isPartial, timeline: timeline.segments,
            encoding: encoding.name, encodingReason: encodingReason)
    }
}
