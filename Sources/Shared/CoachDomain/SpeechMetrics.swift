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

/// The names of all measures; the raw value is the key in JSON and in the ledger.
package enum MeasureName: String, Hashable, Sendable, Codable, CodingKeyRepresentable, CaseIterable {
    case wordsPerMinute, syllablesPerSecond, speechRate, articulationRate
    case speakingSeconds, phonationRatio
    case pauseCount, pausesPerMinute, pauseMeanSeconds, pauseLongestSeconds, pauseShare
    case pausesBrief, pausesMedium, pausesLong, pausesWithinClause
    case fillerCount, fillersPerMinute, fillersPer100Words
    case pitchMedianHz, pitchSpreadSemitones, pitchRangeSemitones
    case loudnessVariationDB, loudnessLUFS, fadeOutCount, signalToNoiseDB
    case wordCount, repeatedWords, vocabularyDiversity, hedgesPer100Words, sentenceLengthWords
}

/// A silence between speech, on the original clock.
package struct Pause: Hashable, Sendable, Codable {
    package var span: TimeSpan

    package init(span: TimeSpan) { self.span = span }
}

/// A hesitation that was heard, on the original clock.
package struct FillerHit: Hashable, Sendable, Codable {
    package var text: String
    package var span: TimeSpan

    package init(text: String, span: TimeSpan) {
        self.text = text
        self.span = span
    }
}

/// Everything measured on one note.
package struct SpeechMetrics: Hashable, Sendable, Codable {
    /// Raised when any definition changes; stored so that trends compare like with like.
    package static let currentVersion = 1

    package var version: Int
    package var measures: [MeasureName: Measure]
    /// In order of time.
    package var pauses: [Pause]
    /// In order of time; an empty list means "none heard" only where `fillerEvidence` is `measured`.
    package var fillers: [FillerHit]
    package var fillerEvidence: Evidence

    package init(
        version: Int = SpeechMetrics.currentVersion, measures: [MeasureName: Measure] = [:],
        pauses: [Pause] = [], fillers: [FillerHit] = [], fillerEvidence: Evidence = .notAvailable
    ) {
        self.version = version
        self.measures = measures
        self.pauses = pauses
        self.fillers = fillers
        self.fillerEvidence = fillerEvidence
    }

    package subscript(name: MeasureName) -> Double? { measures[name]?.value }
}
