package import CoachDomain

/// What became of the one thing to change when the same was said again; nothing else is compared.
package struct FocusComparison: Hashable, Sendable {
    package enum Verdict: Hashable, Sendable { case better, same, worse }

    package enum Evidence: Hashable, Sendable {
        case numbers(MeasureName, before: Double, after: Double, Verdict)
        /// Where no number tells: whether the words that were to be changed were said again.
        case words(quote: String, saidAgain: Bool)
    }

    package var topic: CoachingTopic?
    package var evidence: Evidence

    /// - Returns: `nil` when neither a number nor words can be compared.
    package init?(focus: Improvement, before: SpeechMetrics, after: SpeechMetrics, transcript: String) {
        topic = focus.topic
        if let measure = focus.topic?.measure, let old = before[measure], let new = after[measure],
            Self.comparable(measure, before, after)
        {
            evidence = .numbers(measure, before: old, after: new, Self.verdict(measure, old, new))
        } else if !focus.quote.isEmpty {
            evidence = .words(
                quote: focus.quote, saidAgain: Self.folded(transcript).contains(Self.folded(focus.quote)))
        } else {
            return nil
        }
    }

    /// Fillers that one recogniser kept and another dropped would look like progress.
    private static func comparable(_ measure: MeasureName, _ before: SpeechMetrics, _ after: SpeechMetrics)
        -> Bool
    {
        guard before.measures[measure]?.definition == after.measures[measure]?.definition else { return false }
        return measure != .fillersPerMinute
            || (before.fillerEvidence == after.fillerEvidence && after.fillerEvidence != .notAvailable)
    }

    /// A tempo change is noticed from about a tenth on (Quené 2007); the same step serves for the others.
    static func verdict(_ measure: MeasureName, _ before: Double, _ after: Double) -> Verdict {
        let (old, new) = (distance(measure, before), distance(measure, after))
        let step = max(0.1 * max(abs(before), abs(after)), smallestStep(measure))
        if old - new >= step { return .better }
        if new - old >= step { return .worse }
        return .same
    }

    /// How far a value is from where nobody would say anything; 0 is good.
    private static func distance(_ measure: MeasureName, _ value: Double) -> Double {
        switch measure {
        case .wordsPerMinute: max(0, 105 - value, value - 180)
        case .sentenceLengthWords: max(0, value - 12)
        case .pitchSpreadSemitones: max(0, 4 - value)
        default: value
        }
    }

    /// Less than this is chance in a note of a minute.
    private static func smallestStep(_ measure: MeasureName) -> Double {
        switch measure {
        case .pausesWithinClause, .fadeOutCount, .repeatedWords, .fillersPerMinute: 1
        case .pitchSpreadSemitones: 0.3
        case .hedgesPer100Words: 0.5
        case .sentenceLengthWords: 2
        default: 0
        }
    }

    private static func folded(_ text: String) -> String {
        text.lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: " ")
    }
}
