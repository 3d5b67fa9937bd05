import CoachDomain
import Testing

@testable import AudioEngine

@Suite struct SplittingTests {
    private let engine = AudioEngine(threads: 1)
    private let speech = SyntheticSpeech(
        pauses: [0.5, 0.4, 0.45, 0.9, 0.4, 0.5, 0.42, 1.2, 0.4, 0.5, 0.44, 0.8], syllables: 7)

    private func prepared(_ change: (inout PreparationOptions) -> Void) async throws -> PreparedAudio {
        var options = PreparationOptions(speed: .fixed(1), encoding: .pcm16)
        change(&options)
        return try await engine.prepare(.bytes(Containers.wav(speech.noisy(snrDB: 30))), options: options)
    }

    /// Contiguous on the upload clock, each as long as its bytes say, together the whole upload.
    private func checkSeams(_ audio: PreparedAudio) throws {
        var clock = 0.0
        for part in audio.parts {
            #expect(part.span.start == clock)
            clock = part.span.end
            #expect(abs(Double(try part.body.samples().count) / 16_000 - part.span.duration) < 1e-6)
        }
        #expect(abs(clock - audio.uploadSeconds) < 1e-6)
        #expect(
            audio.timeline.segments.map(\.upload.start).dropFirst().elementsEqual(
                audio.timeline.segments.map(\.upload.end).dropLast()))
    }

    @Test(arguments: [true, false])
    func `parts stay under the limit and end in pauses, trimmed or not`(_ trims: Bool) async throws {
        let audio = try await prepared { options in
            options.trimming = trims
            options.maximumPartSeconds = 16
        }
        #expect(audio.parts.count >= 2)
        try checkSeams(audio)
        for part in audio.parts.dropLast() {
            #expect(part.span.duration <= 16)
            let seam = audio.timeline.originalEnd(ofUpload: part.span.end)
            #expect(!speech.phrases.contains { $0.contains(seam) }, "cut at \(seam) s, inside a phrase")
        }
    }

    @Test func `splitting changes no sample and no time`() async throws {
        let whole = try await prepared { $0.trimming = false }
        let split = try await prepared { options in
            options.trimming = false
            options.maximumPartSeconds = 16
        }
        #expect(
            try split.parts.flatMap { try $0.body.samples() } == whole.parts.flatMap { try $0.body.samples() }
        )
        for instant in stride(from: 0.1, to: whole.uploadSeconds, by: 0.37) {
            #expect(abs(split.timeline.originalStart(ofUpload: instant) - instant) < 1e-6)
        }
    }

    @Test func `bytes are limited as well`() async throws {
        let audio = try await prepared { $0.maximumPartBytes = 500_000 }
        #expect(audio.parts.count >= 2)
        #expect(audio.parts.allSatisfy { $0.body.count <= 500_000 })
        try checkSeams(audio)
    }

    @Test func `speech without a pause is split where it is quietest, under the limit`() async throws {
        let breathless = SyntheticSpeech(pauses: [0.1], syllables: 120, tail: 0.1)
        let options = PreparationOptions(
            speed: .fixed(1), trimming: false, encoding: .pcm16, maximumPartSeconds: 10)
        let audio = try await engine.prepare(.bytes(Containers.wav(breathless.signal)), options: options)
        #expect(audio.parts.count >= 3)
        #expect(audio.parts.allSatisfy { $0.span.duration <= 10 })
        try checkSeams(audio)
    }

    @Test func `without limits there is one part`() async throws {
        let audio = try await prepared { _ in }
        #expect(audio.parts.count == 1)
        try checkSeams(audio)
    }
}
