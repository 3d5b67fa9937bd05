/// The recent past of the sample stream, addressed by position in the whole note.
struct SampleHistory {
    private var samples: [Int16] = []
    /// Position in the note of the first sample kept.
    private(set) var start = 0
    private var head = 0

    /// Position after the last sample.
    var end: Int { start + samples.count - head }

    /// Samples kept.
    var count: Int { samples.count - head }

    mutating func append(_ chunk: Span<Int16>) {
        unsafe chunk.withUnsafeBufferPointer { unsafe samples.append(contentsOf: $0) }
    }

    /// Lets go of everything before a position.
    mutating func discard(before position: Int) {
        let count = min(max(0, position - start), samples.count - head)
        head += count
        start += count
        // Moving the rest down costs less than it saves only when little is left.
        if head > 32_768, head > samples.count / 2 {
            samples.removeFirst(head)
            head = 0
        }
    }

    /// Calls `body` with the samples of a range, as far as they are kept.
    func with(
        _ range: Range<Int>, _ body: (Span<Int16>) throws(AudioError) -> Void
    ) throws(AudioError) {
        let clamped = range.clamped(to: start..<end)
        guard !clamped.isEmpty else { return }
        let offset = head - start
        try body(samples.span.extracting((clamped.lowerBound + offset)..<(clamped.upperBound + offset)))
    }
}
