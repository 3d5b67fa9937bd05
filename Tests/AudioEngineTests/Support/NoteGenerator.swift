import COpus
import Foundation

@testable import AudioEngine

/// Voice notes as Telegram's clients write them, made by the engine's own encoder.
enum TelegramClient: String, CaseIterable {
    case desktop, iOS, newAndroid, oldAndroid

    var settings: OggOpusEncoder.Settings {
        var settings = OggOpusEncoder.Settings(rateHz: 48_000, declaredRateHz: 48_000, complexity: 5)
        switch self {
        case .desktop:
            settings.bitrate = 32_000
            settings.application = OPUS_APPLICATION_AUDIO
        case .iOS:
            settings.bitrate = 30_000
            settings.application = OPUS_APPLICATION_AUDIO
        case .newAndroid:
            settings.bitrate = nil
            settings.largestPacket = 383
            settings.framesPerPage = 1
        case .oldAndroid:
            settings.rateHz = 16_000
            settings.declaredRateHz = 16_000
            settings.bitrate = 16_000
            settings.frameMilliseconds = 60
            settings.framesPerPage = 16
        }
        return settings
    }

    /// Encodes a 16 kHz signal as this client would its microphone.
    func note(_ signal: Signal) throws -> [UInt8] {
        let encoder = try OggOpusEncoder(settings)
        let input = settings.rateHz == signal.rate ? signal.int16 : tripled(signal).int16
        for start in stride(from: 0, to: input.count, by: 10_000) {
            try encoder.encode(input.span.extracting(start..<min(start + 10_000, input.count)))
        }
        return try encoder.finish().read()
    }

    /// 16 to 48 kHz with a windowed sinc of ±24 samples.
    private func tripled(_ signal: Signal) -> Signal {
        let reach = 24
        let kernel: [Float] = (-(reach * 3)...(reach * 3)).map { tap in
            let x = Double(tap) / 3
            let window = 0.5 + 0.5 * cos(.pi * Double(tap) / Double(reach * 3 + 1))
            return Float((tap == 0 ? 1 : sin(.pi * x) / (.pi * x)) * window)
        }
        var output = [Float](repeating: 0, count: signal.samples.count * 3)
        for index in output.indices {
            let first = max(0, (index - reach * 3 + 2) / 3)
            let last = min(signal.samples.count - 1, (index + reach * 3) / 3)
            var sum: Float = 0
            for source in first...max(first, last) {
                sum += signal.samples[source] * kernel[index - source * 3 + reach * 3]
            }
            output[index] = sum
        }
        return Signal(rate: 48_000, samples: output)
    }
}

/// Collects a decoder's output.
struct SampleCollector: SampleSink {
    var samples: [Int16] = []

    mutating func accept(_ chunk: Span<Int16>) throws(AudioError) {
        for index in chunk.indices { samples.append(chunk[index]) }
    }
}

/// A tap that keeps everything it hears.
struct RecordingTap: SampleTap {
    var samples: [Int16] = []
    var chunks = 0

    mutating func consume(_ chunk: Span<Int16>) {
        chunks += 1
        for index in chunk.indices { samples.append(chunk[index]) }
    }
}

/// Other containers, written by hand or by the engine's encoders.
enum Containers {
    static func wav(_ signal: Signal, channels: Int = 1) -> [UInt8] {
        let samples = signal.int16.flatMap { sample in [Int16](repeating: sample, count: channels) }
        let data = samples.flatMap { UInt16(bitPattern: $0).littleEndianBytes }
        let frame = 2 * channels
        return Array("RIFF".utf8) + UInt32(36 + data.count).littleEndianBytes + Array("WAVEfmt ".utf8)
            + UInt32(16).littleEndianBytes + UInt16(1).littleEndianBytes + UInt16(channels).littleEndianBytes
            + UInt32(signal.rate).littleEndianBytes + UInt32(signal.rate * frame).littleEndianBytes
            + UInt16(frame).littleEndianBytes + UInt16(16).littleEndianBytes + Array("data".utf8)
            + UInt32(data.count).littleEndianBytes + data
    }

    static func encoded(_ signal: Signal, as encoding: UploadEncoding) throws -> [UInt8] {
        let encoder = try encoding.makeEncoder()
        try encoder.encode(signal.int16.span)
        return try encoder.finish().read()
    }

    /// Re-codes a signal with the ffmpeg program, which tests of rare formats need anyway.
    static func ffmpeg(_ signal: Signal, extension suffix: String, _ arguments: [String] = []) throws
        -> [UInt8]
    {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let input = directory.appendingPathComponent("in.wav")
        let output = directory.appendingPathComponent("out.\(suffix)")
        try Data(wav(signal)).write(to: input)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            ["ffmpeg", "-nostdin", "-v", "error", "-i", input.path] + arguments + [output.path]
        try process.run()
        process.waitUntilExit()
        return Array(try Data(contentsOf: output))
    }
}

/// The repository's sample note.
enum SampleNote {
    static var bytes: [UInt8] {
        get throws {
            let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent()
            return Array(try Data(contentsOf: root.appendingPathComponent("Samples/voice-note.ogg")))
        }
    }
}
