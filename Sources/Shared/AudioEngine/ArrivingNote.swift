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
    private var pipeline: PreparationPipeline<Tap>
    private var route = Route.unknown
    private var prefix: [UInt8] = []
    private var received = 0

    init(
        options: PreparationOptions, control: RunControl, tap: Tap, expectedBytes: Int?,
        progress: (@Sendable (Double) -> Void)?
    ) {
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
            switch route {
            case .unknown:
                prefix += bytes
                if prefix.count >= AudioSniffer.prefixLength { try chooseRoute() }
            case .streaming(let decoder): try decoder.feed(bytes.span, into: &pipeline)
            case .collecting(let box): try box.file.write(bytes.span)
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
            case .collecting(let box):
                let decoder = try NoteDecoder(
                    file: box.file.duplicate(), control: control, options: options)
                try decoder.run(into: &pipeline, progress: nil)
                progress?(1)
                return (try pipeline.finish(format: decoder.format, damage: decoder.damage), pipeline.tap)
            }
        }
    }

    private func chooseRoute() throws(AudioError) {
        let bytes = prefix
        prefix = []
        switch AudioSniffer.sniff(bytes) {
        case .audio(.oggOpus):
            let decoder = OggOpusDecoder()
            route = .streaming(decoder)
            try decoder.feed(bytes.span, into: &pipeline)
        case .audio, .tagUntil:
            route = .collecting(FileDescriptorBox(try FileDescriptor(holding: bytes.span)))
        case .other(let label): throw bytes.isEmpty ? .empty : .notAudio(sniffed: label)
        }
    }
}
