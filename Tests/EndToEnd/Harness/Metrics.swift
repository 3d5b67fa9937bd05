/// A Prometheus exposition, by series.
struct Metrics {
    private var values: [String: Double] = [:]

    init(_ exposition: String) {
        for line in exposition.split(separator: "\n") where !line.hasPrefix("#") {
            guard let space = line.lastIndex(of: " "), let value = Double(line[line.index(after: space)...])
            else { continue }
            values[String(line[..<space])] = value
        }
    }

    /// The value of a series as it is written, labels included; zero for one that has not appeared.
    subscript(series: String) -> Double { values[series] ?? 0 }
}

extension Deployment.Process {
    var metrics: Metrics { get async throws { Metrics(try await HTTP.get(origin + "/metrics").text) } }
}
