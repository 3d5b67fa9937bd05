/// What a metric means, as the exposition and `docs/metrics.md` state it.
package struct MetricDeclaration: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// Only grows; its name ends in `_total`.
        case counter
        /// The value now.
        case gauge
        /// Counts observations at or below each of the ascending `bounds`, in the metric's unit.
        case histogram(bounds: [Double])
    }

    package struct Label: Sendable, Equatable {
        package let name: String
        /// The values the label can take; nil when the process has exactly one.
        package let values: [String]?
    }

    /// `[a-zA-Z_:][a-zA-Z0-9_:]*`, with the unit and `_total` as the Prometheus naming rules ask.
    package let name: String
    package let kind: Kind
    /// One sentence.
    package let help: String
    /// The base unit, or what is counted.
    package let unit: String
    package let labels: [Label]
}

/// A counter of the catalogue; the parameters are its labels, in order.
package struct CounterMetric<each L: MetricLabel>: Sendable {
    package let declaration: MetricDeclaration

    package init(_ name: String, unit: String, help: String, labels: repeat (each L).Type) {
        declaration = MetricDeclaration(
            name: name, kind: .counter, help: help, unit: unit, labels: declare(repeat each labels))
    }
}

/// A gauge of the catalogue; the parameters are its labels, in order.
package struct GaugeMetric<each L: MetricLabel>: Sendable {
    package let declaration: MetricDeclaration

    package init(_ name: String, unit: String, help: String, labels: repeat (each L).Type) {
        declaration = MetricDeclaration(
            name: name, kind: .gauge, help: help, unit: unit, labels: declare(repeat each labels))
    }
}

/// A histogram of the catalogue; the parameters are its labels, in order.
package struct HistogramMetric<each L: MetricLabel>: Sendable {
    package let declaration: MetricDeclaration

    /// - Parameter bounds: Ascending upper bounds, inclusive, in `unit`; `+Inf` is implied.
    package init(
        _ name: String, unit: String, help: String, bounds: [Double], labels: repeat (each L).Type
    ) {
        declaration = MetricDeclaration(
            name: name, kind: .histogram(bounds: bounds), help: help, unit: unit,
            labels: declare(repeat each labels))
    }
}

private func declare<each L: MetricLabel>(_ types: repeat (each L).Type) -> [MetricDeclaration.Label] {
    var labels: [MetricDeclaration.Label] = []
    for type in repeat each types {
        labels.append(MetricDeclaration.Label(name: type.label, values: type.values))
    }
    return labels
}
