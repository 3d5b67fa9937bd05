package import Logging
import ServiceLifecycle

/// Tells the world that this process is about to stop, before anything in it does.
///
/// Belongs at the end of the group: groups stop in reverse order, so readiness turns before the listener
/// closes, and load balancers have `notice` to look elsewhere.
package struct DrainNotice: Service {
    private let health: HealthRegistry
    private let notice: Duration
    private let logger: Logger

    /// - Parameter notice: How long the other services go on after readiness has turned.
    package init(_ health: HealthRegistry, notice: Duration = .zero, logger: Logger) {
        self.health = health
        self.notice = notice
        self.logger = logger
    }

    package func run() async throws {
        try? await gracefulShutdown()
        await health.drain()
        logger.info("draining")
        try? await Task.sleep(for: notice)
    }
}
