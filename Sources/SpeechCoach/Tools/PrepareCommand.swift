import ArgumentParser
import AudioEngine
import AudioWorker
import CoachDomain
import Foundation
import Pictures
import ServiceKit
import SpeechAnalysis

struct PrepareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prepare",
        abstract: "Prepare one audio file as the audio worker would, and write the upload.",
        discussion: """
            Decodes, shortens long pauses, speeds up with the pitch kept, encodes. The form follows the name of
            OUT: .flac, .ogg (Opus), .wav, or .pcm (16-bit, 16 kHz).

            EXAMPLE
              speechcoach prepare note.ogg --output note.flac --speed 1.5 --json
              speechcoach prepare note.ogg --output note.flac --plot note.png
            """)

    @Argument(help: "The audio file.", completion: .file())
    var file: String

    @Option(help: "Where to write the upload.", completion: .file())
    var output: String

    @Option(help: "Times faster than spoken; chosen per note when left out (SPEED_FACTOR).")
    var speed: Double?

    @Flag(inversion: .prefixedNo, help: "Shorten long pauses.")
    var trim = true

    @Option(
        parsing: .unconditional,
        help: "Loudness to bring the upload to, in LUFS, -36 to -10 (LOUDNESS_LUFS).")
    var loudness: Double?

    @Flag(inversion: .prefixedNo, help: "Take steady noise out of the upload (NOISE_REDUCTION).")
    var noiseReduction: Bool?

    @Option(
        help: ArgumentHelp(
            "Draw the waveform, what was kept and cut, and the pitch, as a PNG file.", valueName: "file.png"),
        completion: .file(extensions: ["png"]))
    var plot: String?

    @OptionGroup var format: OutputOptions
    @OptionGroup var settings: SettingsOptions

    func validate() throws {
        if let speed, !(0.5...3).contains(speed) {
            throw ValidationError("--speed \(speed): give a number from 0.5 to 3, for example --speed 1.5")
        }
        if let loudness, !(-36...(-10)).contains(loudness) {
            throw ValidationError("--loudness \(loudness): give a number from -36 to -10, for example -20")
        }
        guard UploadEncoding(fileName: output) != nil else {
            throw ValidationError("--output \(output): end the name in .flac, .ogg, .wav or .pcm")
        }
    }

    func run() async throws {
        let settings = try await Settings.load(options: settings.overrides)
        var options = PreparationOptions(settings.audio)
        if let speed { options.speed = .fixed(speed) }
        options.trimming = trim
        options.encoding = UploadEncoding(fileName: output) ?? .flac()
        options.encodingReason = "by the name of the output"
        if let loudness { options.cleanUp.loudnessLUFS = loudness }
        if let noiseReduction { options.cleanUp.denoises = noiseReduction }
        let audio = try await prepared(options)
        do {
            try audio.write(to: output)
        } catch {
            throw CommandFailure(.failed, "\(output): cannot be written: \(error.localizedDescription)")
        }
        if format.json { return try Output.json(audio.summary) }
        Output.line(AudioTable.text(audio.summary))
    }

    /// Pitch costs a third of the decoding again, so it is followed only where it is drawn.
    private func prepared(_ options: PreparationOptions) async throws -> PreparedAudio {
        guard let plot else {
            return try await AudioFile.prepare(
                file, options: options, tap: NoTap(), showsProgress: !format.json
            ).audio
        }
        let (audio, probe) = try await AudioFile.prepare(
            file, options: options, tap: SpeechProbe(), showsProgress: !format.json)
        try await SignalPlot(of: file, audio, probe.finish()).write(to: plot)
        return audio
    }
}

extension UploadEncoding {
    init?(fileName: String) {
        switch URL(fileURLWithPath: fileName).pathExtension.lowercased() {
        case "flac": self = .flac()
        case "ogg", "opus": self = .opus()
        case "wav": self = .wav
        case "pcm", "raw": self = .pcm16
        default: return nil
        }
    }
}

extension PreparationOptions {
    init(_ settings: AudioSettings) {
        self.init(maximumSeconds: settings.longest.inSeconds)
        if case .fixed(let factor) = settings.speed { speed = .fixed(factor) }
        cleanUp = CleanUp(loudnessLUFS: settings.loudnessLUFS, denoises: settings.reducesNoise)
    }
}

/// Reading an audio file for a person at a terminal.
enum AudioFile {
    static func check(_ path: String) throws {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), !isDirectory.boolValue,
            FileManager.default.isReadableFile(atPath: path)
        else { throw CommandFailure(.notFound, "\(path): no such file, or it cannot be read") }
    }

    static func prepare<Tap: SampleTap>(
        _ path: String, options: PreparationOptions, tap: Tap, showsProgress: Bool
    ) async throws -> (audio: PreparedAudio, tap: Tap) {
        try check(path)
        let progress = showsProgress ? ProgressLine("Preparing") : nil
        defer { progress?.finish() }
        do {
            return try await AudioEngine().prepare(
                .file(path), options: options, tap: tap, progress: { progress?.show($0) })
        } catch {
            throw CommandFailure(.failed, "\(path): \(error.explanation)")
        }
    }
}

extension AudioError {
    /// For a person: what is wrong and what would help.
    var explanation: String {
        switch self {
        case .empty: "the file holds no audio at all"
        case .notAudio(let sniffed): "this is no audio file that can be read (it looks like \(sniffed))"
        case .unsupportedCodec(let name): "the codec \(name) is not supported; convert it to Ogg, FLAC or WAV"
        case .damaged: "the file is damaged: nothing could be decoded from it"
        case .tooLong(let limit):
            "longer than \(Int(limit)) s; raise MAX_AUDIO_SECONDS to allow it"
        case .noAudioTrack: "the file has no audio track"
        case .decoderMissing(let mend): "this format needs a decoder that is not installed: \(mend)"
        case .wallClockExceeded(let limit): "gave up after \(limit)"
        case .cancelled: "cancelled"
        case .io(let operation, let code): "\(operation) failed: \(String(cString: strerror(code)))"
        }
    }
}

extension PreparedAudio {
    /// - Throws: ``AudioError``, or an error of the file system.
    func write(to path: String) throws {
        var bytes: [UInt8] = []
        for part in parts { bytes += try part.body.read() }
        try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}

/// The figures of a preparation for a person.
enum AudioTable {
    static func text(_ summary: AudioSummary) -> String {
        let share = summary.originalSeconds > 0 ? summary.uploadSeconds / summary.originalSeconds : 0
        return """
            original  \(String(format: "%.2f", summary.originalSeconds)) s, \
            of which speech \(String(format: "%.2f", summary.speechSeconds)) s
            upload    \(String(format: "%.2f", summary.uploadSeconds)) s \
            (\(Int((share * 100).rounded())) %), \(summary.uploadBytes) bytes
            speed     \(String(format: "%.2f", summary.speed)) (\(summary.speedReason))
            packed    \(summary.encoding ?? "") (\(summary.encodingReason ?? ""))
            kept      \(summary.timeline.count) stretch\(summary.timeline.count == 1 ? "" : "es")
            """
                + (summary.isPartial
                    ? "\nnote      the file is damaged or cut off; later times are unsure" : "")
    }
}
