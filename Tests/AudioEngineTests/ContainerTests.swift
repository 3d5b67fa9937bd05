import Foundation
import Testing

@testable import AudioEngine

/// Every container that is no Telegram voice note.
@Suite struct ContainerTests {
    private let engine = AudioEngine(threads: 1)
    private let speech = SyntheticSpeech(pauses: [0.4, 0.8, 0.6]).noisy(snrDB: 35)

    private func heard(_ bytes: [UInt8]) async throws -> (audio: PreparedAudio, samples: [Int16]) {
        let result = try await engine.prepare(.bytes(bytes), options: .inProcess, tap: RecordingTap())
        return (result.audio, result.tap.samples)
    }

    @Test(arguments: [("flac", AudioFormat.flac), ("wav", .wav)])
    func `lossless containers come back sample for sample`(_ name: String, _ format: AudioFormat) async throws
    {
        let bytes = try Containers.encoded(speech, as: name == "flac" ? .flac() : .wav)
        let (audio, samples) = try await heard(bytes)
        #expect(audio.format == format)
        #expect(samples == speech.int16)
        #expect(!audio.damage.isPartial)
    }

    @Test(arguments: [
        ("mp3", ["-b:a", "64k"], AudioFormat.mp3), ("ogg", ["-c:a", "libvorbis"], .oggVorbis),
        ("m4a", [], .mp4),
        ("aac", [], .aac), ("webm", ["-c:a", "libopus"], .matroska),
        ("mkv", ["-c:a", "libvorbis"], .matroska),
        ("oga", ["-c:a", "flac"], .oggFLAC),
    ])
    func `lossy containers come back in length and in time`(
        _ suffix: String, _ arguments: [String], _ format: AudioFormat
    ) async throws {
        let bytes = try Containers.ffmpeg(speech, extension: suffix, arguments)
        let (audio, samples) = try await heard(bytes)
        #expect(audio.format == format)
        #expect(abs(audio.originalSeconds - speech.seconds) < 0.15, "\(audio.originalSeconds)")
        // Raw AAC says nothing of its encoder's delay.
        if format != .aac { #expect(abs(delay(of: samples, against: speech.int16)) <= 8) }
        #expect(audio.containsSpeech && !audio.damage.isPartial)
    }

    @Test func `a video note gives up its sound`() async throws {
        let bytes = try Containers.ffmpeg(
            speech, extension: "mp4",
            ["-f", "lavfi", "-i", "testsrc=s=64x64:d=4", "-pix_fmt", "yuv420p", "-c:a", "aac"])
        #expect(try await heard(bytes).audio.containsSpeech)
    }

    @Test(arguments: [0.7, 0.4])
    func `a cut-off m4a gives what it has and is marked`(_ share: Double) async throws {
        let whole = try Containers.ffmpeg(speech, extension: "m4a", ["-movflags", "+faststart"])
        let (audio, _) = try await heard(Array(whole.prefix(Int(Double(whole.count) * share))))
        #expect(audio.damage.isTruncated)
        #expect(audio.originalSeconds < speech.seconds * 0.95)
    }

    @Test func `an m4a that lost its index is damaged`() async throws {
        let whole = try Containers.ffmpeg(speech, extension: "m4a")
        await #expect(throws: AudioError.damaged) { try await heard(Array(whole.prefix(whole.count / 2))) }
    }

    @Test func `a video without sound is told apart`() async throws {
        let bytes = try Containers.ffmpeg(
            speech, extension: "mp4",
            ["-f", "lavfi", "-i", "testsrc=s=64x64:d=1", "-map", "1:v", "-pix_fmt", "yuv420p"])
        await #expect(throws: AudioError.noAudioTrack) { try await heard(bytes) }
    }

    @Test func `without ffmpeg the error says how to mend it`() throws {
        let bytes: [UInt8] = [0, 0, 0, 24]
        #expect {
            _ = try FFmpegDecoder(
                file: FileDescriptor(holding: bytes.span), format: .mp4,
                control: RunControl(limit: .seconds(5)),
                maximumSeconds: 5, program: nil)
        } throws: { error in
            (error as? AudioError) == .decoderMissing(mend: "install ffmpeg: apt-get install ffmpeg")
        }
        #expect(ExecutablePath.find("no-such-program-anywhere") == nil)
    }

    @Test(arguments: [1_000.0, 3_000, 5_000, 6_900])
    func `resampling from 48 kHz keeps tones under 7 kHz to 0.1 dB`(_ hertz: Double) async throws {
        let (_, samples) = try await heard(Containers.wav(.tone(hertz, 2, amplitude: 0.25, rate: 48_000)))
        let level = 20 * log10(Signal.amplitude(of: hertz, in: samples[4_000..<28_000]) / 0.25)
        #expect(abs(level) < 0.1, "\(level) dB")
    }

    @Test(arguments: [8_500.0, 9_000, 12_000, 15_900, 20_000])
    func `tones above 8 kHz leave nothing behind`(_ hertz: Double) async throws {
        let (_, samples) = try await heard(Containers.wav(.tone(hertz, 2, amplitude: 0.5, rate: 48_000)))
        let loudest = samples[4_000..<28_000].reduce(0) { max($0, abs(Int($1))) }
        #expect(loudest <= 1)
    }

    @Test(arguments: [8_000, 11_025, 22_050, 44_100, 48_000, 96_000])
    func `any common rate lands on 16 kHz`(_ rate: Int) async throws {
        let (audio, samples) = try await heard(Containers.wav(.tone(500, 1.5, rate: rate)))
        #expect(abs(audio.originalSeconds - 1.5) < 0.002)
        #expect(abs(Signal.amplitude(of: 500, in: samples[4_000..<20_000]) - 0.5) < 0.01)
    }

    @Test func `stereo is mixed down`() async throws {
        let (_, samples) = try await heard(Containers.wav(speech, channels: 2))
        #expect(samples == speech.int16)
    }

    @Test func `wild channel counts and rates are refused`() async throws {
        await #expect(throws: AudioError.self) { try await heard(Containers.wav(speech, channels: 9)) }
        var slow = speech
        slow.rate = 1_000
        await #expect(throws: AudioError.self) { try await heard(Containers.wav(slow)) }
    }
}
