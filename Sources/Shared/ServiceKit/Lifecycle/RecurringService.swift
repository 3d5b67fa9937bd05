package import Logging
import ServiceLifecycle

/// Does something again and again until the process stops; a failure is logged and the next round comes all the same.
package struct RecurringService: Service {
    private let name: String
    private let interval: Duration
    private let logger: Logger
    private let action: @Sendable () async throws -> Void

    /// - Parameters:
    ///   - name: For the log.
    ///   - interval: Between two rounds; jittered by a quarter, so that many processes do not act at the same moment.
    ///   - action: Safe to run in many processes at once.
    package init(
        _ name: String, every interval: Duration, logger: Logger,
        _ action: @escaping @Sendable () async throws -> Void
    ) {
        self.name = name
        self.interval = interval
        self.logger = logger
        self.action = action
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await action()
                } catch {
                    logger.warning("\(name) failed", metadata: ["error": "\(type(of: error))"])
                }
                try? await Task.sleep(for: interval * Double.random(in: 0.75..<1.25))
            }
        }
    }
}
