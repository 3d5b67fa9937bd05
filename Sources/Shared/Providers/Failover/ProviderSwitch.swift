package import CoachDomain

/// An operator's word about one provider, above everything that was found out.
package struct ProviderSwitch: Hashable, Sendable {
    /// Nobody calls it; otherwise it is called whatever its failures, except while it asks for a pause itself.
    package var isOpen: Bool
    /// `nil`: until somebody takes it back.
    package var until: ContinuousClock.Instant?

    package init(isOpen: Bool, until: ContinuousClock.Instant?) {
        self.isOpen = isOpen
        self.until = until
    }

    /// What it is about: all models of a provider.
    package struct Subject: Hashable, Sendable {
        package var provider: String
        package var operation: ProviderCall.Operation

        package init(provider: String, operation: ProviderCall.Operation) {
            self.provider = provider
            self.operation = operation
        }
    }
}

extension ProviderBoard {
    /// Replaces all switches; see ``ProviderSwitch``.
    package mutating func replaceSwitches(_ switches: [ProviderSwitch.Subject: ProviderSwitch]) {
        self.switches = switches
    }

    /// The operator's word on a provider, if it holds.
    func word(on key: ProviderKey, at now: Instant) -> ProviderSwitch? {
        guard !switches.isEmpty,
            let word = switches[.init(provider: key.provider, operation: key.operation)],
            word.until.map({ $0 > now }) ?? true
        else { return nil }
        return word
    }

    /// What an operator or a dashboard is told.
    package func state(of key: ProviderKey, at now: Instant) -> CircuitBreaker.State {
        if let word = word(on: key, at: now) { return word.isOpen ? .forcedOpen : .forcedClosed }
        return records[key]?.breaker.state(at: now) ?? .closed
    }
}
