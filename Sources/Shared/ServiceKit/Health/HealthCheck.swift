import Observability

/// A question to one dependency.
package struct HealthCheck: Sendable {
    /// The dependency, for example `postgres`.
    package let name: String
    /// Whether the role is of no use without it.
    package let isRequired: Bool
    let probe: @Sendable () async throws -> Void

    /// - Parameters:
    ///   - name: The dependency, unique in its registry.
    ///   - isRequired: False for what can be done without for a while, such as Redis beside the ledger.
    ///   - probe: Returns when the dependency works and throws when it does not; the error is shown as
    ///     ``SafeErrorDescription`` tells it. Never run twice at the same time, and not cancelled.
    package init(_ name: String, isRequired: Bool = true, probe: @escaping @Sendable () async throws -> Void)
    {
        self.name = name
        self.isRequired = isRequired
        self.probe = probe
    }

    /// Nil when the dependency works.
    func failure() async -> String? {
        do {
            try await probe()
            return nil
        } catch {
            return SafeErrorDescription.of(error)
        }
    }
}
