import CoachDomain
import Testing

@Suite struct ReferenceBandTests {
    private let band = ReferenceBand(
        .wordsPerMinute, comfortable: 120...170, tolerated: 100...190, basis: .published)

    @Test(arguments: [
        (120.0, 0.0), (145, 0), (170, 0), (180, 0.5), (190, 1), (210, 2), (110, -0.5), (100, -1), (80, -2),
        (10_000, 5), (0, -5),
    ])
    func `deviation grows with the distance from comfort`(value: Double, deviation: Double) {
        #expect(abs(band.deviation(of: value) - deviation) < 1e-9)
    }

    @Test func `a one-sided band has no too much`() throws {
        let spread = try #require(ReferenceBand.of(.pitchSpreadSemitones, language: nil))
        #expect(spread.deviation(of: 40) == 0)
        #expect(abs(spread.deviation(of: 1.8) + 1) < 1e-9)
        let fillers = try #require(ReferenceBand.of(.fillersPerMinute, language: "en"))
        #expect(fillers.deviation(of: 0) == 0)
        #expect(fillers.deviation(of: 12) == 1)
    }

    @Test func `a tolerated zone always holds the comfortable one`() {
        let odd = ReferenceBand(.wordCount, comfortable: 1...9, tolerated: 3...5, basis: .convention)
        #expect(odd.tolerated == 1...9)
        #expect(odd.deviation(of: 10) == 1 && odd.deviation(of: 0) == -1)
    }

    @Test func `tempo is judged where figures exist, in the language's own numbers`() throws {
        #expect(ReferenceBand.of(.wordsPerMinute, language: "en-GB")?.basis == .published)
        #expect(ReferenceBand.of(.wordsPerMinute, language: "de_AT")?.basis == .scaled)
        #expect(ReferenceBand.of(.wordsPerMinute, language: "et") == nil)
        #expect(ReferenceBand.of(.wordsPerMinute, language: nil) == nil)
        #expect(ReferenceBand.of(.speechRate, language: "ru")?.basis == .convention)
        let english = try #require(ReferenceBand.of(.wordsPerMinute, language: "en"))
        let german = try #require(ReferenceBand.of(.wordsPerMinute, language: "de"))
        // The same talk takes fewer words in German.
        #expect(german.comfortable.upperBound < english.comfortable.upperBound)
        let spanish = try #require(ReferenceBand.of(.articulationRate, language: "es"))
        #expect(spanish.comfortable.upperBound > 6)
    }

    @Test(arguments: ["en", "es", "de", "fr", "ru", "pt", "et", ""])
    func `every band is sane`(language: String) {
        let bands = ReferenceBand.all(language: language)
        #expect(bands.count >= 10)
        for band in bands {
            #expect(band.tolerated.lowerBound <= band.comfortable.lowerBound, "\(band.measure)")
            #expect(band.tolerated.upperBound >= band.comfortable.upperBound, "\(band.measure)")
            #expect(ReferenceBand.of(band.measure, language: language) == band)
        }
    }

    @Test func `improvement leads towards comfort and ignores what nobody notices`() {
        #expect(band.improvement(from: 210, to: 180) > 0)
        #expect(band.improvement(from: 150, to: 210) < 0)
        #expect(band.improvement(from: 190, to: 185) == 0)
        #expect(band.improvement(from: 130, to: 160) == 0)
    }

    @Test func `a noticeable difference is never zero for a positive value`() {
        for name in MeasureName.allCases { #expect(name.noticeableDifference(at: 10) > 0, "\(name)") }
    }
}

@Suite struct BaselineTests {
    private func note(
        _ value: Double, _ name: MeasureName = .wordsPerMinute, definition: String = "d/1",
        evidence: Evidence = .measured, confidence: Double? = 1
    ) -> SpeechMetrics {
        SpeechMetrics(measures: [
            name: Measure(
                value, unit: "u", definition: definition, evidence: evidence, confidence: confidence)
        ])
    }

    @Test func `three notes make a habit`() throws {
        let new = note(200)
        #expect(Baseline().standing(of: .wordsPerMinute, in: new) == nil)
        #expect(Baseline([note(140), note(150)]).standing(of: .wordsPerMinute, in: new) == nil)
        let baseline = Baseline([note(140), note(150), note(160)])
        let measure = try #require(new.measures[.wordsPerMinute])
        let usual = try #require(baseline.usual(.wordsPerMinute, like: measure))
        #expect(usual.median == 150 && usual.notes == 3)
        #expect(abs(usual.spread - 15) < 1e-9)
        #expect(abs((baseline.standing(of: .wordsPerMinute, in: new) ?? 0) - 50 / 15) < 1e-9)
        #expect(baseline.standing(of: .pauseCount, in: new) == nil)
    }

