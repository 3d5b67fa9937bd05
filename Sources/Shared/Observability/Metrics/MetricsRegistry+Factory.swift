package import CoreMetrics

/// Serves libraries that count through swift-metrics.
///
/// A label that is a name of the catalogue reaches that metric, its dimensions matched by name and bounded
/// to the declared values. Any other label becomes a metric of its own: its name made legal and given the
/// unit Prometheus expects, at most ``foreignLimit`` of them beside the catalogue.
extension MetricsRegistry: MetricsFactory {
    /// Metrics that libraries may add.
    static let foreignLimit = 100
    /// Bounds for timers and recorders that nothing declares.
    static let foreignBounds: [Double] = [
        0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ]

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        counter(label: label, dimensions: dimensions)
    }

    package func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        counter(label: label, dimensions: dimensions)
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        gauge(label: label, dimensions: dimensions)
    }

    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        aggregate
            ? histogram(label: label, suffix: "", unit: "value", dimensions: dimensions)
            : gauge(label: label, dimensions: dimensions)
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(label: label, suffix: "_seconds", unit: "seconds", dimensions: dimensions)
    }

    // A series outlives the library object that counted it: Prometheus wants its last value.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}

    private func counter(label: String, dimensions: [(String, String)]) -> CounterSeries {
        let declaration = foreign(label, suffix: "_total", kind: .counter, unit: "events", dimensions)
        guard case .counter(let family) = foreignFamily(declaration) else { return CounterSeries() }
        return family.series(Self.values(for: family.declaration, from: dimensions))
    }

    private func gauge(label: String, dimensions: [(String, String)]) -> GaugeSeries {
        let declaration = foreign(label, suffix: "", kind: .gauge, unit: "value", dimensions)
        guard case .gauge(let family) = foreignFamily(declaration) else { return GaugeSeries() }
        return family.series(Self.values(for: family.declaration, from: dimensions))
    }

    private func histogram(
        label: String, suffix: String, unit: String, dimensions: [(String, String)]
    ) -> HistogramSeries {
        let declaration = foreign(
            label, suffix: suffix, kind: .histogram(bounds: Self.foreignBounds), unit: unit, dimensions)
        guard case .histogram(let family) = foreignFamily(declaration) else {
            return HistogramSeries(bounds: [])
        }
        return family.series(Self.values(for: family.declaration, from: dimensions))
    }

    private func foreignFamily(_ declaration: MetricDeclaration) -> Family? {
        family(declaration, limit: MetricsCatalogue.all.count + Self.foreignLimit)
    }

    private func foreign(
        _ label: String, suffix: String, kind: MetricDeclaration.Kind, unit: String,
        _ dimensions: [(String, String)]
    ) -> MetricDeclaration {
        var name = Self.legalName(label)
        if !suffix.isEmpty, !name.hasSuffix(suffix) { name += suffix }
        return MetricDeclaration(
            name: name, kind: kind, help: "From a library, by the name \(label).", unit: unit,
            labels: dimensions.map { MetricDeclaration.Label(name: Self.legalLabel($0.0), values: nil) })
    }

    private static func values(
        for declaration: MetricDeclaration, from dimensions: [(String, String)]
    ) -> [String] {
        declaration.labels.map { label in
            guard let value = dimensions.first(where: { legalLabel($0.0) == label.name })?.1 else {
                return ""
            }
            guard let values = label.values, !values.contains(value) else { return value }
            return "other"
        }
    }

    private static func legalName(_ text: String) -> String {
        legal(text) { $0 == "_" || $0 == ":" }
    }

    private static func legalLabel(_ text: String) -> String {
        legal(text) { $0 == "_" }
    }

    private static func legal(_ text: String, allowing extra: (Character) -> Bool) -> String {
        let name = String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber) || extra($0) ? $0 : "_" })
        return name.first.map { $0.isNumber } ?? true ? "_" + name : name
    }
}
