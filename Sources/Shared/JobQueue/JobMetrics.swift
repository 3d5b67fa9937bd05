import CoachDomain
import Observability

extension JobStage {
    var label: StageLabel {
        switch self {
        case .transcribe: .transcribe
        case .coach: .coach
        case .deliver: .deliver
        case .converse: .converse
        }
    }
}

/// The series of one stage, looked up once.
struct JobMetrics: Sendable {
    let claimed: CounterSeries
    let fencedWrites: CounterSeries
    let duration: HistogramSeries
    private let registry: MetricsRegistry
    private let stage: StageLabel

    init(_ registry: MetricsRegistry, stage: JobStage) {
        self.registry = registry
        self.stage = stage.label
        claimed = registry.counter(MetricsCatalogue.jobsClaimed, stage.label)
        fencedWrites = registry.counter(MetricsCatalogue.fencedWrites)
        duration = registry.histogram(MetricsCatalogue.stageDuration, stage.label, .total)
    }

    func finished(_ outcome: JobOutcome) -> CounterSeries {
        registry.counter(MetricsCatalogue.jobsFinished, stage, outcome)
    }
}
