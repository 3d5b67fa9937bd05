/// How fast the upload runs against the original.
package enum SpeedChoice: Hashable, Sendable {
    /// This factor, whatever the note is like; 1 leaves the tempo alone. Clamped to 0.5…3.
    case fixed(Double)
    /// Chosen per note: `standard` for ordinary speech, less for fast talkers, poor signal-to-noise
    /// ratios and notes that a provider bills at its minimum anyway, never above `ceiling`.
    case automatic(standard: Double = 1.5, ceiling: Double = 1.75)
}

/// What a recogniser wants to receive.
package enum UploadEncoding: Hashable, Sendable {
    /// Lossless. Levels 0–2 cost next to nothing; higher ones save under 2 % of the bytes.
    case flac(level: Int = 1)
    /// Ogg/Opus at this bit rate in bits per second, for slow uplinks and size limits.
    case opus(bitrate: Int = 24_000)
    /// RIFF/WAVE, 16-bit.
    case wav
    /// Headerless little-endian 16-bit samples, for recognisers inside this process.
    case pcm16

    /// For the ledger and for people.
    package var name: String {
        switch self {
        case .flac: "flac"
        case .opus: "opus"
        case .wav: "wav"
        case .pcm16: "pcm16"
        }
    }
}

/// Changes to the sound itself. All off by default: docs/audio.md has what each does to recognition.
package struct CleanUp: Hashable, Sendable {
    /// Integrated loudness that the upload is brought to, judged by the note's first minute. Peaks are
    /// never pushed over full scale for it. −23…−14 is sensible; `nil` leaves the level alone.
    package var loudnessLUFS: Double?
    /// Takes stationary noise down by up to 12 dB.
    package var denoises: Bool

    package init(loudnessLUFS: Double? = nil, denoises: Bool = false) {
        self.loudnessLUFS = loudnessLUFS
        self.denoises = denoises
    }
}

/// What to do to a note, and how far to trust it.
package struct PreparationOptions: Hashable, Sendable {
    /// Decoded seconds at which preparation gives up with ``AudioError/tooLong(limitSeconds:)``.
    package var maximumSeconds: Double
    package var speed: SpeedChoice
    /// Whether pauses over 0.4 s are shortened to 0.25 s.
    package var trimming: Bool
    package var cleanUp: CleanUp
    package var encoding: UploadEncoding
    /// Why this encoding; passed on to the result.
    package var encodingReason: String
    /// Time spent on a DSP thread after which preparation is abandoned; waiting does not count.
    package var wallClockLimit: Duration
    /// The length somebody else claims (Telegram's `duration`), only ever compared, never believed.
    package var declaredSeconds: Double?
    /// What the recogniser bills at least; a note is not shrunk below it.
    package var minimumBilledSeconds: Double
    /// Upload length at which a new part begins, at a pause where there is one. `nil`: one part.
    package var maximumPartSeconds: Double?
    /// Upload bytes at which a new part begins. `nil`: no limit.
    package var maximumPartBytes: Int?

    package init(
        maximumSeconds: Double = 1_800, speed: SpeedChoice = .automatic(), trimming: Bool = true,
        cleanUp: CleanUp = CleanUp(), encoding: UploadEncoding = .flac(),
        encodingReason: String = "as asked for", wallClockLimit: Duration = .seconds(120),
        declaredSeconds: Double? = nil, minimumBilledSeconds: Double = 0, maximumPartSeconds: Double? = nil,
        maximumPartBytes: Int? = nil
    ) {
        self.maximumSeconds = maximumSeconds
        self.speed = speed
        self.trimming = trimming
        self.cleanUp = cleanUp
        self.encoding = encoding
        self.encodingReason = encodingReason
        self.wallClockLimit = wallClockLimit
        self.declaredSeconds = declaredSeconds
        self.minimumBilledSeconds = minimumBilledSeconds
        self.maximumPartSeconds = maximumPartSeconds
        self.maximumPartBytes = maximumPartBytes
    }

    /// For a recogniser in this process: nothing is billed, so nothing is bent.
    package static let inProcess = PreparationOptions(speed: .fixed(1), encoding: .pcm16)
}
