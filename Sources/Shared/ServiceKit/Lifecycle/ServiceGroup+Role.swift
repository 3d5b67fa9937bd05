package import Logging
package import ServiceLifecycle
import UnixSignals

extension ServiceGroup {
    /// How long services may take to stop; below compose's and Kubernetes' patience before they kill.
    package static let gracefulShutdownLimit = Duration.seconds(28)
    /// How long they may take after being cancelled; then the process ends hard, because a job whose lease
    /// runs out is rescued, but a process that never ends is not.
    package static let cancellationLimit = Duration.seconds(2)

    /// The services of one process under one set of rules.
    ///
    /// SIGTERM and SIGINT stop them in reverse order, each before the next. A service that ends or fails on
    /// its own stops the others the same way rather than cancelling them.
    ///
    /// - Parameters:
    ///   - services: In the order of start: telemetry, stores, transports, workers, listeners, and
    ///     ``DrainNotice`` last.
    ///   - logger: Told about signals and failures.
    package static func role(_ services: [any Service], logger: Logger) -> ServiceGroup {
        var configuration = ServiceGroupConfiguration(
            services: services.map { service in
                ServiceGroupConfiguration.ServiceConfiguration(
                    service: service, successTerminationBehavior: .gracefullyShutdownGroup,
                    failureTerminationBehavior: .gracefullyShutdownGroup,
                    serviceName: String(describing: type(of: service)))
            },
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = gracefulShutdownLimit
        configuration.maximumCancellationDuration = cancellationLimit
        return ServiceGroup(configuration: configuration)
    }
}
