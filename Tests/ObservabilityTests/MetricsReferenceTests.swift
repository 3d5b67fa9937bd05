import Foundation
import Testing

@testable import Observability

@Suite struct MetricsReferenceTests {
    private static let page = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../docs/metrics.md").standardizedFileURL

    /// Set `SPEECHCOACH_WRITE_DOCS=1` to write the page instead of comparing it.
    @Test func `docs metrics page is what the catalogue writes`() throws {
        let expected = MetricsReference.markdown()
        if ProcessInfo.processInfo.environment["SPEECHCOACH_WRITE_DOCS"] == "1" {
            try Data(expected.utf8).write(to: Self.page)
        }
        let actual = try String(contentsOf: Self.page, encoding: .utf8)
        #expect(actual == expected)
    }

    @Test func `names follow the Prometheus naming rules`() {
        let names = MetricsCatalogue.all.map(\.name)
        #expect(Set(names).count == names.count)
        for metric in MetricsCatalogue.all {
            #expect(metric.name.wholeMatch(of: /[a-z][a-z0-9_]*/) != nil)
            #expect(metric.name.hasPrefix("speechcoach_") || metric.name.hasPrefix("process_"))
            #expect(metric.name.hasSuffix("_total") == (metric.kind == .counter))
            for unit in ["ms", "millis", "milliseconds", "minutes", "kilobytes", "mb"] {
                #expect(!metric.name.split(separator: "_").contains(Substring(unit)), "\(metric.name)")
            }
            if metric.unit == "seconds" || metric.unit == "bytes" {
                #expect(metric.name.contains("_\(metric.unit)"), "\(metric.name)")
            }
            #expect(metric.help.hasSuffix("."))
            if case .histogram(let bounds) = metric.kind {
                #expect(bounds == bounds.sorted() && Set(bounds).count == bounds.count && !bounds.isEmpty)
            }
            for label in metric.labels {
                #expect(label.name.wholeMatch(of: /[a-z][a-z0-9_]*/) != nil)
                #expect(!["le", "quantile", "job", "instance"].contains(label.name))
            }
        }
    }

    @Test func `no metric can grow past the limit of series`() {
        for metric in MetricsCatalogue.all {
            let combinations = metric.labels.reduce(1) { $0 * ($1.values?.count ?? 1) }
            #expect(combinations <= 1_000, "\(metric.name)")
        }
    }

    @Test func `no label speaks of a person or of content`() {
        let forbidden: Set<String> = [
            "user", "chat", "note", "file", "text", "error", "message", "url", "path",
        ]
        for metric in MetricsCatalogue.all {
            #expect(forbidden.isDisjoint(with: metric.labels.map(\.name)), "\(metric.name)")
        }
    }
}
