/// What is usual for one person, from their earlier notes.
///
/// Only like is compared with like: values of another definition or evidence, and values that were hardly
/// measured, do not count.
package struct Baseline: Hashable, Sendable {
    /// Notes with a value before anything is called usual.
    package static let leastNotes = 3
    /// Notes that count, the latest; people change.
    package static let span = 20
    /// Values below this confidence say nothing about a habit.
    package static let leastConfidence = 0.3

    /// What one measure is usually like.
    package struct Usual: Hashable, Sendable {
        package var median: Double
        /// Half the spread of ordinary days: 1.4826 times the median absolute deviation, at least what is
        /// noticeable at all.
        package var spread: Double
        /// Notes that it rests on.
        package var notes: Int

        /// How unusual a value is, in spreads; beyond ±2 it is not an ordinary day.
        package func standing(of value: Double) -> Double { (value - median) / spread }
    }

    private let past: [SpeechMetrics]

    /// - Parameter past: The person's earlier notes, oldest first, in the language of the note that is judged.
    package init(_ past: [SpeechMetrics] = []) { self.past = past }

    /// What is usual, or `nil` while too few notes have a comparable value.
    ///
    /// - Parameter like: The value that is to be judged; its definition and evidence must be the same.
    package func usual(_ name: MeasureName, like measure: Measure) -> Usual? {
        let values = past.compactMap { $0.measures[name] }
            .filter { $0.definition == measure.definition && $0.evidence == measure.evidence }
            .filter { ($0.confidence ?? 1) >= Self.leastConfidence }
            .suffix(Self.span).map(\.value).sorted()
        guard values.count >= Self.leastNotes else { return nil }
        let median = Self.median(values)
        let deviation = Self.median(values.map { abs($0 - median) }.sorted()) * 1.4826
        return Usual(
            median: median, spread: max(deviation, name.noticeableDifference(at: median), 1e-9),
            notes: values.count)
    }

    /// How unusual a value of a new note is for this person, in spreads; `nil` while that is not known.
    package func standing(of name: MeasureName, in metrics: SpeechMetrics) -> Double? {
        guard let measure = metrics.measures[name] else { return nil }
        return usual(name, like: measure)?.standing(of: measure.value)
    }

    /// - Parameter ordered: Ascending, not empty.
    private static func median(_ ordered: [Double]) -> Double {
        let middle = ordered.count / 2
        return ordered.count.isMultiple(of: 2)
            ? (ordered[middle - 1] + ordered[middle]) / 2 : ordered[middle]
    }
}
