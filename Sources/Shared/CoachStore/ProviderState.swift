package import CoachDomain
package import Foundation

/// Who a row of the providers' tables is about.
package struct ProviderStateKey: Hashable, Sendable, Codable {
    package var provider: String
    package var model: String
    package var operation: ProviderCall.Operation

    package init(provider: String, model: String, operation: ProviderCall.Operation) {
        self.provider = provider
        self.model = model
        self.operation = operation
    }
}

/// What some process found out about a provider. Waits are what is left of them by the server's clock, negative
/// when they are over, so that the clocks of workers do not matter.
package struct ProviderState: Hashable, Sendable {
    package var key: ProviderStateKey
    /// Raw value of `CircuitBreaker.State`.
    package var state: String
    package var openFor: Duration?
    package var throttledFor: Duration?
    package var suspendedFor: Duration?
    package var openings: Int
    package var suspensions: Int
    /// Calls at a time that the provider was found to bear.
    package var concurrency: Double?

    package init(
        key: ProviderStateKey, state: String, openFor: Duration?, throttledFor: Duration?,
        suspendedFor: Duration?, openings: Int, suspensions: Int, concurrency: Double?
    ) {
        self.key = key
        self.state = state
        self.openFor = openFor
        self.throttledFor = throttledFor
        self.suspendedFor = suspendedFor
        self.openings = openings
        self.suspensions = suspensions
        self.concurrency = concurrency
    }
}

/// A provider's state as the ledger keeps it.
package struct KeptProviderState: Hashable, Sendable {
    package var state: ProviderState
    /// Rises with every change.
    package var version: Int64
    package var changedBy: String
    package var changedAt: Date
}

/// An operator's switch that holds.
package struct KeptSwitch: Hashable, Sendable, Codable {
    package var provider: String
    package var operation: ProviderCall.Operation
    /// Nobody calls it; otherwise it is called whatever its failures.
    package var isOpen: Bool
    package var reason: String?
    package var setBy: String
    package var setAt: Date
    /// `nil`: until somebody takes it back.
    package var expiresAt: Date?
    /// Until it ends, by the server's clock.
    package var secondsLeft: Double?
}

/// What an exchange with the ledger brought: all of it, as there are few providers.
package struct ProviderKnowledge: Hashable, Sendable {
    package var states: [KeptProviderState]
    package var switches: [KeptSwitch]
}

/// How the calls of a provider went.
package struct ProviderStatistics: Hashable, Sendable, Codable {
    package var key: ProviderStateKey
    package var calls: Int
    package var failures: Int
    /// Of successful calls, in seconds; `nil` when there were none.
    package var p50Seconds: Double?
    package var p95Seconds: Double?
    package var p99Seconds: Double?
    package var costMicroUSD: Int64
}
