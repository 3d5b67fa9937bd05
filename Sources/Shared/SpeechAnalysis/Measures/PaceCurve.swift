import CoachDomain

/// How fast somebody speaks over the course of a note.
///
/// Around each point lies a window of a quarter of the turn, at least 3 and at most 10 s, cut off at the
/// turn's ends. Pauses inside count, as in the pace of the whole note. A word that lies partly inside counts
/// for that part, so that the curve has no steps.
struct PaceCurve {
    let contour: Contour

    private static let narrowest = 3.0
    private static let widest = 10.0
    /// Seconds between two points of a short note.
    private static let closest = 0.5

    /// `nil` for speech too short to have a pace.
    init?(_ input: MeasurementInput) {
        guard let turn = input.turn, turn.duration >= Self.narrowest else { return nil }
        let lexicon = Lexicon.of(input.transcript?.language)
        let words = input.transcript.map(Token.tokens) ?? []
        let spoken = words.filter { !$0.isMarked && lexicon?.hesitations.contains($0.normal) != true }
        let spans = spoken.compactMap(\.span)
        if spans.count >= 5, spans.count == spoken.count {
            contour = Self.contour(turn, unit: "words/min", highest: 508, scale: 60) { window in
                spans.reduce(0) { $0 + Self.share(of: $1, in: window) }
            }
            return
        }
        guard let acoustics = input.acoustics else { return nil }
        let times = SyllableNuclei.peaks(in: acoustics, spans: input.speechSpans)
            .map { (Double($0) + 0.5) / Double(AcousticTrack.framesPerSecond) }
        guard times.count >= 5 else { return nil }
        contour = Self.contour(turn, unit: "syllables/s", highest: 12.7, scale: 1) { window in
            Double(times.count { window.contains($0) })
        }
    }

    private static func contour(
        _ turn: TimeSpan, unit: String, highest: Double, scale: Double, amount: (TimeSpan) -> Double
    ) -> Contour {
        let count = min(SpeechContours.points, max(2, Int(turn.duration / closest)))
        let step = turn.duration / Double(count)
        let half = min(max(turn.duration / 4, narrowest), widest) / 2
        let values = (0..<count).map { point in
            let middle = turn.start + (Double(point) + 0.5) * step
            let window = TimeSpan(start: max(turn.start, middle - half), end: min(turn.end, middle + half))
            return amount(window) / window.duration * scale
        }
        return Contour(start: turn.start, step: step, unit: unit, range: 0...highest, values: values)
    }

    private static func share(of word: TimeSpan, in window: TimeSpan) -> Double {
        guard word.duration > 0 else { return window.contains(word.start) ? 1 : 0 }
        return word.overlap(with: window) / word.duration
    }
}
