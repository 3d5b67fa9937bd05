package import CoachDomain
package import CoachStore
package import Foundation

/// How a person is getting on: against their own usual, never against others.
package struct PracticeTrend: Hashable, Sendable {
    package struct Point: Hashable, Sendable {
        package var at: Date
        package var value: Double
    }

    /// What is looked at: the person's choice, or what their answers named most.
    package var topic: CoachingTopic
    package var measure: MeasureName
    /// Oldest first.
    package var points: [Point]
    /// What is usual for the person, from the notes before the latest; `nil` while that is not known.
    package var usual: Baseline.Usual?
    package var noteCount: Int
    /// Days in a row with a note, in the person's own time, up to today or yesterday.
    package var streak: Int

    /// - Parameters:
    ///   - notes: Newest first.
    ///   - now: For the streak.
    package init(notes: [PractisedNote], settings: SpeakerSettings, now: Date) {
        noteCount = notes.count
        streak = PersonalClock(settings).streak(notes.map(\.receivedAt), now: now)
        let named = notes.compactMap(\.topic).filter { $0.measure != nil }
        let counts = Dictionary(grouping: named, by: \.self).mapValues(\.count)
        let most = counts.max { ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue) }?.key
        topic = [settings.focus, most].compactMap(\.self).first { $0.measure != nil } ?? .pace
        measure = topic.measure ?? .wordsPerMinute
        let measure = measure
        // Only what was counted in the same way belongs into one line.
        let definition = notes.lazy.compactMap { $0.metrics.measures[measure]?.definition }.first
        points = notes.reversed().compactMap { note in
            guard let value = note.metrics.measures[measure], value.definition == definition else {
                return nil
            }
            return Point(at: note.receivedAt, value: value.value)
        }
        let measured = notes.reversed().map(\.metrics).filter { $0.measures[measure] != nil }
        usual = measured.last?.measures[measure].flatMap { latest in
            Baseline(Array(measured.dropLast())).usual(measure, like: latest)
        }
    }
}
