import CoachDomain
import Testing

struct TimelineTests {
    /// Two kept stretches, 1.5 times as fast, with a cut of two seconds between them.
    let timeline = Timeline(segments: [
        .init(original: TimeSpan(start: 0, end: 3), upload: TimeSpan(start: 0, end: 2)),
        .init(original: TimeSpan(start: 5, end: 8), upload: TimeSpan(start: 2, end: 4)),
    ])

    @Test func `time inside a span is stretched back linearly`() {
        #expect(timeline.originalStart(ofUpload: 1) == 1.5)
        #expect(timeline.originalEnd(ofUpload: 3) == 6.5)
    }

    @Test func `at a join a start belongs to what follows and an end to what came before`() {
        #expect(timeline.originalStart(ofUpload: 2) == 5)
        #expect(timeline.originalEnd(ofUpload: 2) == 3)
    }

    @Test func `a word smeared over a join stays on the side that holds more of it`() {
        let early = timeline.original(ofUpload: TimeSpan(start: 1.4, end: 2.2))
        #expect(abs(early.start - 2.1) < 1e-9 && abs(early.end - 3) < 1e-9)
        let late = timeline.original(ofUpload: TimeSpan(start: 1.9, end: 2.6))
        #expect(abs(late.start - 5) < 1e-9 && abs(late.end - 5.9) < 1e-9)
    }

    @Test func `times outside the upload are clamped to the ends`() {
        #expect(timeline.originalStart(ofUpload: -1) == 0)
        #expect(timeline.originalEnd(ofUpload: 99) == 8)
    }

    @Test func `an empty map changes nothing`() {
        let span = TimeSpan(start: 1, end: 2)
        #expect(Timeline(segments: []).original(ofUpload: span) == span)
    }

    @Test(arguments: [0.0, 0.4, 1.99, 2.0, 2.01, 3.3, 4.0])
    func `no look-up ever lands inside the cut`(instant: Double) {
        for original in [timeline.originalStart(ofUpload: instant), timeline.originalEnd(ofUpload: instant)] {
            #expect(original <= 3 || original >= 5)
        }
    }
}
