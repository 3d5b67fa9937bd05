import Hummingbird
package import Logging
import NIOCore

extension BotAPIEmulator {
    /// Serves HTTP and delivers updates until the task is cancelled or the server fails.
    ///
    /// - Parameters:
    ///   - port: 0 for any free one.
    ///   - onListening: Called once with the real port.
    package nonisolated func run(
        host: String = "127.0.0.1", port: Int = 0, onListening: @escaping @Sendable (_ port: Int) -> Void
    ) async throws {
        let application = Application(
            responder: BotAPIResponder(emulator: self),
            configuration: ApplicationConfiguration(address: .hostname(host, port: port), serverName: nil),
            onServerRunning: { channel in onListening(channel.localAddress?.port ?? port) },
            logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            group.addTask { await self.deliver() }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}

/// An emulator that listens on a loopback port.
package final class RunningEmulator: Sendable {
    package let emulator: BotAPIEmulator
    /// For `TELEGRAM_API_URL`.
    package let url: String
    private let task: Task<Void, any Error>

    private init(emulator: BotAPIEmulator, url: String, task: Task<Void, any Error>) {
        self.emulator = emulator
        self.url = url
        self.task = task
    }

    /// Returns once connections are accepted. Throws when the port cannot be bound.
    package static func start(
        configuration: BotAPIEmulator.Configuration = .init(), port: Int = 0,
        logger: Logger = Logger(label: "bot-api-emulator")
    ) async throws -> RunningEmulator {
        let emulator = BotAPIEmulator(configuration: configuration, logger: logger)
        let (ports, announce) = AsyncThrowingStream.makeStream(of: Int.self)
        let task = Task {
            do {
                try await emulator.run(port: port) { announce.yield($0) }
                announce.finish()
            } catch {
                announce.finish(throwing: error)
                throw error
            }
        }
        for try await port in ports {
            return RunningEmulator(emulator: emulator, url: "http://127.0.0.1:\(port)", task: task)
        }
        throw EmulatorError(reason: "the emulator ended before it listened")
    }

    /// Closes the port and gives up deliveries under way.
    package func stop() async {
        task.cancel()
        _ = await task.result
        await emulator.closeConnections()
    }

    deinit { task.cancel() }
}
