/// What an improvement is about; the focus of a person, and what a repetition is compared on.
package enum CoachingTopic: String, Hashable, Sendable, Codable, CaseIterable {
    case pace, pauses, fillers, pitch, loudness, repetition, hedging
    /// Long or tangled sentences.
    case sentences
    /// The right word, the concrete instead of the vague.
    case wording
    /// Order of thoughts, opening and ending.
    case structure

    /// The number that tells whether it got better; `nil` where only the words can tell.
    package var measure: MeasureName? {
        switch self {
        case .pace: .wordsPerMinute
        case .pauses: .pausesWithinClause
        case .fillers: .fillersPerMinute
        case .pitch: .pitchSpreadSemitones
        case .loudness: .fadeOutCount
        case .repetition: .repeatedWords
        case .hedging: .hedgesPer100Words
        case .sentences: .sentenceLengthWords
        case .wording, .structure: nil
        }
    }
}
