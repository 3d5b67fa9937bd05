/// Finds out what a note's bytes are and pushes its samples into a sink.
final class NoteDecoder {
    let format: AudioFormat
    private(set) var damage = AudioDamage()
    private let file: FileDescriptor
    private let control: RunControl
    private let maximumSeconds: Double
    private let declaredSeconds: Double?

    private static let readLength = 64 << 10

    convenience init(
        _ source: AudioSource, control: RunControl, options: PreparationOptions
    ) throws(AudioError) {
        switch source {
        case .file(let path):
            try self.init(
                file: FileDescriptor(reading: path), control: control, options: options)
        case .bytes(let bytes):
            try self.init(
                file: FileDescriptor(holding: bytes.span), control: control, options: options)
        }
    }

    /// - Parameter file: Seekable; its first bytes decide what it is.
    init(file: consuming FileDescriptor, control: RunControl, options: PreparationOptions) throws(AudioError)
    {
        self.control = control
        maximumSeconds = options.maximumSeconds
        declaredSeconds = options.declaredSeconds
        format = try Self.format(of: file)
        self.file = file
    }

    func run(
        into sink: inout some SampleSink & ~Copyable, progress: (@Sendable (Double) -> Void)?
    ) throws(AudioError) {
        switch format {
        case .oggOpus: try runOpus(into: &sink, progress)
        case .oggVorbis, .flac, .wav, .mp3: try runSndfile(into: &sink, progress)
        case .oggFLAC, .oggSpeex, .aac, .mp4, .matroska, .amr: try runFFmpeg(into: &sink, progress)
        }
        progress?(1)
    }

    private static func format(of file: borrowing FileDescriptor) throws(AudioError) -> AudioFormat {
        var offset = 0
        while true {
            var prefix = [UInt8](repeating: 0, count: AudioSniffer.prefixLength)
            let count = try file.read(into: &prefix, at: offset)
            if count == 0, offset == 0 { throw .empty }
            switch AudioSniffer.sniff(Array(prefix.prefix(count))) {
            case .audio(let format): return format
            case .tagUntil(let next) where next > 0 && offset == 0: offset = next
            case .tagUntil: throw .notAudio(sniffed: "ID3 tag")
            case .other(let label): throw .notAudio(sniffed: offset == 0 ? label : "ID3 tag")
            }
        }
    }

    private func runOpus(
        into sink: inout some SampleSink & ~Copyable, _ progress: (@Sendable (Double) -> Void)?
    ) throws(AudioError) {
        let decoder = OggOpusDecoder()
        let total = max(1, file.byteCount)
        var buffer = [UInt8](repeating: 0, count: Self.readLength)
        var offset = 0
        while true {
            try control.check()
            let count = try file.read(into: &buffer, at: offset)
            if count == 0 { break }
            try decoder.feed(buffer.span.extracting(first: count), into: &sink)
            offset += count
            progress?(min(1, Double(offset) / Double(total)))
        }
        try decoder.finish(into: &sink)
        damage = decoder.damage
    }

    private func runSndfile(
        into sink: inout some SampleSink & ~Copyable, _ progress: (@Sendable (Double) -> Void)?
    ) throws(AudioError) {
        let decoder = try SndfileDecoder(file: try file.duplicate(), format: format)
        var reported = 0.0
        while try decoder.step(into: &sink) {
            if decoder.progress >= reported + 0.01 {
                reported = decoder.progress
                progress?(reported)
            }
        }
        damage.isTruncated = decoder.isTruncated
    }

    private func runFFmpeg(
        into sink: inout some SampleSink & ~Copyable, _ progress: (@Sendable (Double) -> Void)?
    ) throws(AudioError) {
        let decoder = try FFmpegDecoder(
            file: file, format: format, control: control, maximumSeconds: maximumSeconds)
        let expected = max(declaredSeconds ?? 0, 1) * Double(EngineFormat.sampleRateHz)
        var reported = 0.0
        while try decoder.step(into: &sink) {
            // Nothing but the declared length hints at how much is still to come.
            let share = declaredSeconds == nil ? 0 : min(0.99, Double(decoder.produced) / expected)
            guard share >= reported + 0.01 else { continue }
            reported = share
            progress?(share)
        }
        damage.isTruncated = decoder.isTruncated
    }
}
