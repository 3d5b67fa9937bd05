import CoreMetrics
import Foundation
import Testing

@testable import Observability

@Suite struct ExpositionTests {
    private struct AnyText: MetricLabel {
        static let label = "text"
        static let values: [String]? = nil
        var value: String
    }

    @Test func `the exposition is exactly as the text format asks`() {
        let counter = CounterMetric(
            "test_events_total", unit: "events", help: "Events,\nof a kind \\.", labels: StageLabel.self)
        let gauge = GaugeMetric(
            "test_level", unit: "ratio", help: "Level.", labels: AnyText.self, AudioKind.self)
        let histogram = HistogramMetric("test_seconds", unit: "seconds", help: "Time.", bounds: [0.5, 1])
        let unused = CounterMetric("test_unused_total", unit: "events", help: "Never asked for.")
        let registry = MetricsRegistry(
            catalogue: [counter.declaration, gauge.declaration, histogram.declaration, unused.declaration])
        registry.counter(counter, .transcribe).increment()
        registry.counter(counter, .coach).increment(by: 2.25)
        registry.gauge(gauge, AnyText(value: "a\"b\\c\nd"), .upload).set(-0.125)
        for value in [0.25, 0.5, 0.75, 7] { registry.histogram(histogram).observe(value) }
        #expect(
            registry.exposition() == #"""
                # HELP test_events_total Events,\nof a kind \\.
                # TYPE test_events_total counter
                test_events_total{stage="coach"} 2.25
                test_events_total{stage="transcribe"} 1
                # HELP test_level Level.
                # TYPE test_level gauge
                test_level{text="a\"b\\c\nd",kind="upload"} -0.125
                # HELP test_seconds Time.
                # TYPE test_seconds histogram
                test_seconds_bucket{le="0.5"} 2
                test_seconds_bucket{le="1"} 3
                test_seconds_bucket{le="+Inf"} 4
                test_seconds_sum 8.5
                test_seconds_count 4

                """#)
        #expect(ExpositionChecker(registry.exposition()).faults == [])
    }

    @Test func `every metric of the catalogue is exposed in legal syntax`() throws {
        let registry = MetricsRegistry()
        for declaration in MetricsCatalogue.all {
            let dimensions = declaration.labels.map { ($0.name, $0.values?.first ?? "1.0") }
            switch declaration.kind {
            case .counter:
                registry.makeCounter(label: declaration.name, dimensions: dimensions).increment(by: 3)
            case .gauge: registry.makeMeter(label: declaration.name, dimensions: dimensions).set(2.5)
            case .histogram:
                registry.makeTimer(label: declaration.name, dimensions: dimensions).recordNanoseconds(
                    1_000_000)
            }
        }
        let checked = ExpositionChecker(registry.exposition())
        #expect(checked.faults == [])
        for declaration in MetricsCatalogue.all {
            #expect(checked.samples.contains { $0.name.hasPrefix(declaration.name) }, "\(declaration.name)")
        }
        #expect(checked.value("process_start_time_seconds") == 2.5)
    }

    @Test func `names from elsewhere fall under other`() {
        let registry = MetricsRegistry()
        registry.counter(MetricsCatalogue.jobsClaimed, StageLabel("of-the-future")).increment()
        registry.makeCounter(label: "speechcoach_jobs_claimed_total", dimensions: [("stage", "made up")])
            .increment(by: 1)
        let checked = ExpositionChecker(registry.exposition())
        #expect(checked.value("speechcoach_jobs_claimed_total", ["stage": "other"]) == 2)
    }

    @Test func `libraries' metrics get legal names and a bounded number of families and series`() {
        let registry = MetricsRegistry()
        Counter(label: "hb.requests", dimensions: [("hb.uri", "/x"), ("le-vel", "\"")], factory: registry)
            .increment()
        Timer(label: "hb.request.duration", factory: registry).recordMilliseconds(20)
        Gauge(label: "9lives", factory: registry).record(4)
        Meter(label: "swift.meter", factory: registry).increment(by: 2)
        FloatingPointCounter(label: "f", factory: registry).increment(by: 0.5)
        Recorder(label: "sizes", factory: registry).record(3)
        for number in 0..<2_000 {
            Counter(label: "many", dimensions: [("id", "\(number)")], factory: registry).increment()
            Counter(label: "family\(number)", factory: registry).increment()
        }
        let checked = ExpositionChecker(registry.exposition())
        #expect(checked.faults == [])
        #expect(checked.value("hb_requests_total", ["hb_uri": "/x", "le_vel": "\""]) == 1)
        #expect(checked.value("hb_request_duration_seconds_sum") == 0.02)
        #expect(checked.value("_9lives") == 4)
        #expect(checked.value("swift_meter") == 2)
        #expect(checked.value("f_total") == 0.5)
        #expect(checked.value("sizes_count") == 1)
        let many = checked.samples.filter { $0.name == "many_total" }
        #expect(many.count == 1_001)
        #expect(many.map(\.value).reduce(0, +) == 2_000)
        #expect(checked.samples.filter { $0.name.hasPrefix("family") }.count < 100)
    }

    @Test func `the process tells its own use of the machine`() {
        let registry = MetricsRegistry()
        ProcessMetrics.install(in: registry, version: "1.2.3")
        let checked = ExpositionChecker(registry.exposition())
        #expect(checked.faults == [])
        #expect(checked.value("speechcoach_build_info", ["version": "1.2.3"]) == 1)
        #expect(checked.value("process_cpu_seconds_total").map { $0 >= 0 } == true)
        #expect(checked.value("process_resident_memory_bytes").map { $0 > 1_000_000 } == true)
        #expect(checked.value("process_open_fds").map { $0 > 2 } == true)
        #expect(checked.value("process_max_fds").map { $0 > 2 } == true)
        let age = checked.value("process_start_time_seconds").map { Date().timeIntervalSince1970 - $0 }
        #expect(age.map { $0 > -5 && $0 < 86_400 } == true)
    }

    @Test func `a command name with spaces and parentheses does not shift the fields`() {
        let fields = (3...52).map(String.init).joined(separator: " ")
        let stat = ProcessStat("17 (a) b (c)) \(fields)\n", ticksPerSecond: 10)
        #expect(stat?.cpuSeconds == 2.9)
        #expect(stat?.startSecondsAfterBoot == 2.2)
        #expect(ProcessStat("17 (a", ticksPerSecond: 10) == nil)
        #expect(ProcessStat("17 (a) R 1 2", ticksPerSecond: 10) == nil)
    }
}

@Suite struct ExpositionCheckerTests {
    @Test(arguments: [
        "a_total 1\n", "# HELP a A.\n# TYPE a counter\na 1\n",
        "# HELP a_total A.\n# TYPE a_total counter\na_total -1\n",
        "# HELP a A.\n# TYPE a gauge\na 1", "# HELP a A.\n# TYPE a gauge\na{b=\"\\x\"} 1\n",
        "# HELP a A.\n# TYPE a gauge\na{b=\"1\",} 1\n", "# HELP a A.\n# TYPE a gauge\na 1\na 2\n",
        "# nothing\n",
        "# HELP a A.\n# TYPE a gauge\na one\n", "# HELP a A.\n# TYPE a gauge\na{b=\"1\"c=\"2\"} 1\n",
        "# HELP a A.\n# TYPE a histogram\na_bucket{le=\"1\"} 1\na_sum 1\na_count 1\n",
        "# HELP a A.\n# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n",
        "# HELP a A.\n# TYPE a gauge\na 1\n# HELP b B.\n# TYPE b gauge\nb 1\na{c=\"1\"} 1\n",
    ]) func `the checker sees a fault`(text: String) {
        #expect(!ExpositionChecker(text).faults.isEmpty)
    }
}
