import Dispatch
import Testing

@testable import Observability

@Suite struct MetricSeriesTests {
    @Test func `concurrent counting loses nothing`() {
        let registry = MetricsRegistry()
        DispatchQueue.concurrentPerform(iterations: 8) { worker in
            let stage: StageLabel = worker.isMultiple(of: 2) ? .transcribe : .coach
            for _ in 0..<2_000 {
                registry.counter(MetricsCatalogue.jobsClaimed, stage).increment()
                registry.counter(MetricsCatalogue.audioSeconds, .original).increment(by: 0.5)
                registry.gauge(MetricsCatalogue.poolConnections, .busy).add(1)
                registry.gauge(MetricsCatalogue.poolConnections, .busy).add(-1)
                registry.histogram(MetricsCatalogue.stageDuration, stage, .total).observe(.seconds(2))
            }
        }
        let checked = ExpositionChecker(registry.exposition())
        #expect(checked.value("speechcoach_jobs_claimed_total", ["stage": "transcribe"]) == 8_000)
        #expect(checked.value("speechcoach_jobs_claimed_total", ["stage": "coach"]) == 8_000)
        #expect(checked.value("speechcoach_audio_seconds_total", ["kind": "original"]) == 8_000)
        #expect(checked.value("speechcoach_pool_connections", ["state": "busy"]) == 0)
        let stage = ["stage": "coach", "step": "total"]
        #expect(checked.value("speechcoach_stage_duration_seconds_count", stage) == 8_000)
        #expect(checked.value("speechcoach_stage_duration_seconds_sum", stage) == 16_000)
    }

    @Test func `a counter only grows`() {
        let counter = CounterSeries()
        counter.increment(by: 2 as Int64)
        counter.increment(by: -1 as Int64)
        counter.increment(by: -0.5)
        counter.increment(by: .nan)
        counter.increment(by: .infinity)
        counter.increment(by: 0.25)
        #expect(counter.total == 2.25)
    }

    @Test(arguments: [(0.0, 0), (1.0, 0), (1.5, 1), (2.0, 1), (2.1, 2), (.infinity, 2), (-1, 0)])
    func `a bound belongs to its own bucket`(value: Double, bucket: Int) {
        let histogram = HistogramSeries(bounds: [1, 2])
        histogram.observe(value)
        var expected: [UInt64] = [0, 0, 0]
        expected[bucket] = 1
        #expect(histogram.snapshot.counts == expected)
    }

    @Test func `what is not a number is not observed`() {
        let histogram = HistogramSeries(bounds: [1])
        histogram.observe(.nan)
        #expect(histogram.snapshot == HistogramSeries.Snapshot(counts: [0, 0], sum: 0))
    }
}
