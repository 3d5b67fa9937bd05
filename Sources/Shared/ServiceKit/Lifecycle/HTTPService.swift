package import Hummingbird
package import Logging
import NIOCore
package import Observability
import ServiceLifecycle

/// An HTTP server as a member of a service group: listens until the group stops, then finishes the requests
/// at hand.
package struct HTTPService<Responder: HTTPResponder>: Service
where Responder.Context: InitializableFromSource<ApplicationRequestContextSource> {
    private let responder: Responder
    private let host: String
    private let port: Int
    private let logger: Logger
    private let onListening: @Sendable (_ port: Int) -> Void

    /// - Parameters:
    ///   - router: The routes.
    ///   - host: The address to bind.
    ///   - port: 0 for any free one.
    ///   - logger: Told the address once it is bound.
    ///   - onListening: Called with the real port once connections are accepted.
    package init<Builder: HTTPResponderBuilder>(
        _ router: Builder, host: String, port: Int, logger: Logger,
        onListening: @escaping @Sendable (_ port: Int) -> Void = { _ in }
    ) where Builder.Responder == Responder {
        responder = router.buildResponder()
        self.host = host
        self.port = port
        self.logger = logger
        self.onListening = onListening
    }

    /// Throws when the address cannot be bound.
    package func run() async throws {
        let application = Application(
            responder: responder,
            // Who went away without a word would hold a descriptor for ever.
            server: .http1(configuration: .init(idleTimeout: .seconds(60))),
            configuration: ApplicationConfiguration(address: .hostname(host, port: port), serverName: nil),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? port
                logger.info("listening", metadata: ["host": "\(host)", "port": .stringConvertible(port)])
                onListening(port)
            },
            logger: logger)
        try await application.run()
    }
}

/// The HTTP server of a role that has no other: health and metrics only.
package enum ObservabilityServer {
    package static func make(
        health: HealthRegistry, metrics: MetricsRegistry, host: String, port: Int, logger: Logger,
        onListening: @escaping @Sendable (_ port: Int) -> Void = { _ in }
    ) -> HTTPService<RouterResponder<BasicRequestContext>> {
        let router = Router()
        router.addObservability(health: health, metrics: metrics)
        return HTTPService(router, host: host, port: port, logger: logger, onListening: onListening)
    }
}
