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
    package init?(focus: Improvement, before: SpeechMetrics, after: SpeechMetrics, transcript: Transcript) {
        topic = focus.topic
        if let measure = focus.topic?.measure, let old = before[measure], let new = after[measure],
            Self.comparable(measure, before, after)
        {
            evidence = .numbers(
                measure, before: old, after: new,
                Self.verdict(measure, old, new, language: transcript.language))
        } else if !focus.quote.isEmpty {
            evidence = .words(
                quote: focus.quote, saidAgain: Self.folded(transcript.text).contains(Self.folded(focus.quote))
            )
        } else {
            return nil
        }
    }

    /// Fillers that one recogniser kept and another dropped would look like progress.
    private static func comparable(_ measure: MeasureName, _ before: SpeechMetrics, _ after: SpeechMetrics)
        -> Bool
    {
        guard before.measures[measure]?.definition == after.measures[measure]?.definition else {
            return false
        }
        return measure != .fillersPerMinute
            || (before.fillerEvidence == after.fillerEvidence && after.fillerEvidence != .notAvailable)
    }

    /// Towards what listeners are used to is better; where both are comfortable, or nothing is agreed upon, less of
    /// what should be little is. A difference that nobody would notice is none.
    static func verdict(_ measure: MeasureName, _ before: Double, _ after: Double, language: String?)
        -> Verdict
    {
        guard abs(after - before) >= measure.noticeableDifference(at: before) else { return .same }
        let band = ReferenceBand.of(measure, language: language)
        let gain = band?.improvement(from: before, to: after) ?? 0
        if gain != 0 { return gain > 0 ? .better : .worse }
        switch Direction.of(measure) {
        case .less: return after < before ? .better : .worse
        case .more: return after > before ? .better : .worse
        case .middle: return .same
        }
    }

    private static func folded(_ text: String) -> String {
        text.lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: " ")
    }
}

/// Where better lies for one measure.
enum Direction: Hashable, Sendable {
    case less, more, middle

    static func of(_ measure: MeasureName) -> Direction {
        switch measure {
        case .fillerCount, .fillersPerMinute, .fillersPer100Words, .pausesWithinClause, .pauseLongestSeconds,
            .fadeOutCount, .repeatedWords, .repeatedPer100Words, .hedgesPer100Words, .weakWordsPer100Words,
            .sentenceLengthWords:
            .less
        case .pitchSpreadSemitones, .pitchRangeSemitones, .vocabularyDiversity: .more
        default: .middle
        }
    }
}
