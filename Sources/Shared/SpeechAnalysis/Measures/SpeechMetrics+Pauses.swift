import CoachDomain

extension SpeechMetrics {
    /// Silences of at least this length are pauses.
    package static let shortestPause = 0.3
    /// Borders of brief, medium and long (Campione and Véronis 2002).
    package static let briefPause = 0.2
    package static let longPause = 1.0

    /// Silences between speech, of any length.
    static func gaps(between spans: [TimeSpan]) -> [TimeSpan] {
        zip(spans, spans.dropFirst()).compactMap { left, right in
            right.start > left.end ? TimeSpan(start: left.end, end: right.start) : nil
        }
    }

    mutating func addPauses(_ input: MeasurementInput) {
        guard let turn = input.turn, turn.duration > 0 else { return }
        let gaps = Self.gaps(between: input.speechSpans)
        pauses = gaps.filter { $0.duration >= Self.shortestPause }.map { Pause(span: $0) }
        let lengths = pauses.map(\.span.duration)
        let silent = gaps.reduce(0) { $0 + $1.duration }
        let sureness = turn.duration / 20

        set(.speakingSeconds, input.speakingSeconds, unit: "s", definition: "phonation-time/1")
        set(
            .phonationRatio, input.speakingSeconds / turn.duration, unit: "ratio",
            definition: "phonation-ratio/1",
            confidence: sureness)
        set(.pauseCount, Double(pauses.count), unit: "count", definition: "pause-0.3s/1")
        set(
            .pauseShare, silent / turn.duration, unit: "ratio", definition: "pause-share/1",
            confidence: sureness)
        if turn.duration >= 5 {
            set(
                .pausesPerMinute, Double(pauses.count) * 60 / turn.duration, unit: "1/min",
                definition: "pause-rate-0.3s/1", confidence: sureness)
        }
        if !lengths.isEmpty {
            set(
                .pauseMeanSeconds, lengths.reduce(0, +) / Double(lengths.count), unit: "s",
                definition: "pause-mean-0.3s/1", confidence: Double(lengths.count) / 5)
            set(.pauseLongestSeconds, lengths.max(), unit: "s", definition: "pause-longest/1")
        }
        let brief = gaps.count { $0.duration < Self.briefPause }
        let long = gaps.count { $0.duration > Self.longPause }
        set(.pausesBrief, Double(brief), unit: "count", definition: "pause-brief-under-0.2s/1")
        set(
            .pausesMedium, Double(gaps.count - brief - long), unit: "count",
            definition: "pause-medium-0.2-1.0s/1")
        set(.pausesLong, Double(long), unit: "count", definition: "pause-long-over-1.0s/1")
    }
}
