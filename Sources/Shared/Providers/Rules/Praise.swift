import CoachDomain

/// What went well, judged only by what was measured.
struct Praise {
    private let metrics: SpeechMetrics

    init(_ metrics: SpeechMetrics) { self.metrics = metrics }

    /// Keys into the texts with the number that each rests on, the most telling first; never empty.
    ///
    /// - Parameter kinds: What is criticised, which must not be praised as well.
    func items(besides kinds: Set<Finding.Kind>) -> [(key: String, value: Finding.Value)] {
        var items: [(key: String, value: Finding.Value)] = []
        if metrics.fillerEvidence == .measured, let rate = metrics[.fillersPer100Words], rate <= 2,
            !kinds.contains(.fillers)
        {
            items.append(
                (rate == 0 ? "noFillers" : "fewFillers", .whole(metrics[.fillerCount] ?? 0)))
        }
        if let spread = metrics[.pitchSpreadSemitones], spread >= 2.5, !kinds.contains(.flatPitch) {
            items.append(("livelyPitch", .tenths(spread)))
        }
        if let pace = metrics[.wordsPerMinute], (120...165).contains(pace),
            kinds.isDisjoint(with: [.tooFast, .tooSlow])
        {
            items.append(("comfortablePace", .whole(pace)))
        }
        if let rate = metrics[.pausesPerMinute], let longest = metrics[.pauseLongestSeconds],
            (6...25).contains(rate),
            longest <= 1.5, kinds.isDisjoint(with: [.longPauses, .breathless])
        {
            items.append(("goodPauses", .whole(metrics[.pauseCount] ?? 0)))
        }
        if let length = metrics[.sentenceLengthWords], length <= 18, length >= 4,
            !kinds.contains(.longSentences)
        {
            items.append(("shortSentences", .whole(length)))
        }
        if let hedges = metrics[.hedgesPer100Words], hedges <= 1, !kinds.contains(.hedges) {
            items.append(("direct", .none))
        }
        if items.isEmpty { items.append(("recorded", .whole(metrics[.speakingSeconds] ?? 0))) }
        return items
    }
}
