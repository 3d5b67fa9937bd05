package import CoachDomain

extension SpeechMetrics {
    /// Takes every measure that the input allows. Pure: equal inputs give equal results.
    package static func measured(_ input: MeasurementInput) -> SpeechMetrics {
        var input = input
        if input.arePausesKnown, let acoustics = input.acoustics {
            input.speechSpans = SpeechBorders(acoustics).refined(input.speechSpans)
        }
        var metrics = SpeechMetrics()
        metrics.addPauses(input)
        // Words without speech are a recogniser's invention.
        guard input.turn != nil else { return metrics }
        let fadeOuts = metrics.addSound(input)
        metrics.addText(input)
        metrics.addRates(input)
        metrics.addContours(input, fadeOuts: fadeOuts)
        return metrics
    }

    mutating func set(
        _ name: MeasureName, _ value: Double?, unit: String, definition: String,
        evidence: Evidence = .measured,
        confidence: Double? = nil
    ) {
        guard let value, value.isFinite else { return }
        measures[name] = Measure(
            value, unit: unit, definition: definition, evidence: evidence,
            confidence: confidence.map { min(max($0, 0), 1) })
    }
}
