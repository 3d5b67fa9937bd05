import CoachDomain
import Testing

@testable import PocketSphinx

@Suite struct HypothesisTests {
    private func words(_ tokens: String...) -> Recognition {
        Recognition(
            segments: tokens.enumerated().map { index, token in
                Segment(
                    token: token, span: TimeSpan(start: Double(index), end: Double(index) + 1), posterior: 0.5
                )
            })
    }

    @Test func `marks and noises are dropped`() {
        #expect(words("<s>", "<sil>", "[NOISE]", "[SPEECH]", "++NOISE++", "+BREATH+", "</s>").words.isEmpty)
    }

    @Test func `pronunciation variants lose their number`() {
        #expect(words("read(2)", "the(3)").text == "read the")
    }

    @Test func `hesitations are words like others, and marked`() {
        let heard = words("so", "um", "++UH++", "yes")
        #expect(heard.words.map(\.text) == ["so", "um", "uh", "yes"])
        #expect(heard.words.map(\.isFiller) == [false, true, true, false])
        #expect(heard.text == "so um uh yes")
    }

    @Test func `the first person is a capital letter`() {
        #expect(words("i", "i'm", "in").text == "I I'm in")
    }
}

@Suite struct UtterancePlanTests {
    private let plan = UtterancePlan(maximumFrames: 1_000)

    @Test func `short audio is one utterance`() {
        #expect(plan.utterances(energy: [Float](repeating: 1, count: 1_000)) == [0..<1_000])
        #expect(plan.utterances(energy: []) == [])
    }

    @Test func `a cut falls into the quietest stretch`() {
        var energy = [Float](repeating: 10, count: 1_400)
        for frame in 700..<730 { energy[frame] = -5 }
        let ranges = plan.utterances(energy: energy)
        #expect(ranges.count == 2)
        #expect((705...725).contains(ranges[0].upperBound))
    }

    @Test(arguments: [1_001, 1_500, 5_000, 60_000])
    func `utterances cover everything and none is too long`(count: Int) {
        let ranges = plan.utterances(energy: (0..<count).map { Float(($0 * 37) % 101) })
        #expect(ranges.first?.lowerBound == 0)
        #expect(ranges.last?.upperBound == count)
        for (left, right) in zip(ranges, ranges.dropFirst()) { #expect(left.upperBound == right.lowerBound) }
        #expect(ranges.allSatisfy { $0.count <= 1_000 && !$0.isEmpty })
    }
}
