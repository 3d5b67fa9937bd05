import Foundation
import Testing

@testable import AudioEngine

@Suite struct LoudnessTests {
    private func loudness(_ signal: Signal) -> Double? {
        var meter = LevelMeter()
        meter.consume(signal.int16.span)
        return meter.loudness.integratedLUFS
    }

    /// EBU Tech 3341's first cases: a 1 kHz sine reads its peak level minus 3.01 dB in one channel.
    @Test(arguments: [-23.0, -33, -10])
    func `a sine of known level reads as EBU Tech 3341 says, to 0.1 LU`(_ level: Double) throws {
        let value = try #require(loudness(.tone(1_000, 20, amplitude: Float(pow(10, level / 20)))))
        #expect(abs(value - (level - 3.01)) < 0.1, "\(value)")
    }

    @Test func `quiet stretches are gated out`() throws {
        let tone = Signal.tone(1_000, 20, amplitude: 0.1)
        let alone = try #require(loudness(tone))
        let value = try #require(loudness(tone + .tone(1_000, 20, amplitude: 0.003) + .silence(10)))
        #expect(abs(value - alone) < 0.15)
    }

    @Test func `silence has no loudness`() {
        #expect(loudness(.silence(3)) == nil)
    }

    @Test func `the result agrees with ffmpeg's meter on speech`() throws {
        let speech = SyntheticSpeech(pauses: [0.4, 0.9, 0.6, 1.5]).noisy(snrDB: 30)
        let reference = try FFmpegMeter.loudness(speech)
        let value = try #require(loudness(speech))
        #expect(abs(value - reference) <= 0.3, "\(value) against \(reference)")
    }
}

/// ffmpeg's own EBU R128 meter, an independent reference.
enum FFmpegMeter {
    static func loudness(_ signal: Signal) throws -> Double {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).wav")
        try Data(Containers.wav(signal)).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "ffmpeg", "-nostdin", "-hide_banner", "-i", file.path, "-af", "ebur128", "-f",
            "null", "-",
        ]
        let pipe = Pipe()
        process.standardError = pipe
        try process.run()
        let report = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let words = report.split(whereSeparator: \.isWhitespace)
        // The summary comes last: "I: -21.3 LUFS".
        guard let label = words.lastIndex(of: "I:"), label + 1 < words.endIndex else { return .nan }
        return Double(words[label + 1]) ?? .nan
    }
}
