/// Decodes what no small library does (m4a, mp4 video notes, AAC, WebM, AMR, Speex) in a child process.
///
/// ffmpeg's parsers are large and old, so they get nothing but one input: the demuxer is forced, only
/// the `file` and `pipe` protocols exist, and the kernel limits memory, processor time, files and
/// output. A crash there is a damaged note here.
final class FFmpegDecoder {
    /// Whether the program complained of missing or broken data after it had produced sound.
    private(set) var isTruncated = false

    private let control: RunControl
    private let process: ChildProcess
    private var buffer = [UInt8](repeating: 0, count: 32 << 10)
    private var samples: [Int16] = []
    private var carried: UInt8?
    private(set) var produced = 0

    private static let damageWords = [
        "partial file", "invalid data", "error while decoding", "truncat", "corrupt",
    ]
    private static let memoryBytes: UInt64 = 1 << 30
    private static let processorSeconds: UInt64 = 120

    /// - Parameter program: The ffmpeg to run; `nil` when there is none.
    init(
        file: borrowing FileDescriptor, format: AudioFormat, control: RunControl, maximumSeconds: Double,
        program: String? = ExecutablePath.find("ffmpeg")
    ) throws(AudioError) {
        self.control = control
        guard let program else {
            throw .decoderMissing(mend: "install ffmpeg: apt-get install ffmpeg")
        }
        let arguments = [
            program, "-nostdin", "-hide_banner", "-v", "error", "-threads", "1",
            "-protocol_whitelist", "file,pipe", "-f", Self.demuxer(format), "-i",
            "file:/proc/self/fd/\(ChildProcess.inputDescriptor)", "-map", "0:a:0", "-vn", "-sn", "-dn",
            // One second more than the limit, so that the limit is seen to be exceeded.
            "-t", "\(Int(maximumSeconds.rounded(.up)) + 1)", "-ac", "1", "-ar", "16000",
            "-f", "s16le", "-c:a", "pcm_s16le", "pipe:1",
        ]
        process = try ChildProcess(
            program: program, arguments: arguments, input: file,
            limits: .init(memoryBytes: Self.memoryBytes, processorSeconds: Self.processorSeconds))
    }

    /// Passes the next piece of output on; `false` at the end.
    func step(into sink: inout some SampleSink & ~Copyable) throws(AudioError) -> Bool {
        let count = try process.read(into: &buffer, control: control)
        guard count > 0 else {
            try conclude()
            return false
        }
        samples.removeAll(keepingCapacity: true)
        var index = 0
        if let low = carried {
            samples.append(Self.sample(low, buffer[0]))
            carried = nil
            index = 1
        }
        while index + 1 < count {
            samples.append(Self.sample(buffer[index], buffer[index + 1]))
            index += 2
        }
        if index < count { carried = buffer[index] }
        produced += samples.count
        let ready = samples
        if !ready.isEmpty { try sink.accept(ready.span) }
        return true
    }

    private func conclude() throws(AudioError) {
        let outcome = process.wait()
        let complaint = outcome.complaint.lowercased()
        if produced > 0 {
            // ffmpeg goes on after most damage and then ends well.
            isTruncated = !outcome.isSuccess || Self.damageWords.contains { complaint.contains($0) }
        } else if outcome.isSuccess {
            return
        } else if outcome.complaint.contains("matches no streams") {
            throw .noAudioTrack
        } else if outcome.complaint.contains("Decoder") && outcome.complaint.contains("not found") {
            throw .unsupportedCodec(name: "unknown to ffmpeg")
        } else {
            throw .damaged
        }
    }

    private static func sample(_ low: UInt8, _ high: UInt8) -> Int16 {
        Int16(bitPattern: UInt16(low) | UInt16(high) << 8)
    }

    private static func demuxer(_ format: AudioFormat) -> String {
        switch format {
        case .mp4: "mov"
        case .aac: "aac"
        case .matroska: "matroska"
        case .amr: "amr"
        case .oggSpeex, .oggOpus, .oggVorbis, .oggFLAC: "ogg"
        case .flac: "flac"
        case .wav: "wav"
        case .mp3: "mp3"
        }
    }
}
