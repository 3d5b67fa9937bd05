/// A half-open stretch of time on one clock, in seconds from that clock's beginning.
///
/// Which clock (original audio or upload) is said by the property that holds the span.
package struct TimeSpan: Hashable, Sendable, Codable {
    package var start: Double
    package var end: Double

    /// - Precondition: none; an inverted span is turned into an empty one at `start`.
    package init(start: Double, end: Double) {
        self.start = start
        self.end = max(start, end)
    }

    package var duration: Double { end - start }

    package func contains(_ instant: Double) -> Bool { instant >= start && instant < end }

    /// Seconds that both spans cover.
    package func overlap(with other: TimeSpan) -> Double {
        max(0, min(end, other.end) - max(start, other.start))
    }

    /// Written as `[from, to]`, the form that every `--json` document uses.
    package func encode(to encoder: any Encoder) throws {
        var pair = encoder.unkeyedContainer()
        try pair.encode(start)
        try pair.encode(end)
    }

    package init(from decoder: any Decoder) throws {
        var pair = try decoder.unkeyedContainer()
        let start = try pair.decode(Double.self)
        self.init(start: start, end: try pair.decode(Double.self))
    }
}
