import CoachDomain
import PocketSphinx
import Testing

@testable import AudioEngine

/// What shrinking a note does to its recognition, by the only recogniser that is free and here.
///
/// PocketSphinx is a weak judge: an old acoustic model, trained on speech at its natural pace and given
/// a synthetic voice. It ranks damage; docs/audio.md says what it does not tell.
@Suite struct RecognitionGateTests {
    struct Variant: CustomStringConvertible {
        var speed: Double
        var trims: Bool
        /// Points of word error rate that this may cost against the untouched notes.
        var margin: Double
        var description: String { "\(speed)x\(trims ? ", trimmed" : "")" }
    }

    private static let variants = [
        Variant(speed: 1, trims: false, margin: 0), Variant(speed: 1, trims: true, margin: 4),
        Variant(speed: 1.25, trims: true, margin: 10), Variant(speed: 1.5, trims: true, margin: 20),
        Variant(speed: 1.75, trims: true, margin: 35),
    ]

    @Test func `shrinking costs no more words than its margin`() async throws {
        let engine = AudioEngine(threads: 1)
        let pool = PocketSphinxPool(model: try PocketSphinxModel(), threads: 1)
        let notes = try LabelledSpeech.notes()
        var base: Double?
        var table = "variant            upload   WER\n"
        for variant in Self.variants {
            var errors = WordErrors()
            var upload = 0.0
            var original = 0.0
            for note in notes {
                let audio = try await engine.prepare(
                    .bytes(note.audio),
                    options: PreparationOptions(
                        speed: .fixed(variant.speed), trimming: variant.trims, encoding: .pcm16))
                let heard = try await pool.recognize(.samples(try audio.parts[0].body.samples()))
                errors.add(said: note.text, heard: heard.text)
                upload += audio.uploadSeconds
                original += audio.originalSeconds
            }
            let share = (100 * upload / original).rounded()
            let rate = (errors.rate * 10).rounded() / 10
            table += "\(variant)".padded(to: 18) + " \(share) %".padded(to: 9) + " \(rate) %\n"
            let allowed = (base ?? errors.rate) + variant.margin
            #expect(errors.rate <= allowed, "\(variant): \(rate) % against \(base ?? 0) %")
            if base == nil { base = errors.rate }
        }
        print(table)
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
