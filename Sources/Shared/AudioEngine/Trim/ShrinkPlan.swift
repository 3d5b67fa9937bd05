/// What is known of a note when it must be decided how to shrink it: all of it, or its first minute.
struct ShrinkEvidence: Equatable {
    /// Seconds of original that were looked at.
    var seconds: Double
    /// Whether that is the whole note.
    var isWhole: Bool
    /// Seconds that cutting pauses would leave.
    var keptSeconds: Double
    var speechSeconds: Double
    /// `nil` when speech cannot be told from the background.
    var snrDB: Double?
    /// Syllables per second of speech, as counted from energy peaks; `nil` with under two seconds.
    var syllablesPerSecond: Double?
    var containsSpeech: Bool
}

/// Whether pauses are cut and how fast the upload runs, with the reason.
struct ShrinkPlan: Equatable {
    var trims: Bool
    var speed: Double
    var reason: String

    /// Under this share of the note cut, joins are not worth their risk.
    static let leastCutShare = 0.10
    private static let slowestUseful = 1.1

    init(trims: Bool, speed: Double, reason: String) {
        self.trims = trims
        self.speed = speed
        self.reason = reason
    }

    init(_ evidence: ShrinkEvidence, options: PreparationOptions) {
        let worthCutting = evidence.keptSeconds <= evidence.seconds * (1 - Self.leastCutShare)
        let stays = evidence.isWhole && evidence.seconds <= options.minimumBilledSeconds
        trims =
            options.trimming && evidence.containsSpeech && evidence.snrDB != nil && !stays
            && (worthCutting || !evidence.isWhole)
        switch options.speed {
        case .fixed(let factor):
            speed = min(max(factor.isFinite ? factor : 1, 0.5), 3)
            reason = speed == 1 ? "as spoken" : "fixed by setting"
        case .automatic(let standard, let ceiling):
            let length = trims ? evidence.keptSeconds : evidence.seconds
            (speed, reason) = Self.automatic(
                evidence, standard: min(max(standard, 1), 3), ceiling: min(max(ceiling, 1), 3),
                lengthAtOne: length, minimum: options.minimumBilledSeconds)
        }
    }

    /// The rules in order of weight. Figures: docs/audio.md.
    private static func automatic(
        _ evidence: ShrinkEvidence, standard: Double, ceiling: Double, lengthAtOne: Double, minimum: Double
    ) -> (Double, String) {
        guard evidence.containsSpeech else {
            return (1, evidence.isWhole ? "no speech found" : "no speech in the first minute")
        }
        guard let snr = evidence.snrDB, snr >= 10 else { return (1, "speech hardly above the noise") }
        var speed = min(standard, ceiling)
        var reason = "standard"
        if snr < 18 {
            speed = min(speed, 1.25)
            reason = "noisy"
        }
        if let rate = evidence.syllablesPerSecond {
            // What the recogniser hears must stay within tempi that people speak at.
            if rate * speed > fastestHeard {
                speed = fastestHeard / rate
                reason = "fast talker"
            } else if reason == "standard", rate * ceiling < slowestHeard {
                speed = ceiling
                reason = "slow talker"
            }
        }
        if evidence.isWhole, minimum > 0, lengthAtOne / speed < minimum {
            speed = max(1, lengthAtOne / minimum)
            reason = "at the provider's minimum"
        }
        speed = (speed * 100).rounded(.down) / 100
        return speed < slowestUseful ? (1, reason) : (speed, reason)
    }

    /// Syllables per second in the upload. Ordinary English has 3.5–5 by this count (docs/audio.md).
    private static let fastestHeard = 7.5
    private static let slowestHeard = 5.0
}
