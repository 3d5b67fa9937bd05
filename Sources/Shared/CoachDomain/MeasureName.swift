/// The names of all measures; the raw value is the key in JSON and in the ledger.
///
/// Each has its entry in `docs/measures.md`: formula, unit, source and limits.
package enum MeasureName: String, Hashable, Sendable, Codable, CodingKeyRepresentable, CaseIterable {
    case wordsPerMinute, syllablesPerSecond, speechRate, articulationRate
    case speakingSeconds, phonationRatio
    case pauseCount, pausesPerMinute, pauseMeanSeconds, pauseLongestSeconds, pauseShare
    case pausesFrom200ms, pausesFrom250ms
    case pausesBrief, pausesMedium, pausesLong, pausesWithinClause, pausesAtClauseEnd
    case fillerCount, fillersPerMinute, fillersPer100Words
    case pitchMedianHz, pitchSpreadSemitones, pitchRangeSemitones
    case loudnessVariationDB, loudnessLUFS, fadeOutCount, signalToNoiseDB
    case wordCount, repeatedWords, repeatedPer100Words, vocabularyDiversity
    case hedgesPer100Words, weakWordsPer100Words, sentenceLengthWords

    /// The smallest difference that means anything, in the measure's own unit around `value`.
    ///
    /// A tenth for tempo (Quené 2007: listeners notice about 10 %); elsewhere what two takes of the same
    /// text by the same speaker differ by, as a convention of ours.
    package func noticeableDifference(at value: Double) -> Double {
        switch self {
        case .wordsPerMinute, .syllablesPerSecond, .speechRate, .articulationRate, .speakingSeconds,
            .wordCount:
            abs(value) * 0.1
        case .phonationRatio, .pauseShare, .vocabularyDiversity: 0.05
        case .pauseCount, .pausesFrom200ms, .pausesFrom250ms, .pausesBrief, .pausesMedium, .pausesLong,
            .pausesWithinClause, .pausesAtClauseEnd, .fillerCount, .fadeOutCount, .repeatedWords:
            1
        case .pausesPerMinute: 2
        case .pauseMeanSeconds: 0.1
        case .pauseLongestSeconds: 0.3
        case .fillersPerMinute, .fillersPer100Words, .repeatedPer100Words, .hedgesPer100Words,
            .weakWordsPer100Words:
            1
        case .pitchMedianHz: abs(value) * 0.06
        case .pitchSpreadSemitones: 0.5
        case .pitchRangeSemitones: 1.5
        case .loudnessVariationDB: 1
        case .loudnessLUFS, .signalToNoiseDB: 3
        case .sentenceLengthWords: 3
        }
    }
}
