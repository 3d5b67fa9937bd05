/// Writes `docs/metrics.md` from the catalogue.
package enum MetricsReference {
    /// The whole page.
    package static func markdown(_ catalogue: [MetricDeclaration] = MetricsCatalogue.all) -> String {
        var page = """
            # Metrics

            Every role serves these at `GET /metrics` in the Prometheus text format 0.0.4. Labels take only the
            values listed, so the number of series is bounded; none of them identifies a user. A counter or
            histogram appears when its role first asks for it, a gauge with its first value. Libraries may add
            metrics of their own, such as Hummingbird's `hb_requests_total`.

            This page is written from `MetricsCatalogue`; a test compares the two.

            | metric | type | unit | labels | meaning |
            |---|---|---|---|---|

            """
        for metric in catalogue {
            let labels = metric.labels.map { "`\($0.name)`" }.joined(separator: ", ")
            page +=
                "| `\(metric.name)` | \(type(of: metric)) | \(metric.unit) | \(labels) | \(metric.help) |\n"
        }
        page += "\n## Label values\n\n| metric | label | values |\n|---|---|---|\n"
        for metric in catalogue {
            for label in metric.labels {
                let values = label.values.map { $0.map { "`\($0)`" }.joined(separator: " ") }
                page += "| `\(metric.name)` | `\(label.name)` | \(values ?? "one per process") |\n"
            }
        }
        page += "\n## Histogram bounds\n\n| metric | upper bounds |\n|---|---|\n"
        for metric in catalogue {
            guard case .histogram(let bounds) = metric.kind else { continue }
            let shown = bounds.map { PrometheusText.show($0) }.joined(separator: " ")
            page += "| `\(metric.name)` | \(shown) +Inf |\n"
        }
        return page
    }

    private static func type(of metric: MetricDeclaration) -> String {
        switch metric.kind {
        case .counter: "counter"
        case .gauge: "gauge"
        case .histogram: "histogram"
        }
    }
}
