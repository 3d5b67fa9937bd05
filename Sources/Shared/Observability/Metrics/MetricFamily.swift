import Synchronization

/// All series of one metric.
final class MetricFamily<Series: Sendable>: Sendable {
    /// Beyond this many label combinations, further ones share a series whose labels say `other`.
    static var seriesLimit: Int { 1_000 }

    let declaration: MetricDeclaration
    private let make: @Sendable () -> Series
    private let series = Mutex<[[String]: Series]>([:])

    init(_ declaration: MetricDeclaration, make: @escaping @Sendable () -> Series) {
        self.declaration = declaration
        self.make = make
    }

    /// The series with these label values, made on first use.
    func series(_ labelValues: [String]) -> Series {
        series.withLock { series in
            if let known = series[labelValues] { return known }
            var key = labelValues
            if series.count >= Self.seriesLimit {
                key = labelValues.map { _ in "other" }
                if let overflow = series[key] { return overflow }
            }
            let new = make()
            series[key] = new
            return new
        }
    }

    /// Every series, ordered by label values.
    func all() -> [(labelValues: [String], series: Series)] {
        series.withLock { Array($0) }
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }
            .map { ($0.key, $0.value) }
    }
}
