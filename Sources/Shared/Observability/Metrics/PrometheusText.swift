/// Writes metrics in the Prometheus text format 0.0.4.
package struct PrometheusText: Sendable {
    /// What `GET /metrics` sends as its content type.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private(set) var text = ""

    /// Writes one family, or nothing when it has no series.
    mutating func append(_ family: MetricsRegistry.Family) {
        switch family {
        case .counter(let counter):
            appendFamily(counter, type: "counter") { text, labels, series in
                text.appendSample(counter.declaration.name, labels, series.total)
            }
        case .gauge(let gauge):
            appendFamily(gauge, type: "gauge") { text, labels, series in
                text.appendSample(gauge.declaration.name, labels, series.value)
            }
        case .histogram(let histogram):
            appendFamily(histogram, type: "histogram") { text, labels, series in
                text.appendHistogram(histogram.declaration.name, labels, series)
            }
        }
    }

    private mutating func appendFamily<Series: Sendable>(
        _ family: MetricFamily<Series>, type: String,
        appendSeries: (inout PrometheusText, [(String, String)], Series) -> Void
    ) {
        let all = family.all()
        guard !all.isEmpty else { return }
        let declaration = family.declaration
        text += "# HELP \(declaration.name) \(Self.escape(declaration.help, quote: false))\n"
        text += "# TYPE \(declaration.name) \(type)\n"
        for (labelValues, series) in all {
            appendSeries(&self, Array(zip(declaration.labels.map(\.name), labelValues)), series)
        }
    }

    private mutating func appendHistogram(
        _ name: String, _ labels: [(String, String)], _ series: HistogramSeries
    ) {
        let snapshot = series.snapshot
        var cumulative: UInt64 = 0
        for (bound, count) in zip(series.bounds + [.infinity], snapshot.counts) {
            cumulative += count
            appendSample("\(name)_bucket", labels + [("le", Self.show(bound))], Double(cumulative))
        }
        appendSample("\(name)_sum", labels, snapshot.sum)
        appendSample("\(name)_count", labels, Double(cumulative))
    }

    private mutating func appendSample(_ name: String, _ labels: [(String, String)], _ value: Double) {
        text += name
        if !labels.isEmpty {
            text += "{"
            for (index, (label, value)) in labels.enumerated() {
                if index > 0 { text += "," }
                text += "\(label)=\"\(Self.escape(value, quote: true))\""
            }
            text += "}"
        }
        text += " \(Self.show(value))\n"
    }

    static func escape(_ text: String, quote: Bool) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quote: escaped += "\\\""
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }

    static func show(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        guard let whole = Int64(exactly: value) else { return value.description }
        return whole.description
    }
}

extension MetricsRegistry {
    /// Everything the registry holds, in the Prometheus text format 0.0.4.
    ///
    /// Runs the collectors first. A metric without a series is left out.
    package func exposition() -> String {
        collect()
        var text = PrometheusText()
        for family in families { text.append(family) }
        return text.text
    }
}
