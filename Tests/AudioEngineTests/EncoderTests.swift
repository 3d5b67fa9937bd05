import Foundation
import Testing

@testable import AudioEngine

@Suite struct EncoderTests {
    private let speech = SyntheticSpeech(pauses: [0.3, 0.5]).noisy(snrDB: 40)

    private func decode(_ bytes: [UInt8], _ format: AudioFormat) throws -> [Int16] {
        var sink = SampleCollector()
        if format == .oggOpus {
            let decoder = OggOpusDecoder()
            try decoder.feed(bytes.span, into: &sink)
            try decoder.finish(into: &sink)
            #expect(!decoder.damage.isPartial)
        } else {
            let decoder = try SndfileDecoder(file: FileDescriptor(holding: bytes.span), format: format)
            while try decoder.step(into: &sink) {}
            #expect(!decoder.isTruncated && decoder.progress == 1)
        }
        return sink.samples
    }

    @Test(arguments: [0, 1, 2, 5, 8])
    func `FLAC is lossless at every level`(_ level: Int) throws {
        #expect(try decode(try Containers.encoded(speech, as: .flac(level: level)), .flac) == speech.int16)
    }

    @Test func `Opus keeps length and timing at an eighth of the bytes`() throws {
        let bytes = try Containers.encoded(speech, as: .opus())
        let samples = try decode(bytes, .oggOpus)
        #expect(samples.count == speech.samples.count)
        #expect(abs(delay(of: samples, against: speech.int16)) <= 2)
        #expect(bytes.count < speech.samples.count * 2 / 8)
    }

    @Test func `an Opus stream of any length ends where its samples do`() throws {
        for count in [1, 319, 320, 321, 16_000, 16_001, 48_123] {
            let signal = Signal.tone(300, 4)
            let cut = Signal(rate: 16_000, samples: Array(signal.samples.prefix(count)))
            #expect(try decode(try Containers.encoded(cut, as: .opus()), .oggOpus).count == count)
        }
    }

    @Test func `large uploads move to a file with the same bytes`() throws {
        let encoder = try UploadEncoding.wav.makeEncoder()
        let second = Signal.tone(300, 1).int16
        for _ in 0..<200 { try encoder.encode(second.span) }
        let body = try encoder.finish()
        guard case .file(let file) = body else {
            Issue.record("still in memory")
            return
        }
        #expect(file.byteCount == 44 + 200 * 32_000)
        let bytes = try body.read()
        #expect(bytes.count == file.byteCount)
        #expect(Array(bytes[4..<8]) == UInt32(36 + 200 * 32_000).littleEndianBytes)
    }

    @Test func `a temporary file is deleted with its owner`() throws {
        let path: String
        do {
            let store = ByteStore()
            try store.append([UInt8](repeating: 7, count: 5 << 20))
            guard case .file(let file) = store.take() else {
                Issue.record("still in memory")
                return
            }
            path = file.path
            #expect(FileManager.default.fileExists(atPath: path))
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }
}
