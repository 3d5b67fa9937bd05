import Foundation

/// Speech made on the spot by espeak-ng: 16 kHz mono samples.
struct SpokenText {
    struct Unavailable: Error { let reason: String }

    let samples: [Int16]

    /// - Throws: ``Unavailable`` when espeak-ng is not installed; the test then fails, it is not skipped.
    init(_ text: String, voice: String = "en-us+f3", wordsPerMinute: Int = 140) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["espeak-ng", "-v", voice, "-s", String(wordsPerMinute), "--stdout", text]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let wave = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0, wave.count > 44 else { throw Unavailable(reason: "espeak-ng") }
        let rate = wave.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 24, as: UInt32.self) }
        let spoken = wave.dropFirst(44).withUnsafeBytes { bytes in
            (0..<bytes.count / 2).map { bytes.loadUnaligned(fromByteOffset: $0 * 2, as: Int16.self) }
        }
        samples = Self.resampled(spoken, from: Double(rate))
    }

    /// Linear interpolation will do: the recogniser looks at 130 to 6 800 Hz only.
    private static func resampled(_ input: [Int16], from rate: Double) -> [Int16] {
        let step = rate / 16_000
        return (0..<max(0, Int(Double(input.count - 1) / step))).map { index in
            let position = Double(index) * step
            let left = Int(position)
            let share = position - Double(left)
            return Int16(Double(input[left]) * (1 - share) + Double(input[left + 1]) * share)
        }
    }
}
