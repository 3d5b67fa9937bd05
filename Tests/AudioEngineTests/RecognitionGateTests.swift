import CoachDomain
import PocketSphinx
import Testing

@testable import AudioEngine

/// What shrinking a note does to its recognition, by the only recogniser that is free and here.
///
/// PocketSphinx is a weak judge: an old acoustic model whose sounds have a least duration. Told the tempo, it
/// loses that handicap, and what is left is what was done to the signal; not told, it shows what a recogniser
/// with the same handicap would make of it. docs/audio.md says what it does not tell.
@Suite struct RecognitionGateTests {
    struct Variant: CustomStringConvertible {
        var speed: Double
        var trims: Bool
        /// Words in a hundred that this may cost against the untouched notes, told the tempo.
        var margin: Double
        /// Likewise, not told.
        var handicappedMargin: Double
        var description: String { "\(speed)x\(trims ? ", pauses cut" : "")" }
    }

    /// With so few words (129 and 72) chance alone moves a rate by four words in a hundred.
    private static let variants = [
        Variant(speed: 1, trims: false, margin: 0, handicappedMargin: 0),
        Variant(speed: 1, trims: true, margin: 6, handicappedMargin: 6),
        Variant(speed: 1.25, trims: true, margin: 8, handicappedMargin: 12),
        Variant(speed: 1.5, trims: true, margin: 10, handicappedMargin: 22),
        Variant(speed: 1.75, trims: true, margin: 18, handicappedMargin: 38),
    ]

    /// Uploads of one variant, ready for any number of judges.
    private struct Uploads {
        var samples: [[Int16]] = []
        /// Share of the originals' length.
        var share = 0.0

        init(_ notes: [LabelledNote], _ variant: Variant) async throws {
            let engine = AudioEngine(threads: 1)
            var (upload, original) = (0.0, 0.0)
            for note in notes {
                let audio = try await engine.prepare(
                    .bytes(note.audio),
                    options: PreparationOptions(
                        speed: .fixed(variant.speed), trimming: variant.trims, encoding: .pcm16))
                samples.append(try audio.parts[0].body.samples())
                upload += audio.uploadSeconds
                original += audio.originalSeconds
            }
            share = (100 * upload / original).rounded()
        }

        func errors(_ notes: [LabelledNote], tempo: Double) async throws -> Double {
            let pool = PocketSphinxPool(
                model: try PocketSphinxModel(), threads: 1, tuning: PocketSphinxTuning(tempo: tempo))
            var errors = WordErrors()
            for (note, samples) in zip(notes, samples) {
                errors.add(said: note.text, heard: try await pool.recognize(.samples(samples)).text)
            }
            return (errors.rate * 10).rounded() / 10
        }
    }

    @Test(arguments: LabelledSpeech.Corpus.allCases)
    func `shrinking costs no more words than its margin`(_ corpus: LabelledSpeech.Corpus) async throws {
        let notes = try LabelledSpeech.notes(corpus)
        guard !notes.isEmpty else {
            // Only the tester's own folder may be absent.
            #expect(corpus == .own)
            return
        }
        var base: Double?
        var table = "\(corpus)            upload   WER told the tempo   not told\n"
        for variant in Self.variants {
            let uploads = try await Uploads(notes, variant)
            let told = try await uploads.errors(notes, tempo: variant.speed)
            let plain = variant.speed == 1 ? told : try await uploads.errors(notes, tempo: 1)
            let untouched = base ?? told
            base = untouched
            table += "\(variant)".padded(to: 18) + " \(uploads.share) %".padded(to: 9)
            table += " \(told) %".padded(to: 21) + " \(plain) %\n"
            // A synthetic voice is out of what the models know at any other frame rate.
            #expect(
                corpus == .synthetic || told <= untouched + variant.margin,
                "\(corpus), \(variant): \(told) % against \(untouched) %")
            #expect(
                plain <= untouched + variant.handicappedMargin,
                "\(corpus), \(variant), not told: \(plain) % against \(untouched) %")
        }
        print(table)
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
