package import CoachDomain
package import Observability

extension MetricsRegistry {
    /// Counts the paid calls of one attempt.
    package func book(_ calls: [ProviderCall]) {
        for call in calls {
            let provider = ProviderLabel(call.provider)
            let operation: ProviderOperation =
                switch call.operation {
                case .speech: .transcribe
                case .coaching: .coach
                case .voice: .speak
                }
            let outcome = call.failure.map { ProviderOutcome(failure: $0) } ?? .succeeded
            counter(MetricsCatalogue.providerCalls, provider, operation, outcome).increment()
            histogram(MetricsCatalogue.providerDuration, provider, operation).observe(call.latencySeconds)
            counter(MetricsCatalogue.providerCost, provider, operation).increment(by: call.costMicroUSD)
        }
    }
}

extension ProviderOutcome {
    /// From the stable name of a failure class in the ledger.
    init(failure: String) {
        self =
            switch failure {
            case "rateLimited": .rateLimited
            case "quota": .quota
            case "authentication": .unauthorized
            case "misconfigured": .misconfigured
            case "overloaded", "server": .overloaded
            case "timedOut": .timedOut
            case "network": .network
            case "truncated": .truncated
            case "contentBlocked": .contentBlocked
            case "requestInvalid": .requestInvalid
            case "tooLarge": .tooLarge
            case "malformedResponse": .invalidOutput
            case "cancelled": .cancelled
            default: .other
            }
    }
}
