/// Where a decoder puts what it decodes: 16 kHz mono chunks, in order.
protocol SampleSink: ~Copyable {
    /// - Throws: Whatever ends the whole preparation: limits, cancellation, a full disk.
    mutating func accept(_ samples: Span<Int16>) throws(AudioError)
}
