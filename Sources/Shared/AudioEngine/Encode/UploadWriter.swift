import CoachDomain

/// Writes kept spans as upload: speeds each up, smooths its ends, encodes, and records where it went.
final class UploadWriter {
    /// Ends of spans are faded over 5 ms, so that no join clicks.
    private static let fadeLength = 80
    /// From this share of a part's limit on, the next pause ends it.
    private static let softShare = 0.75
    /// What one more chunk of half a second may add to a part, at half the tempo and uncompressed.
    private static let mostSecondsPerChunk = 1.2
    private static let mostBytesPerChunk = 40_000

    private let options: PreparationOptions
    private let tempo: TempoStream?
    private let fades: Bool
    private let gain: Float
    private var scaled: [Int16] = []
    private var encoder: any UploadEncoder
    private var parts: [UploadPart] = []
    private var segments: [Timeline.Segment] = []
    /// Upload samples written so far, and where the current part and span began.
    private var written = 0
    private var partStart = 0
    private var spanStart = 0
    /// Original position of the open span's first sample and after its last one.
    private var span: (start: Int, end: Int)?
    /// The last samples of the open span, held back for its fade-out.
    private var held: [Int16] = []
    private var faded = 0
    private(set) var encodingTime = Duration.zero

    /// - Parameter gain: Factor on every sample; beyond full scale they saturate.
    init(plan: ShrinkPlan, gain: Float = 1, options: PreparationOptions) throws(AudioError) {
        self.gain = gain
        self.options = options
        tempo = plan.speed == 1 ? nil : try TempoStream(speed: plan.speed)
        fades = plan.trims
        encoder = try options.encoding.makeEncoder()
    }

    /// Appends original samples that begin at a position of the note; contiguous calls extend a span.
    func write(_ samples: Span<Int16>, at position: Int) throws(AudioError) {
        if span == nil { try open(at: position) }
        span?.end = position + samples.count
        guard gain != 1 else { return try paced(samples) }
        scaled.removeAll(keepingCapacity: true)
        for index in samples.indices {
            scaled.append(Int16(min(max(Float(samples[index]) * gain, -32_768), 32_767).rounded()))
        }
        let louder = scaled
        try paced(louder.span)
    }

    private func paced(_ samples: Span<Int16>) throws(AudioError) {
        guard let tempo else { return try smooth(samples) }
        try tempo.write(samples) { (chunk) throws(AudioError) in try self.smooth(chunk) }
    }

    /// Ends the open span: what follows is cut, or the note is over.
    func close() throws(AudioError) {
        guard let span else { return }
        if let tempo { try tempo.flush { (chunk) throws(AudioError) in try self.smooth(chunk) } }
        if fades {
            for index in held.indices {
                let gain = Float(held.count - index) / Float(Self.fadeLength + 1)
                held[index] = Int16(Float(held[index]) * min(gain, 1))
            }
        }
        let ending = held
        try encode(ending.span)
        held.removeAll(keepingCapacity: true)
        self.span = nil
        guard written > spanStart else { return }
        segments.append(
            Timeline.Segment(
                original: TimeSpan(
                    start: EngineFormat.seconds(span.start), end: EngineFormat.seconds(span.end)),
                upload: TimeSpan(start: EngineFormat.seconds(spanStart), end: EngineFormat.seconds(written))))
    }

    /// Ends the upload.
    func finish() throws(AudioError) -> (parts: [UploadPart], timeline: Timeline, seconds: Double) {
        try close()
        if written > partStart || parts.isEmpty { try closePart() }
        return (parts, Timeline(segments: segments), EngineFormat.seconds(written))
    }

    /// Whether the part is long enough to end at the next pause.
    var wantsBreak: Bool { isPart(over: Self.softShare, seconds: 0, bytes: 0) }

    /// Whether the part has to end now, because the next chunk may pass the limit.
    var mustBreak: Bool { isPart(over: 1, seconds: Self.mostSecondsPerChunk, bytes: Self.mostBytesPerChunk) }

    /// Ends the part; the next samples begin another one.
    func endPart() throws(AudioError) {
        try close()
        guard written > partStart else { return }
        try closePart()
        encoder = try options.encoding.makeEncoder()
    }

    private func open(at position: Int) throws(AudioError) {
        if wantsBreak { try endPart() }
        span = (position, position)
        spanStart = written
        faded = 0
    }

    private func closePart() throws(AudioError) {
        let span = TimeSpan(start: EngineFormat.seconds(partStart), end: EngineFormat.seconds(written))
        var watch = Stopwatch()
        defer { encodingTime += watch.lap() }
        parts.append(UploadPart(body: try encoder.finish(), span: span))
        partStart = written
    }

    private func isPart(over share: Double, seconds more: Double, bytes extra: Int) -> Bool {
        guard written > partStart else { return false }
        let seconds = EngineFormat.seconds(written - partStart) + more
        if let limit = options.maximumPartSeconds, seconds >= limit * share { return true }
        let bytes = Double(encoder.byteCount + extra)
        if let limit = options.maximumPartBytes, bytes >= Double(limit) * share { return true }
        return false
    }

    /// Fades a span in, and holds its end back until it is known whether it is the end.
    private func smooth(_ samples: Span<Int16>) throws(AudioError) {
        guard fades else { return try encode(samples) }
        let start = held.count
        unsafe samples.withUnsafeBufferPointer { unsafe held.append(contentsOf: $0) }
        var index = start
        while faded < Self.fadeLength, index < held.count {
            held[index] = Int16(Float(held[index]) * Float(faded + 1) / Float(Self.fadeLength + 1))
            faded += 1
            index += 1
        }
        let ready = held.count - Self.fadeLength
        guard ready > 0 else { return }
        let middle = held
        try encode(middle.span.extracting(first: ready))
        held.removeFirst(ready)
    }

    private func encode(_ samples: Span<Int16>) throws(AudioError) {
        guard !samples.isEmpty else { return }
        var watch = Stopwatch()
        try encoder.encode(samples)
        encodingTime += watch.lap()
        written += samples.count
    }
}
