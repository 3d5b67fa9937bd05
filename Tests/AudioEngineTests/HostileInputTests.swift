import CoachDomain
import Foundation
import Testing

@testable import AudioEngine

@Suite struct HostileInputTests {
    private let engine = AudioEngine(threads: 1)

    private func failure(_ bytes: [UInt8], _ options: PreparationOptions = PreparationOptions()) async
        -> AudioError?
    {
        do {
            _ = try await engine.prepare(.bytes(bytes), options: options)
            return nil
        } catch {
            return error
        }
    }

    /// 30.6 s per page of 537 bytes: 255 packets of six empty 20 ms frames each.
    private func bomb(pages: Int) -> [UInt8] {
        let head = Array("OpusHead".utf8) + [1, 1, 0x38, 1, 0x80, 0xBB, 0, 0, 0, 0, 0]
        let tags = Array("OpusTags".utf8) + [0, 0, 0, 0, 0, 0, 0, 0]
        var bytes = OggPages.page([head], granule: 0, sequence: 0, flags: 2)
        bytes += OggPages.page([tags], granule: 0, sequence: 1)
        let packets = [[UInt8]](repeating: [0b1111_1011, 6], count: 255)
        for page in 0..<pages {
            bytes += OggPages.page(
                packets, granule: Int64(page + 1) * 255 * 5_760, sequence: UInt32(page + 2))
        }
        return bytes
    }

