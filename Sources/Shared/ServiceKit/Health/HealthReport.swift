/// What a role knows about itself and the things it depends on, at one moment.
package struct HealthReport: Sendable, Equatable, Encodable {
    package enum Status: String, Sendable, Encodable {
        case ready
        /// Works, with less: a dependency that can be done without is down.
        case degraded
        /// A dependency that cannot be done without is down.
        case unavailable
        /// Stops soon and takes no new work.
        case draining
    }

    package struct Dependency: Sendable, Equatable, Encodable {
        package enum State: String, Sendable, Encodable { case up, down }

        package let status: State
        /// Why it is down, without a secret or an address.
        package let reason: String?
        /// Whether the role is ready without it.
        package let required: Bool
    }

    package let status: Status
    package let dependencies: [String: Dependency]

    /// Whether new work may be sent here.
    package var isReady: Bool { status == .ready || status == .degraded }
}
