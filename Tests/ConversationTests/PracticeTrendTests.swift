import CoachDomain
import CoachStore
import Conversation
import Foundation
import Testing

struct PracticeTrendTests {
    /// 21 November 2026, 22:30 UTC.
    private let now = Date(timeIntervalSince1970: 1_795_300_200)

    private func note(
        _ hoursAgo: Double, _ value: Double?, topic: CoachingTopic? = nil, definition: String = "d/1"
    )
        -> PractisedNote
    {
        let measures = value.map {
            [MeasureName.fillersPerMinute: Measure($0, unit: "1/min", definition: definition)]
        }
        return PractisedNote(
            note: NoteID(1), receivedAt: now - hoursAgo * 3_600, seconds: 60,
            metrics: SpeechMetrics(measures: measures ?? [:]), topic: topic)
    }

    private func trend(_ notes: [PractisedNote], _ settings: SpeakerSettings = SpeakerSettings())
        -> PracticeTrend
    {
        PracticeTrend(notes: notes, settings: settings, now: now)
    }

    @Test func `the topic is the person's choice, else what was named most, else pace`() {
        let notes = [note(1, 1, topic: .fillers), note(2, 2, topic: .pitch), note(3, 3, topic: .fillers)]
        #expect(trend(notes).topic == .fillers)
        #expect(trend(notes, SpeakerSettings(focus: .pauses)).topic == .pauses)
        #expect(trend(notes, SpeakerSettings(focus: .structure)).topic == .fillers, "that has no number")
        #expect(trend([]).topic == .pace)
    }

    @Test func `a line holds what was counted in one way, oldest first`() {
        let notes = [
            note(1, 1, topic: .fillers), note(2, 9, definition: "d/0"), note(3, nil),
            note(4, 4, topic: .fillers),
        ]
        #expect(trend(notes).points.map(\.value) == [4, 1])
        #expect(trend(notes).noteCount == 4)
    }

    @Test func `usual is what earlier notes say, once there are enough`() {
        let few = [note(1, 9, topic: .fillers), note(2, 4), note(3, 4)]
        #expect(trend(few).usual == nil)
        let enough = few + [note(4, 4), note(5, 5)]
        #expect(trend(enough).usual?.median == 4)
    }

    @Test func `a streak counts the person's own days, and today may still come`() {
        let days = [note(20, 1), note(44, 1), note(68, 1), note(140, 1)]
        #expect(trend(days).streak == 3, "yesterday and the two days before")
        // At 22:30 UTC it is tomorrow already two hours to the east, and yesterday's note is of the day before.
        #expect(trend([note(30, 1)], SpeakerSettings(utcOffsetMinutes: 120)).streak == 0)
        #expect(trend([note(30, 1)]).streak == 1)
        #expect(trend([]).streak == 0)
    }
}
