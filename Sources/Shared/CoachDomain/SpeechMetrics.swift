/// A silence between speech, on the original clock.
package struct Pause: Hashable, Sendable, Codable {
    /// Where a pause lies in what is said.
    package enum Place: String, Hashable, Sendable, Codable {
        /// Between two words that belong together: hesitation.
        case withinClause
        /// Where a clause or a sentence ends: a listener expects it.
        case clauseEnd
    }

    package var span: TimeSpan
    /// `nil` where text or word times do not tell.
    package var place: Place?

    package init(span: TimeSpan, place: Place? = nil) {
        self.span = span
        self.place = place
    }
}

/// A hesitation that was heard, on the original clock.
package struct FillerHit: Hashable, Sendable {
    /// How it became known.
    package enum Source: String, Hashable, Sendable, Codable {
        /// The recogniser wrote it down.
        case words
        /// A flat, steady stretch of voice that belongs to no word; it may be a word that was missed.
        case sound
    }

    package var text: String
    package var span: TimeSpan
    package var source: Source

    package init(text: String, span: TimeSpan, source: Source = .words) {
        self.text = text
        self.span = span
        self.source = source
    }
}

extension FillerHit: Codable {
    private enum CodingKeys: String, CodingKey { case text, span, source }

    /// Rows of version 1 have no source; there, what the sound gave was called "(um)".
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let text = try container.decode(String.self, forKey: .text)
        let source = try container.decodeIfPresent(Source.self, forKey: .source)
        self.init(
            text: text, span: try container.decode(TimeSpan.self, forKey: .span),
            source: source ?? (text == "(um)" ? .sound : .words))
    }
}

/// Everything measured on one note.
package struct SpeechMetrics: Hashable, Sendable {
    /// Raised when any definition changes; stored so that trends compare like with like.
    ///
    /// 2: contours; clause ends also from clause words; repetitions and weak words per 100 words.
    package static let currentVersion = 2

    package var version: Int
    package var measures: [MeasureName: Measure]
    /// In order of time.
    package var pauses: [Pause]
    /// In order of time; an empty list means "none heard" only where `fillerEvidence` is `measured`.
    package var fillers: [FillerHit]
    package var fillerEvidence: Evidence
    /// `nil` in rows of version 1, and where there was no sound to measure.
    package var contours: SpeechContours?

    package init(
        version: Int = SpeechMetrics.currentVersion, measures: [MeasureName: Measure] = [:],
        pauses: [Pause] = [], fillers: [FillerHit] = [], fillerEvidence: Evidence = .notAvailable,
        contours: SpeechContours? = nil
    ) {
        self.version = version
        self.measures = measures
        self.pauses = pauses
        self.fillers = fillers
        self.fillerEvidence = fillerEvidence
        self.contours = contours
    }

    package subscript(name: MeasureName) -> Double? { measures[name]?.value }
}

extension SpeechMetrics: Codable {
    private enum CodingKeys: String, CodingKey {
        case version, measures, pauses, fillers, fillerEvidence, contours
    }

    /// Measures whose names are unknown are left out: while a new release is being rolled out, the old one
    /// reads what the new one wrote.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let named = try container.decode([String: Measure].self, forKey: .measures)
        let known = named.compactMap { key, measure in MeasureName(rawValue: key).map { ($0, measure) } }
        self.init(
            version: try container.decode(Int.self, forKey: .version),
            measures: Dictionary(known) { first, _ in first },
            pauses: try container.decode([Pause].self, forKey: .pauses),
            fillers: try container.decode([FillerHit].self, forKey: .fillers),
            fillerEvidence: try container.decode(Evidence.self, forKey: .fillerEvidence),
            contours: try container.decodeIfPresent(SpeechContours.self, forKey: .contours))
    }
}
