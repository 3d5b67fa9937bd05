import CoachDomain

extension SpeechMetrics {
    /// Silences of at least this length are pauses.
    package static let shortestPause = 0.3
    /// Borders of brief, medium and long (Campione and Véronis 2002).
    package static let briefPause = 0.2
    package static let longPause = 1.0
    /// Binary fractions must not push a gap of 30 frames below 0.3 s.
    private static let rounding = 1e-6

    /// Silences between speech, of any length.
    static func gaps(between spans: [TimeSpan]) -> [TimeSpan] {
        zip(spans, spans.dropFirst()).compactMap { left, right in
            right.start > left.end ? TimeSpan(start: left.end, end: right.start) : nil
        }
    }

    mutating func addPauses(_ input: MeasurementInput) {
        guard let turn = input.turn, turn.duration > 0, input.arePausesKnown else { return }
        let gaps = Self.gaps(between: input.speechSpans)
        let trust = input.soundTrust
        let sureness = min(turn.duration / 20, trust)
        pauses = gaps.filter { Self.isPause($0, from: Self.shortestPause) }.map { Pause(span: $0) }

        set(
            .speakingSeconds, input.speakingSeconds, unit: "s", definition: "phonation-time/2",
            confidence: trust)
        set(
            .phonationRatio, input.speakingSeconds / turn.duration, unit: "ratio",
            definition: "phonation-ratio/2", confidence: sureness)
        let silent = gaps.reduce(0) { $0 + $1.duration }
        set(
            .pauseShare, silent / turn.duration, unit: "ratio", definition: "pause-share/2",
            confidence: sureness)
        addPauseCounts(gaps, confidence: trust)
        if turn.duration >= 5 {
            set(
                .pausesPerMinute, Double(pauses.count) * 60 / turn.duration, unit: "1/min",
                definition: "pause-rate-0.3s/2", confidence: sureness)
        }
        let lengths = pauses.map(\.span.duration)
        guard !lengths.isEmpty else { return }
        set(
            .pauseMeanSeconds, lengths.reduce(0, +) / Double(lengths.count), unit: "s",
            definition: "pause-mean-0.3s/2", confidence: min(Double(lengths.count) / 5, trust))
        set(
            .pauseLongestSeconds, lengths.max(), unit: "s", definition: "pause-longest/2", confidence: trust)
    }

    private mutating func addPauseCounts(_ gaps: [TimeSpan], confidence: Double) {
        let count = { (shortest: Double) in Double(gaps.count { Self.isPause($0, from: shortest) }) }
        let long = Double(gaps.count { $0.duration > Self.longPause + Self.rounding })
        set(
            .pauseCount, Double(pauses.count), unit: "count", definition: "pause-0.3s/2",
            confidence: confidence)
        set(.pausesFrom250ms, count(0.25), unit: "count", definition: "pause-0.25s/2", confidence: confidence)
        set(.pausesFrom200ms, count(0.2), unit: "count", definition: "pause-0.2s/2", confidence: confidence)
        set(
            .pausesBrief, Double(gaps.count) - count(Self.briefPause), unit: "count",
            definition: "pause-brief-under-0.2s/2", confidence: confidence)
        set(
            .pausesMedium, count(Self.briefPause) - long, unit: "count",
            definition: "pause-medium-0.2-1.0s/2", confidence: confidence)
        set(
            .pausesLong, long, unit: "count", definition: "pause-long-over-1.0s/2", confidence: confidence)
    }

    private static func isPause(_ gap: TimeSpan, from shortest: Double) -> Bool {
        gap.duration >= shortest - rounding
    }
}
