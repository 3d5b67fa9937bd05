import Synchronization

/// Holds the process's metrics and writes them down for Prometheus.
///
/// Code of the product asks for series by their declaration in ``MetricsCatalogue``:
///
/// ```swift
/// let claimed = metrics.counter(MetricsCatalogue.jobsClaimed, .transcribe)
/// claimed.increment()
/// ```
///
/// Asking costs a dictionary look-up under a lock; a series that is used often is kept by its user. A
/// counter or histogram that was asked for is exposed from zero on. Libraries that speak swift-metrics are
/// served by the ``CoreMetrics/MetricsFactory`` conformance.
package final class MetricsRegistry: Sendable {
    enum Family: Sendable {
        case counter(MetricFamily<CounterSeries>)
        case gauge(MetricFamily<GaugeSeries>)
        case histogram(MetricFamily<HistogramSeries>)

        init(_ declaration: MetricDeclaration) {
            switch declaration.kind {
            case .counter: self = .counter(MetricFamily(declaration) { CounterSeries() })
            case .gauge: self = .gauge(MetricFamily(declaration) { GaugeSeries() })
            case .histogram(let bounds):
                self = .histogram(MetricFamily(declaration) { HistogramSeries(bounds: bounds) })
            }
        }
    }

    private struct State {
        var families: [String: Family] = [:]
        /// Names in the order of declaration, which is the order of the exposition.
        var order: [String] = []
        var collectors: [@Sendable (MetricsRegistry) -> Void] = []
    }

    private let state: Mutex<State>

    /// - Parameter catalogue: The metrics known from the start, in the order of their exposition.
    package init(catalogue: [MetricDeclaration] = MetricsCatalogue.all) {
        var state = State()
        for declaration in catalogue {
            state.families[declaration.name] = Family(declaration)
            state.order.append(declaration.name)
        }
        self.state = Mutex(state)
    }

    /// The counter's series with these labels.
    package func counter<each L: MetricLabel>(
        _ metric: CounterMetric<repeat each L>, _ labels: repeat each L
    ) -> CounterSeries {
        guard case .counter(let family) = family(metric.declaration) else { return CounterSeries() }
        return family.series(values(repeat each labels))
    }

    /// The gauge's series with these labels.
    package func gauge<each L: MetricLabel>(
        _ metric: GaugeMetric<repeat each L>, _ labels: repeat each L
    ) -> GaugeSeries {
        guard case .gauge(let family) = family(metric.declaration) else { return GaugeSeries() }
        return family.series(values(repeat each labels))
    }

    /// The histogram's series with these labels.
    package func histogram<each L: MetricLabel>(
        _ metric: HistogramMetric<repeat each L>, _ labels: repeat each L
    ) -> HistogramSeries {
        guard case .histogram(let family) = family(metric.declaration) else {
            return HistogramSeries(bounds: [])
        }
        return family.series(values(repeat each labels))
    }

    /// Runs `collect` before each exposition, for values that are read rather than counted.
    ///
    /// - Parameter collect: Must not block: it runs while a scrape waits.
    package func addCollector(_ collect: @escaping @Sendable (MetricsRegistry) -> Void) {
        state.withLock { $0.collectors.append(collect) }
    }

    func collect() {
        for collect in state.withLock(\.collectors) { collect(self) }
    }

    var families: [Family] {
        state.withLock { state in state.order.compactMap { state.families[$0] } }
    }

    /// The family with the declaration's name, declared now when it is new.
    ///
    /// Metrics beyond `limit` families are not declared: nil.
    func family(_ declaration: MetricDeclaration, limit: Int = .max) -> Family? {
        state.withLock { state in
            if let known = state.families[declaration.name] { return known }
            guard state.order.count < limit else { return nil }
            let new = Family(declaration)
            state.families[declaration.name] = new
            state.order.append(declaration.name)
            return new
        }
    }

    private func values<each L: MetricLabel>(_ labels: repeat each L) -> [String] {
        var values: [String] = []
        for label in repeat each labels { values.append(label.value) }
        return values
    }
}
