/// Something that wants to hear every sample of the original note, once and in order.
///
/// Pitch trackers and loudness meters conform. The engine calls ``consume(_:)`` on its own DSP thread
/// with 16 kHz mono chunks of 1 to about 16 000 samples, before anything is trimmed or sped up, so that
/// one decode serves both measuring and shrinking. A tap is a value: it goes into a preparation and
/// comes back with what it has gathered. It must not block.
package protocol SampleTap: Sendable {
    /// - Parameter samples: The next samples, 16-bit, 16 kHz, mono. Valid during the call only.
    mutating func consume(_ samples: Span<Int16>)
}

/// A tap that hears nothing, for callers that only want the upload.
package struct NoTap: SampleTap {
    package init() {}
    package mutating func consume(_: Span<Int16>) {}
}

/// Two taps behind one, nested for more.
package struct TapPair<First: SampleTap, Second: SampleTap>: SampleTap {
    package var first: First
    package var second: Second

    package init(_ first: First, _ second: Second) {
        self.first = first
        self.second = second
    }

    package mutating func consume(_ samples: Span<Int16>) {
        first.consume(samples)
        second.consume(samples)
    }
}
