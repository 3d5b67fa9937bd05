import CoachDomain
import CoachStore
import JobQueue
import Observability

/// What the transcribe stage counts.
struct TranscribeMetrics: Sendable {
    private let registry: MetricsRegistry
    private let download: HistogramSeries
    private let originalSeconds: CounterSeries
    private let uploadSeconds: CounterSeries

    init(_ registry: MetricsRegistry) {
        self.registry = registry
        download = registry.histogram(MetricsCatalogue.stageDuration, .transcribe, .download)
        originalSeconds = registry.counter(MetricsCatalogue.audioSeconds, .original)
        uploadSeconds = registry.counter(MetricsCatalogue.audioSeconds, .upload)
    }

    func downloaded(_ duration: Duration) { download.observe(duration) }

    func heard(_ result: NoteTranscriber.Result) {
        originalSeconds.increment(by: result.note.audio.originalSeconds)
        uploadSeconds.increment(by: result.note.audio.uploadSeconds)
        for step in result.steps {
            guard let label = StepLabel(rawValue: step.name) else { continue }
            registry.histogram(MetricsCatalogue.stageDuration, .transcribe, label).observe(step.seconds)
        }
        book(result.calls)
    }

    func book(_ calls: [ProviderCall]) { registry.book(calls) }
}
