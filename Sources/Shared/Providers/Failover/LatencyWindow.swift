/// How long the latest successful calls took.
package struct LatencyWindow: Hashable, Sendable, Codable {
    private static let capacity = 256

    private var values: [Duration] = []
    private var next = 0

    package var count: Int { values.count }

    package mutating func record(_ latency: Duration) {
        if values.count < Self.capacity {
            values.append(latency)
        } else {
            values[next] = latency
        }
        next = (next + 1) % Self.capacity
    }

    /// The nearest-rank quantile, or `nil` when there are too few values for it to mean something.
    package func quantile(_ share: Double, minimumCount: Int = 20) -> Duration? {
        guard values.count >= minimumCount else { return nil }
        let rank = Int((share * Double(values.count)).rounded(.up))
        return values.sorted()[min(max(rank, 1), values.count) - 1]
    }
}
