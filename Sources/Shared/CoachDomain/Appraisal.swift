/// What went well in a note and what is worth changing, by the numbers alone.
///
/// Pure: the same metrics, language and baseline give the same answer. Measures that are absent, or without
/// a band in the language spoken, are not judged; a lower bound is never praised for being small.
package struct Appraisal: Hashable, Sendable {
    /// One measure as it was judged.
    package struct Item: Hashable, Sendable {
        package var name: MeasureName
        package var measure: Measure
        package var band: ReferenceBand
        /// From the band; see ``ReferenceBand/deviation(of:)``.
        package var deviation: Double
        /// From the speaker's own habit, in spreads; `nil` without enough earlier notes.
        package var standing: Double?
        /// How much it matters, 0…5: the deviation weighed by confidence; for strengths the confidence.
        package var weight: Double
    }

    /// Inside the comfortable zone and surely measured, the surest first. What this speaker usually does
    /// worse comes before everything else.
    package var strengths: [Item]
    /// Outside the comfortable zone, the gravest first.
    package var changes: [Item]

    /// Numbers measured with less confidence are no reason for praise.
    private static let leastPraise = 0.4

    /// - Parameters:
    ///   - language: BCP-47 tag of the language spoken.
    ///   - baseline: The speaker's earlier notes.
    package init(_ metrics: SpeechMetrics, language: String?, baseline: Baseline = Baseline()) {
        var strengths: [Item] = []
        var changes: [Item] = []
        for band in ReferenceBand.all(language: language) where Self.isOfSpeaker(band.measure) {
            guard let measure = metrics.measures[band.measure] else { continue }
            let confidence = measure.confidence ?? 1
            let deviation = band.deviation(of: measure.value)
            let standing = baseline.standing(of: band.measure, in: metrics)
            var item = Item(
                name: band.measure, measure: measure, band: band, deviation: deviation, standing: standing,
                weight: abs(deviation) * confidence)
            if deviation != 0 {
                changes.append(item)
            } else if confidence >= Self.leastPraise, measure.evidence == .measured {
                item.weight = confidence
                strengths.append(item)
            }
        }
        let usuallyWorse = { (item: Item) in
            baseline.usual(item.name, like: item.measure).map { item.band.deviation(of: $0.median) != 0 }
                ?? false
        }
        // Stable order: by weight, then by the order of the measures.
        self.strengths = Self.ordered(strengths) { (usuallyWorse($0) ? 1 : 0) + $0.weight / 2 }
        self.changes = Self.ordered(changes) { $0.weight }
        self.changes = Self.onePerFamily(self.changes, besides: [])
        self.strengths = Self.onePerFamily(self.strengths, besides: Set(changes.map { Self.family($0.name) }))
    }

    /// Several numbers tell of one habit; it is judged once, and never praised and blamed together.
    private static func family(_ name: MeasureName) -> String {
        switch name {
        case .wordsPerMinute, .speechRate, .articulationRate: "tempo"
        case .fillersPerMinute, .fillersPer100Words: "fillers"
        case .pauseMeanSeconds, .pauseLongestSeconds, .pausesPerMinute: "pauses"
        default: name.rawValue
        }
    }

    private static func onePerFamily(_ items: [Item], besides taken: Set<String>) -> [Item] {
        var taken = taken
        return items.filter { taken.insert(family($0.name)).inserted }
    }

    /// What the recording is like is told, but it is nobody's way of speaking.
    private static func isOfSpeaker(_ name: MeasureName) -> Bool { name != .signalToNoiseDB }

    private static func ordered(_ items: [Item], by score: (Item) -> Double) -> [Item] {
        items.enumerated().map { ($0.offset, score($0.element), $0.element) }
            .sorted { ($0.1, $1.0) > ($1.1, $0.0) }.map(\.2)
    }
}
