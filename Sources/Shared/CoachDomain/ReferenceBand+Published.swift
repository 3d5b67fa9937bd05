extension ReferenceBand {
    /// The band of a measure for a language, or `nil` where there is none: not every number is good or bad,
    /// and tempo is not judged in languages without figures.
    ///
    /// - Parameter language: BCP-47 tag of the language spoken; only its first part counts. `nil`: unknown.
    package static func of(_ measure: MeasureName, language: String?) -> ReferenceBand? {
        switch measure {
        case .wordsPerMinute: wordsPerMinute(language)
        case .speechRate: syllables(language, measure, comfortable: 2.9...4.2, tolerated: 2.5...4.7)
        case .articulationRate: syllables(language, measure, comfortable: 3.5...5.5, tolerated: 3.0...6.3)
        default: anyLanguage[measure]
        }
    }

    /// All bands of a language, in the order of the measures.
    package static func all(language: String?) -> [ReferenceBand] {
        MeasureName.allCases.compactMap { of($0, language: language) }
    }

    /// Words read aloud per minute against English, texts of the same content (IReST, Trauzettel-Klosinski
    /// and Dietz 2012: English 228, Spanish 218, French 195, Russian 184, Portuguese 181, German 179).
    private static let wordsAgainstEnglish = [
        "en": 1, "es": 0.96, "fr": 0.86, "ru": 0.81, "pt": 0.79, "de": 0.79,
    ]

    /// Syllables per second against English, same content (Pellegrino, Coupé and Marsico 2011: English 6.19,
    /// Spanish 7.82, French 7.18, German 5.97).
    private static let syllablesAgainstEnglish = ["en": 1, "es": 1.26, "fr": 1.16, "de": 0.96]

    /// Microsoft's coach names 100–165 words a minute, Read AI 130–175; ten popular TED talks ran at 155–214,
    /// mean 176.
    private static func wordsPerMinute(_ language: String?) -> ReferenceBand? {
        guard let tag = primary(language), let scale = wordsAgainstEnglish[tag] else { return nil }
        return ReferenceBand(
            .wordsPerMinute, comfortable: (120...170).scaled(scale), tolerated: (105...190).scaled(scale),
            basis: tag == "en" ? .published : .scaled)
    }

    /// English words of speech hold about 1.45 syllables, which turns the bands of words into these.
    private static func syllables(
        _ language: String?, _ measure: MeasureName, comfortable: ClosedRange<Double>,
        tolerated: ClosedRange<Double>
    ) -> ReferenceBand? {
        guard let tag = primary(language) else { return nil }
        if let scale = syllablesAgainstEnglish[tag] {
            return ReferenceBand(
                measure, comfortable: comfortable.scaled(scale), tolerated: tolerated.scaled(scale),
                basis: .scaled)
        }
        // No figures of the same kind: from the slowest to the fastest language of the study.
        guard wordsAgainstEnglish[tag] != nil else { return nil }
        return ReferenceBand(
            measure, comfortable: comfortable.lowerBound * 0.96...comfortable.upperBound * 1.26,
            tolerated: tolerated.lowerBound * 0.96...tolerated.upperBound * 1.26, basis: .convention)
    }

    private static func primary(_ language: String?) -> String? {
        language.map { $0.prefix { $0 != "-" && $0 != "_" }.lowercased() }
    }

    private static let anyLanguage: [MeasureName: ReferenceBand] = {
        let bands = [
            // Campione and Véronis 2002: long is over 1 s. Two seconds and a half lose the listener.
            ReferenceBand(
                .pauseLongestSeconds, comfortable: 0...1.5, tolerated: 0...2.5, basis: .convention),
            // 0.6 s at punctuation was judged most natural (Frontiers in Psychology 2022).
            ReferenceBand(
                .pauseMeanSeconds, comfortable: 0.4...0.9, tolerated: 0.3...1.3, basis: .published),
            ReferenceBand(.pausesPerMinute, comfortable: 6...25, tolerated: 3...35, basis: .convention),
            // Laske 2024: five a minute do no harm, twelve do.
            ReferenceBand(.fillersPerMinute, comfortable: 0...5, tolerated: 0...12, basis: .published),
            // Read AI: under 4 %; 2–6 in 100 words are natural (Bortfeld 2001, Fox Tree 1995).
            ReferenceBand(.fillersPer100Words, comfortable: 0...4, tolerated: 0...6, basis: .published),
            // Bortfeld 2001: 1.5 repeats and 1.9 restarts in 100 words of conversation.
            ReferenceBand(.repeatedPer100Words, comfortable: 0...1.5, tolerated: 0...3.5, basis: .published),
            // No agreed "monotone" exists (Hincks and Edlund 2009 drove lights by this measure).
            ReferenceBand(
                .pitchSpreadSemitones, comfortable: 2.5 ... .infinity, tolerated: 1.8 ... .infinity,
                basis: .convention),
            ReferenceBand(
                .hedgesPer100Words, comfortable: 0...1.5, tolerated: 0...2.5, basis: .convention),
            ReferenceBand(
                .weakWordsPer100Words, comfortable: 0...3, tolerated: 0...6, basis: .convention),
            ReferenceBand(
                .sentenceLengthWords, comfortable: 5...18, tolerated: 3...24, basis: .convention),
            // Of the recording, not of the speaker: below 8 dB pauses and words become unsure.
            ReferenceBand(
                .signalToNoiseDB, comfortable: 15 ... .infinity, tolerated: 8 ... .infinity,
                basis: .convention),
        ]
        return Dictionary(bands.map { ($0.measure, $0) }) { first, _ in first }
    }()
}

extension ClosedRange where Bound == Double {
    fileprivate func scaled(_ factor: Double) -> ClosedRange<Double> {
        lowerBound * factor...upperBound * factor
    }
}
