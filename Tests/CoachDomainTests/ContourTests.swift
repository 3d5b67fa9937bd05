import CoachDomain
import Foundation
import Testing

@Suite struct ContourTests {
    @Test func `values survive within half a step of resolution`() {
        let values: [Double?] = [nil, -12.7, -3.14, 0, 0.04, 12.7, nil]
        let contour = Contour(step: 0.1, unit: "semitones", range: -12.7...12.7, values: values)
        #expect(contour.count == values.count)
        for (kept, value) in zip(contour.values, values) {
            switch (kept, value) {
            case (nil, nil): break
            case (let kept?, let value?): #expect(abs(kept - value) <= 0.0501)
            default: Issue.record("\(String(describing: kept)) for \(String(describing: value))")
            }
        }
        // The middle of the scale is exact: a flat voice is drawn on the line.
        #expect(contour[3].map { abs($0) < 1e-9 } == true)
    }

    @Test func `what lies outside the range is held at its border, nonsense is unknown`() {
        let contour = Contour(
            step: 1, unit: "dB", range: -30...30,
            values: [-1_000, 1_000, .infinity, -.infinity, .nan])
        #expect(contour.values.map { $0?.rounded() } == [-30, 30, 30, -30, nil])
        #expect(contour[-1] == nil && contour[5] == nil)
    }

    @Test func `points lie in the middle of their steps`() {
        let contour = Contour(start: 2, step: 0.5, unit: "ratio", range: 0...1, values: [0, 1])
        #expect(contour.time(of: 0) == 2.25 && contour.time(of: 1) == 2.75)
    }

    @Test func `the code is a byte a point`() throws {
        let contour = Contour(
            step: 0.1, unit: "ratio", range: 0...1, values: (0..<400).map { Double($0) / 400 })
        let data = try JSONEncoder().encode(contour)
        #expect(data.count < 700)
        #expect(try JSONDecoder().decode(Contour.self, from: data) == contour)
    }

    @Test(arguments: [
        #"{"start":0,"step":0,"unit":"dB","lowest":0,"resolution":1,"codes":"AAAA"}"#,
        #"{"start":0,"step":1,"unit":"dB","lowest":0,"resolution":-1,"codes":"AAAA"}"#,
        #"{"start":0,"step":1,"unit":"dB","lowest":0,"resolution":1,"codes":"?"}"#,
    ])
    func `a broken row is refused`(json: String) {
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(Contour.self, from: Data(json.utf8))
        }
    }

    @Test func `an empty range and an empty list are harmless`() {
        #expect(Contour(step: 0, unit: "", range: 1...1, values: [1]).values.count == 1)
        #expect(Contour(step: 1, unit: "", range: 0...1, values: []).values.isEmpty)
    }
}

@Suite struct SpeechMetricsTests {
    @Test func `a row of version 1 still decodes`() throws {
        let row = """
            {"version":1,"fillerEvidence":"lowerBound","pauses":[{"span":[1,1.5]}],
            "fillers":[{"text":"um","span":[2,2.3]},{"text":"(um)","span":[3,3.4]}],
            "measures":{"wordsPerMinute":{"value":120,"unit":"words/min",
            "definition":"words-per-turn-minute/1","evidence":"measured","confidence":0.5}}}
            """
        let metrics = try JSONDecoder().decode(SpeechMetrics.self, from: Data(row.utf8))
        #expect(metrics.version == 1 && metrics.contours == nil)
        #expect(metrics[.wordsPerMinute] == 120)
        #expect(metrics.pauses == [Pause(span: TimeSpan(start: 1, end: 1.5))])
        #expect(metrics.fillers.map(\.source) == [.words, .sound])
    }

    @Test func `a measure of a later release is left out, the rest is read`() throws {
        let row = """
            {"version":9,"fillerEvidence":"measured","pauses":[],"fillers":[],"measures":{
            "smileIndex":{"value":1,"unit":"x","definition":"x/1","evidence":"measured"},
            "wordCount":{"value":7,"unit":"words","definition":"w/1","evidence":"measured"}}}
            """
        let metrics = try JSONDecoder().decode(SpeechMetrics.self, from: Data(row.utf8))
        #expect(metrics.measures.count == 1 && metrics[.wordCount] == 7)
    }

    @Test func `everything survives the ledger`() throws {
        let metrics = SpeechMetrics(
            measures: [.wordCount: Measure(3, unit: "words", definition: "w/1", confidence: 0.5)],
            pauses: [Pause(span: TimeSpan(start: 1, end: 2), place: .withinClause)],
            fillers: [FillerHit(text: "(um)", span: TimeSpan(start: 2, end: 2.4), source: .sound)],
            fillerEvidence: .lowerBound,
            contours: SpeechContours(
                seconds: 9,
                envelope: Contour(step: 0.1, unit: "ratio", range: 0...1, values: [0.5, nil, 1]),
                fadeOuts: [TimeSpan(start: 3, end: 3.4)]))
        let data = try JSONEncoder().encode(metrics)
        #expect(try JSONDecoder().decode(SpeechMetrics.self, from: data) == metrics)
    }
}
