import Glibc

/// espeak-ng as a child process: one voice at one pace, within limits of memory, processor time and output.
package struct SpeechProgram: Hashable, Sendable {
    /// Why a program cannot be set up.
    package enum Fault: Error, Hashable, Sendable {
        /// Not of the form that espeak-ng's voices have.
        case voiceName
    }

    private static let memoryBytes: UInt64 = 512 << 20
    private static let processorSeconds: UInt64 = 20
    /// espeak-ng's own rate for nearly every voice.
    private static let mostBytesPerSecond = 2 * 22_050

    package let voice: String
    package let wordsPerMinute: Int
    private let path: String?

    /// - Parameters:
    ///   - voice: As espeak-ng names it, for example `pt-br` or `en-us+f3`.
    ///   - wordsPerMinute: Clamped to 80…450, what the program can do.
    ///   - path: The program; `nil` for the `espeak-ng` in `PATH`.
    package init(voice: String, wordsPerMinute: Int, path: String? = nil) throws(Fault) {
        // A name is looked up below the program's own folder of voices; a path would leave it.
        guard let first = voice.utf8.first, Self.isAlphanumeric(first), voice.utf8.count <= 40,
            voice.utf8.allSatisfy({ Self.isAlphanumeric($0) || "+-_".utf8.contains($0) })
        else { throw .voiceName }
        self.voice = voice
        self.wordsPerMinute = min(max(wordsPerMinute, 80), 450)
        self.path = path
    }

    /// Whether the program is there.
    package static var isInstalled: Bool { ExecutablePath.find("espeak-ng") != nil }

    func speak(
        _ text: String, maximumSeconds: Double, control: RunControl
    ) throws(AudioError) -> SynthesizedSound {
        guard let program = path ?? ExecutablePath.find("espeak-ng") else {
            throw .decoderMissing(mend: "install espeak-ng: apt-get install espeak-ng")
        }
        let words = Array(Self.inert(text).utf8)
        let input = try FileDescriptor(holding: words.span)
        input.rewind()
        let process = try ChildProcess(
            program: program,
            arguments: [
                program, "-b", "1", "-v", voice, "-s", String(wordsPerMinute), "--stdin", "--stdout",
            ],
            input: input, inputNumber: 0,
            limits: .init(memoryBytes: Self.memoryBytes, processorSeconds: Self.processorSeconds))
        var sound: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 32 << 10)
        let most = Int(maximumSeconds * Double(Self.mostBytesPerSecond)) + 4_096
        while true {
            let count = try process.read(into: &buffer, control: control)
            if count == 0 { break }
            sound += buffer[..<count]
            guard sound.count <= most else { throw .tooLong(limitSeconds: maximumSeconds) }
        }
        guard process.wait().isSuccess, !sound.isEmpty else { throw .damaged }
        return .file(sound)
    }

    /// The text without what the program takes for commands: control characters, and phonemes in double
    /// brackets.
    private static func inert(_ text: String) -> String {
        let kept = text.unicodeScalars.map { scalar -> Unicode.Scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .privateUse, .surrogate, .unassigned: " "
            default: scalar == "[" || scalar == "]" ? "," : scalar
            }
        }
        return String(String.UnicodeScalarView(kept)) + "\n"
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }
}
