import Glibc

/// A note that is prepared while it is downloaded.
///
/// Ogg/Opus flows straight through. Everything else is kept until complete, because its decoders seek.
///
/// `@unchecked Sendable`: one task makes all calls, each on a DSP thread and awaited before the next.
final class ArrivingNote<Tap: SampleTap>: @unchecked Sendable {
    private enum Route {
        /// Too few bytes to tell what they are.
        case unknown
        case streaming(OggOpusDecoder)
        case collecting(FileDescriptorBox)
        /// The copy holds everything that a decoder needs.
        case copying
    }

    /// A class around the descriptor, which cannot be copied into an enum's payload.
    private final class FileDescriptorBox {
        let file: FileDescriptor
        init(_ file: consuming FileDescriptor) { self.file = file }
    }

    private let options: PreparationOptions
    private let control: RunControl
    private let expectedBytes: Int?
    private let progress: (@Sendable (Double) -> Void)?
    private let copyPath: String?
    private var copy: FileDescriptorBox?
    private var pipeline: PreparationPipeline<Tap>
    private var route = Route.unknown
    private var prefix: [UInt8] = []
    private var received = 0

    init(
        options: PreparationOptions, control: RunControl, tap: Tap, expectedBytes: Int?, copyPath: String?,
        progress: (@Sendable (Double) -> Void)?
    ) {
        self.copyPath = copyPath
        self.options = options
        self.control = control
        self.expectedBytes = expectedBytes
        self.progress = progress
        pipeline = PreparationPipeline(options: options, control: control, tap: tap)
    }

    /// Takes the next bytes in.
    func take(_ bytes: [UInt8]) throws(AudioError) {
        try control.timed { () throws(AudioError) in
            received += bytes.count
            try keep(bytes)
            switch route {
            case .unknown:
                prefix += bytes
                if prefix.count >= AudioSniffer.prefixLength { try chooseRoute() }
            case .streaming(let decoder): try decoder.feed(bytes.span, into: &pipeline)
            case .collecting(let box): try box.file.write(bytes.span)
            case .copying: break
            }
            if let expectedBytes, expectedBytes > 0 {
                progress?(min(0.99, Double(received) / Double(expectedBytes)))
            }
        }
    }

    /// Ends the note.
    func finish() throws(AudioError) -> (audio: PreparedAudio, tap: Tap) {
        try control.timed { () throws(AudioError) in
            if case .unknown = route { try chooseRoute() }
            switch route {
            case .unknown: throw .empty
            case .streaming(let decoder):
                try decoder.finish(into: &pipeline)
                progress?(1)
                return (try pipeline.finish(format: .oggOpus, damage: decoder.damage), pipeline.tap)
            case .collecting(let box): return try decode(box.file.duplicate())
            case .copying: return try decode(FileDescriptor(reading: copyPath ?? ""))
            }
        }
    }

    /// Removes the copy of a note that came to nothing.
    func abandon() {
        guard copy != nil, let copyPath else { return }
        unsafe unlink(copyPath)
    }

    private func keep(_ bytes: [UInt8]) throws(AudioError) {
        guard let copyPath else { return }
        let box: FileDescriptorBox
        if let copy { box = copy } else { box = FileDescriptorBox(try FileDescriptor(creating: copyPath)) }
        copy = box
        try box.file.write(bytes.span)
    }

    private func decode(_ file: consuming FileDescriptor) throws(AudioError) -> (
        audio: PreparedAudio, tap: Tap
    ) {
        let decoder = try NoteDecoder(file: file, control: control, options: options)
        try decoder.run(into: &pipeline, progress: nil)
        progress?(1)
        return (try pipeline.finish(format: decoder.format, damage: decoder.damage), pipeline.tap)
    }

    private func chooseRoute() throws(AudioError) {
        let bytes = prefix
        prefix = []
        switch AudioSniffer.sniff(bytes) {
        case .audio(.oggOpus):
            let decoder = OggOpusDecoder()
            route = .streaming(decoder)
            try decoder.feed(bytes.span, into: &pipeline)
        case .audio where copy != nil, .tagUntil where copy != nil: route = .copying
        case .audio, .tagUntil:
            route = .collecting(FileDescriptorBox(try FileDescriptor(holding: bytes.span)))
        case .other(let label): throw bytes.isEmpty ? .empty : .notAudio(sniffed: label)
        }
    }
}