    @Test func `one wild day does not move a habit`() {
        let days = [150.0, 152, 148, 151, 149, 400].map { note($0) }
        let standing = Baseline(days).standing(of: .wordsPerMinute, in: note(150.5)) ?? 9
        #expect(abs(standing) < 0.1)
    }

    @Test func `only like is compared with like`() {
        let past = [
            note(100, definition: "d/0"), note(100, evidence: .lowerBound), note(100, confidence: 0.1),
            note(150), note(150),
        ]
        #expect(Baseline(past).standing(of: .wordsPerMinute, in: note(150)) == nil)
        #expect(Baseline(past + [note(150)]).standing(of: .wordsPerMinute, in: note(150)) == 0)
    }

    @Test func `only the latest notes count`() {
        let past = (0..<30).map { note($0 < 10 ? 100 : 160) }
        #expect(Baseline(past).standing(of: .wordsPerMinute, in: note(160)) == 0)
    }

    @Test func `identical days do not make the smallest change an event`() throws {
        let baseline = Baseline(Array(repeating: note(150), count: 5))
        let standing = try #require(baseline.standing(of: .wordsPerMinute, in: note(157)))
        #expect(abs(standing) < 0.5)
    }
}

@Suite struct AppraisalTests {
    private func metrics(
        _ values: [MeasureName: Double], confidence: Double? = 1, evidence: Evidence = .measured
    ) -> SpeechMetrics {
        SpeechMetrics(
            measures: values.mapValues {
                Measure($0, unit: "u", definition: "d/1", evidence: evidence, confidence: confidence)
            })
    }

    @Test func `what is far out comes first, what is fine is praised`() {
        let appraisal = Appraisal(
            metrics([
                .wordsPerMinute: 230, .fillersPer100Words: 5, .pitchSpreadSemitones: 3,
                .sentenceLengthWords: 12,
            ]), language: "en")
        #expect(appraisal.changes.map(\.name) == [.wordsPerMinute, .fillersPer100Words])
        #expect(Set(appraisal.strengths.map(\.name)) == [.pitchSpreadSemitones, .sentenceLengthWords])
        #expect(appraisal.changes.first.map { $0.deviation > 1 } == true)
    }

    @Test func `nothing measured, nothing judged`() {
        let appraisal = Appraisal(SpeechMetrics(), language: "en")
        #expect(appraisal.changes.isEmpty && appraisal.strengths.isEmpty)
        let unknown = Appraisal(metrics([.wordsPerMinute: 300]), language: "et")
        #expect(unknown.changes.isEmpty && unknown.strengths.isEmpty)
    }

    @Test func `one habit is judged once, and never praised and blamed together`() {
        let appraisal = Appraisal(
            metrics([.wordsPerMinute: 230, .speechRate: 6, .articulationRate: 4.5]), language: "en")
        #expect(appraisal.changes.count == 1)
        #expect(appraisal.strengths.isEmpty)
    }

    @Test func `a lower bound may blame but not praise`() {
        let few = Appraisal(metrics([.fillersPerMinute: 0], evidence: .lowerBound), language: "en")
        #expect(few.strengths.isEmpty)
        let many = Appraisal(metrics([.fillersPerMinute: 15], evidence: .lowerBound), language: "en")
        #expect(many.changes.map(\.name) == [.fillersPerMinute])
    }

    @Test func `unsure numbers weigh less and earn no praise`() {
        let unsure = metrics([.wordsPerMinute: 230, .pitchSpreadSemitones: 3], confidence: 0.2)
        let appraisal = Appraisal(unsure, language: "en")
        #expect(appraisal.strengths.isEmpty)
        #expect(appraisal.changes.first.map { $0.weight < 1 } == true)
    }

    @Test func `what is better than usual is praised first`() {
        let past = (0..<4).map { _ in metrics([.pitchSpreadSemitones: 1.5, .sentenceLengthWords: 12]) }
        let appraisal = Appraisal(
            metrics([.sentenceLengthWords: 12, .pitchSpreadSemitones: 3]), language: "en",
            baseline: Baseline(past))
        #expect(appraisal.strengths.first?.name == .pitchSpreadSemitones)
        #expect(appraisal.strengths.first?.standing.map { $0 > 2 } == true)
    }

    @Test func `the recording's quality is no way of speaking`() {
        let noisy = Appraisal(metrics([.signalToNoiseDB: 2]), language: "en")
        #expect(noisy.changes.isEmpty && noisy.strengths.isEmpty)
    }
}
