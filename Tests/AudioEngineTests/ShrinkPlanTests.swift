import Testing

@testable import AudioEngine

@Suite struct ShrinkPlanTests {
    private func plan(
        seconds: Double = 30, kept: Double = 22, snr: Double? = 30, rate: Double? = 4.2, speech: Bool = true,
        isWhole: Bool = true, _ change: (inout PreparationOptions) -> Void = { _ in }
    ) -> ShrinkPlan {
        var options = PreparationOptions()
        change(&options)
        return ShrinkPlan(
            ShrinkEvidence(
                seconds: seconds, isWhole: isWhole, keptSeconds: kept, speechSeconds: kept * 0.8, snrDB: snr,
                syllablesPerSecond: rate, containsSpeech: speech), options: options)
    }

    @Test func `ordinary speech gets the standard speed`() {
        #expect(plan() == ShrinkPlan(trims: true, speed: 1.5, reason: "standard"))
    }

    @Test func `fast talkers get less, and very fast ones nothing`() {
        #expect(plan(rate: 5.77) == ShrinkPlan(trims: true, speed: 1.29, reason: "fast talker"))
        #expect(plan(rate: 7.2) == ShrinkPlan(trims: true, speed: 1, reason: "fast talker"))
    }

    @Test func `slow talkers get the ceiling, never more`() {
        #expect(plan(rate: 2.5).speed == 1.75)
        #expect(plan(rate: 2.5) { $0.speed = .automatic(standard: 1.5, ceiling: 1.6) }.speed == 1.6)
        #expect(plan { $0.speed = .automatic(standard: 1.5, ceiling: 1.2) }.speed == 1.2)
    }

    @Test func `noise slows the upload down or keeps it as spoken`() {
        #expect(plan(snr: 15) == ShrinkPlan(trims: true, speed: 1.25, reason: "noisy"))
        #expect(plan(snr: 8).speed == 1)
        #expect(plan(snr: nil) == ShrinkPlan(trims: false, speed: 1, reason: "speech hardly above the noise"))
    }

    @Test func `a note under the provider's minimum is left alone`() {
        let short = plan(seconds: 8, kept: 6) { $0.minimumBilledSeconds = 10 }
        #expect(short == ShrinkPlan(trims: false, speed: 1, reason: "at the provider's minimum"))
    }

    @Test func `a note is not shrunk below the provider's minimum`() {
        let note = plan(seconds: 16, kept: 12) { $0.minimumBilledSeconds = 10 }
        #expect(note == ShrinkPlan(trims: true, speed: 1.2, reason: "at the provider's minimum"))
    }

    @Test func `cuts under a tenth of the note are not made`() {
        #expect(!plan(seconds: 30, kept: 27.5).trims)
        #expect(plan(seconds: 60, kept: 57, isWhole: false).trims, "a long note may have its pauses later")
    }

    @Test func `without speech nothing is touched`() {
        #expect(plan(speech: false) == ShrinkPlan(trims: false, speed: 1, reason: "no speech found"))
    }

    @Test func `an operator's speed is obeyed within what Sonic can do`() {
        #expect(plan(rate: 8) { $0.speed = .fixed(2) }.speed == 2)
        #expect(plan { $0.speed = .fixed(40) }.speed == 3)
        #expect(plan { $0.speed = .fixed(.nan) }.speed == 1)
    }
}
