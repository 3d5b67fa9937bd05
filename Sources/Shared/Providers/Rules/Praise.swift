import CoachDomain

/// What went well, judged only by what was measured.
struct Praise {
    private let metrics: SpeechMetrics

    init(_ metrics: SpeechMetrics) { self.metrics = metrics }

    /// Keys into the texts with the number that each rests on, the most telling first; never empty.
    ///
    /// - Parameter kinds: What is criticised, which must not be praised as well.
    func items(besides kinds: Set<Finding.Kind>) -> [(key: String, value: String)] {
        var items: [(key: String, value: String)] = []
        if metrics.fillerEvidence == .measured, let rate = metrics[.fillersPer100Words], rate <= 2,
            !kinds.contains(.fillers)
        {
            items.append(
                (rate == 0 ? "noFillers" : "fewFillers", Diagnosis.whole(metrics[.fillerCount] ?? 0)))
        }
        if let spread = metrics[.pitchSpreadSemitones], spread >= 2.5, !kinds.contains(.flatPitch) {
            items.append(("livelyPitch", Diagnosis.tenths(spread)))
        }
        if let pace = metrics[.wordsPerMinute], (120...165).contains(pace),
            kinds.isDisjoint(with: [.tooFast, .tooSlow])
        {
            items.append(("comfortablePace", Diagnosis.whole(pace)))
        }
        if let rate = metrics[.pausesPerMinute], let longest = metrics[.pauseLongestSeconds],
            (6...25).contains(rate),
            longest <= 1.5, kinds.isDisjoint(with: [.longPauses, .breathless])
        {
            items.append(("goodPauses", Diagnosis.whole(metrics[.pauseCount] ?? 0)))
        }
        if let length = metrics[.sentenceLengthWords], length <= 18, length >= 4,
            !kinds.contains(.longSentences)
        {
            items.append(("shortSentences", Diagnosis.whole(length)))
        }
        if let hedges = metrics[.hedgesPer100Words], hedges <= 1, !kinds.contains(.hedges) {
            items.append(("direct", ""))
        }
        if items.isEmpty { items.append(("recorded", Diagnosis.whole(metrics[.speakingSeconds] ?? 0))) }
        return items
    }
}
