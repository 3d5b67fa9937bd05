import CoachDomain
import Foundation
import Testing

@testable import AudioEngine

@Suite struct ArrivingNoteTests {
    private let engine = AudioEngine(threads: 1)
    private let signal = SyntheticSpeech(pauses: [0.4, 1.0, 0.8]).noisy(snrDB: 30)

    private struct ConnectionLost: Error {}

    private func chunks(_ bytes: [UInt8], of size: Int, losing: Bool = false) -> AsyncThrowingStream<
        [UInt8], any Error
    > {
        AsyncThrowingStream { continuation in
            for start in stride(from: 0, to: bytes.count, by: size) {
                continuation.yield(Array(bytes[start..<min(start + size, bytes.count)]))
            }
            continuation.finish(throwing: losing ? ConnectionLost() : nil)
        }
    }

    @Test(arguments: [700, 5_000, 1_000_000])
    func `an arriving note yields what the whole file does`(_ size: Int) async throws {
        let options = PreparationOptions(encoding: .pcm16)
        for bytes in try [TelegramClient.newAndroid.note(signal), Containers.wav(signal)] {
            let whole = try await engine.prepare(.bytes(bytes), options: options)
            let (audio, tap) = try await engine.prepare(
                arriving: chunks(bytes, of: size), expectedBytes: bytes.count, options: options,
                tap: RecordingTap())
            #expect(audio.summary == whole.summary)
            #expect(audio.format == whole.format)
            #expect(try audio.parts[0].body.samples() == whole.parts[0].body.samples())
            #expect(tap.samples.count == Int((whole.originalSeconds * 16_000).rounded()))
        }
    }

    @Test func `the source's own error comes through`() async throws {
        let note = try TelegramClient.desktop.note(signal)
        await #expect(throws: ConnectionLost.self) {
            try await engine.prepare(
                arriving: chunks(note, of: 900, losing: true), options: PreparationOptions(), tap: NoTap())
        }
    }

    @Test(arguments: [true, false])
    func `a copy is kept of what arrived whole, and of nothing else`(isOpus: Bool) async throws {
        let note = isOpus ? try TelegramClient.desktop.note(signal) : Containers.wav(signal)
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let options = PreparationOptions(encoding: .pcm16)
        let (audio, _) = try await engine.prepare(
            arriving: chunks(note, of: 5_000), keepingCopyAt: path, options: options, tap: NoTap())
        #expect(FileManager.default.contents(atPath: path).map(Array.init) == note)
        #expect(try await engine.prepare(.file(path), options: options).summary == audio.summary)
        await #expect(throws: ConnectionLost.self) {
            try await engine.prepare(
                arriving: chunks(note, of: 900, losing: true), keepingCopyAt: path, options: options,
                tap: NoTap())
        }
        #expect(!FileManager.default.fileExists(atPath: path))
        await #expect(throws: AudioError.tooLong(limitSeconds: 1)) {
            var short = options
            short.maximumSeconds = 1
            _ = try await engine.prepare(
                arriving: chunks(note, of: 9_000), keepingCopyAt: path, options: short, tap: NoTap())
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func `text is refused with its first bytes, nothing with none`() async {
        await #expect(throws: AudioError.notAudio(sniffed: "text")) {
            try await engine.prepare(
                arriving: chunks([UInt8](repeating: 0x41, count: 90_000), of: 900),
                options: PreparationOptions(),
                tap: NoTap())
        }
        await #expect(throws: AudioError.empty) {
            try await engine.prepare(arriving: chunks([], of: 1), options: PreparationOptions(), tap: NoTap())
        }
    }
}
