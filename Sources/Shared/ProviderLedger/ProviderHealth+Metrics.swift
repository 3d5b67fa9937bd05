import CoachDomain
package import Observability
package import Providers

extension ProviderHealth {
    /// Lets a registry show which providers are not called.
    package func report(to metrics: MetricsRegistry) {
        metrics.addCollector { [weak self] metrics in
            guard let board = self?.snapshot else { return }
            var usable: [ProviderStateLabels: Bool] = [:]
            for key in board.records.keys {
                let state = board.state(of: key, at: .now)
                let isCalled = [.closed, .forcedClosed].contains(state)
                let labels = ProviderStateLabels(
                    provider: ProviderLabel(key.provider), operation: ProviderOperation(key.operation))
                // Of several models one that is called is enough.
                usable[labels] = usable[labels, default: false] || isCalled
            }
            for (labels, isCalled) in usable {
                metrics.gauge(MetricsCatalogue.providerUsable, labels.provider, labels.operation)
                    .set(isCalled ? 1 : 0)
            }
        }
    }
}

private struct ProviderStateLabels: Hashable {
    var provider: ProviderLabel
    var operation: ProviderOperation
}

extension ProviderOperation {
    fileprivate init(_ operation: ProviderCall.Operation) {
        self =
            switch operation {
            case .speech: .transcribe
            case .coaching: .coach
            case .voice: .speak
            }
    }
}
