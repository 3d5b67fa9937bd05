/// One measured value. What cannot be known is absent, never zero.
package struct Measure: Hashable, Sendable, Codable {
    package var value: Double
    /// For example `words/min`, `semitones`, `s`, `ratio`.
    package var unit: String
    /// Versioned id of the formula, for example `articulation-rate/1`; explained in `docs/measures.md`.
    package var definition: String
    /// How far to believe it; `measured` when it comes from the audio itself.
    package var evidence: Evidence
    /// 0…1 where the method gives one.
    package var confidence: Double?

    package init(
        _ value: Double, unit: String, definition: String, evidence: Evidence = .measured,
        confidence: Double? = nil
    ) {
        self.value = value
        self.unit = unit
        self.definition = definition
        self.evidence = evidence
        self.confidence = confidence
    }
}
