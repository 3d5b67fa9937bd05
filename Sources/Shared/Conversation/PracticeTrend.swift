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
    /// Median of the notes before the latest; `nil` for fewer than two of them.
    package var usual: Double?
    package var noteCount: Int
    /// Days in a row with a note, in the person's own time, up to today or yesterday.
    package var streak: Int

    /// - Parameters:
    ///   - notes: Newest first.
    ///   - now: For the streak.
    package init(notes: [PractisedNote], settings: SpeakerSettings, now: Date) {
        noteCount = notes.count
        streak = Self.streak(notes.map(\.receivedAt), offsetMinutes: settings.utcOffsetMinutes ?? 0, now: now)
        let named = notes.compactMap(\.topic).filter { $0.measure != nil }
        let counts = Dictionary(grouping: named, by: \.self).mapValues(\.count)
        let most = counts.max { ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue) }?.key
        topic = [settings.focus, most].compactMap(\.self).first { $0.measure != nil } ?? .pace
        measure = topic.measure ?? .wordsPerMinute
        let measure = measure
        // Only what was counted in the same way belongs into one line.
        let definition = notes.lazy.compactMap { $0.metrics.measures[measure]?.definition }.first
        points = notes.reversed().compactMap { note in
            guard let value = note.metrics.measures[measure], value.definition == definition else { return nil }
            return Point(at: note.receivedAt, value: value.value)
        }
        let earlier = points.dropLast().map(\.value).sorted()
        usual = earlier.count >= 2 ? Self.median(earlier) : nil
    }

    private static func median(_ sorted: [Double]) -> Double {
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }

    static func streak(_ times: [Date], offsetMinutes: Int, now: Date) -> Int {
        func day(_ date: Date) -> Int {
            Int(((date.timeIntervalSince1970 + Double(offsetMinutes) * 60) / 86_400).rounded(.down))
        }
        let days = Set(times.map(day))
        // A day that is not over yet does not break a streak.
        var current = days.contains(day(now)) ? day(now) : day(now) - 1
        var length = 0
        while days.contains(current) {
            length += 1
            current -= 1
        }
        return length
    }
}