    @Test func `nothing, text and cut headers are named for what they are`() async throws {
        #expect(await failure([]) == .empty)
        #expect(await failure(Array("not a voice note at all".utf8)) == .notAudio(sniffed: "text"))
        let note = try SampleNote.bytes
        #expect(await failure(Array(note.prefix(60))) == .damaged)
        #expect(
            await failure(Array(note.prefix(20))) == .notAudio(sniffed: "Ogg without a known audio stream"))
    }

    @Test func `a note of no samples is empty`() async throws {
        #expect(await failure(try TelegramClient.desktop.note(Signal(rate: 16_000, samples: []))) == .empty)
        #expect(await failure(Containers.wav(Signal(rate: 16_000, samples: []))) == .empty)
        // Neither does a recording that was given up before the first word say where it ends.
        let pages = OggPages.split(try SampleNote.bytes)
        #expect(await failure(Array(pages.prefix(2).joined())) == .empty)
        #expect(await failure(Array(pages.prefix(1).joined())) == .damaged)
    }

    @Test func `paths that are no files end in an error, not in waiting`() async {
        for path in ["/dev/zero", "/", "/nonexistent"] {
            await #expect(throws: AudioError.self) {
                try await engine.prepare(.file(path), options: PreparationOptions())
            }
        }
    }

    @Test func `a decompression bomb stops at the sample limit`() async {
        let limit = PreparationOptions(maximumSeconds: 300)
        #expect(await failure(bomb(pages: 60), limit) == .tooLong(limitSeconds: 300))
    }

    @Test func `memory does not grow with the note`() throws {
        let speech = SyntheticSpeech(pauses: [0.6, 0.9, 0.7, 1.4]).noisy(snrDB: 30).int16
        var pipeline = PreparationPipeline(
            options: PreparationOptions(maximumSeconds: 7_200), control: RunControl(limit: .seconds(600)),
            tap: NoTap())
        var most = 0
        for _ in 0..<24 {
            for start in stride(from: 0, to: speech.count, by: 8_000) {
                try pipeline.accept(speech.span.extracting(start..<min(start + 8_000, speech.count)))
                most = max(most, pipeline.history.count)
            }
        }
        let audio = try pipeline.finish(format: .oggOpus, damage: AudioDamage())
        #expect(audio.originalSeconds > 150)
        #expect(most <= 62 * 16_000)
        #expect(pipeline.history.count <= 3 * 16_000)
    }

    @Test func `a granule position from nowhere is not believed`() async throws {
        let note = try TelegramClient.oldAndroid.note(SyntheticSpeech(pauses: [0.4, 0.5, 0.5]).signal)
        var pages = OggPages.split(note)
        pages.remove(at: 3)
        for index in 6..<14 { pages[3][index] = 0x7E }
        var bytes = Array(pages.joined())
        OggPages.fixChecksums(&bytes)
        let audio = try await engine.prepare(.bytes(bytes), options: PreparationOptions())
        #expect(audio.damage.isPartial)
        #expect(audio.originalSeconds < 10)
    }

    @Test func `granule positions at the end of the number range are survived`() async throws {
        let note = try TelegramClient.oldAndroid.note(SyntheticSpeech(pauses: [0.4, 0.5, 0.5]).signal)
        for first in 2...4 {
            var pages = OggPages.split(note)
            for index in first..<pages.count {
                pages[index].replaceSubrange(6..<14, with: [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F])
            }
            pages.remove(at: pages.count - 2)
            var bytes = Array(pages.joined())
            OggPages.fixChecksums(&bytes)
            let audio = try await engine.prepare(.bytes(bytes), options: PreparationOptions())
            #expect(audio.originalSeconds < 10)
        }
    }

    @Test func `a header that claims the moon allocates nothing`() async throws {
        var wav = Containers.wav(.tone(300, 1))
        for index in 40..<44 { wav[index] = 0xFF }
        let audio = try await engine.prepare(.bytes(wav), options: PreparationOptions())
        #expect(abs(audio.originalSeconds - 1) < 0.01)
    }

    @Test func `the wall clock stops a preparation`() async throws {
        let limit = PreparationOptions(wallClockLimit: .zero)
        #expect(await failure(try SampleNote.bytes, limit) == .wallClockExceeded(limit: .zero))
    }

    @Test func `cancellation in the middle stops between two chunks`() async throws {
        let note = try TelegramClient.newAndroid.note(
            SyntheticSpeech(pauses: [0.5, 0.5, 0.5, 0.5, 0.5]).signal)
        let whole = try await engine.prepare(.bytes(note), options: PreparationOptions(), tap: RecordingTap())
        struct CancellingTap: SampleTap {
            let onChunk: @Sendable () -> Void
            mutating func consume(_: Span<Int16>) { onChunk() }
        }
        let state = CancellationProbe()
        let task = Task {
            try await engine.prepare(
                .bytes(note), options: PreparationOptions(), tap: CancellingTap { state.chunkHeard() })
        }
        state.arm { task.cancel() }
        await #expect(throws: AudioError.cancelled) { try await task.value }
        #expect(state.count == 2)
        #expect(whole.tap.chunks > 2)
    }

    @Test func `thousands of damaged notes end in audio or in an error, never in a trap`() async throws {
        var random = SeededGenerator(seed: 20)
        let signal = SyntheticSpeech(pauses: [0.1, 0.2], syllables: 2, tail: 0.1).signal
        let originals = try [
            TelegramClient.oldAndroid.note(signal), TelegramClient.desktop.note(signal),
            Containers.wav(signal),
            Containers.encoded(signal, as: .flac()), Containers.encoded(signal, as: .opus()),
        ]
        var partial = 0
        for round in 0..<2_000 {
            var bytes = originals[round % originals.count]
            mutate(&bytes, &random)
            do {
                let audio = try await engine.prepare(
                    .bytes(bytes), options: PreparationOptions(maximumSeconds: 60, encoding: .pcm16))
                #expect(audio.originalSeconds <= 60)
                if audio.damage.isPartial { partial += 1 }
            } catch {
                #expect(error != .cancelled)
            }
        }
        #expect(partial > 300, "\(partial)")
    }

    private func mutate(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
        for _ in 0...Int(random.next() % 3) where bytes.count > 8 {
            let at = Int(random.next() % UInt64(bytes.count))
            switch random.next() % 6 {
            case 0: bytes.removeLast(bytes.count - at)
            case 1: bytes[at] = UInt8(truncatingIfNeeded: random.next())
            case 2: bytes[at] ^= 1 << UInt8(random.next() % 8)
            case 3: bytes.removeSubrange(at..<min(bytes.count, at + Int(random.next() % 200) + 1))
            case 4: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + 50)], at: at)
            default:
                bytes[Int(random.next() % UInt64(min(bytes.count, 64)))] = UInt8(
                    truncatingIfNeeded: random.next())
            }
        }
    }
}
