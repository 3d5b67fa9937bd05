import Foundation
import Logging
import Observability
import ServiceLifecycle
import Synchronization
import Testing

@testable import ServiceKit

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

@Suite struct LifecycleTests {
    private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Runs until it is told to stop, then does what a test asks.
    private struct Waiter: Service {
        var onStop: @Sendable () async -> Void
        func run() async throws {
            try await gracefulShutdown()
            await onStop()
        }
    }

    private struct Failing: Service {
        struct Failure: Error {}
        func run() async throws { throw Failure() }
    }

    @Test func `a role serves health and metrics on a free port and turns unready before it stops`()
        async throws
    {
        let health = HealthRegistry([], freshness: .zero)
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let statusAtStop = Mutex<HealthReport.Status?>(nil)
        let server = ObservabilityServer.make(
            health: health, metrics: MetricsRegistry(), host: "127.0.0.1", port: 0, logger: Self.quiet,
            onListening: { port.yield($0) })
        let waiter = Waiter {
            let status = await health.report().status
            statusAtStop.withLock { $0 = status }
        }
        let group = ServiceGroup.role(
            [waiter, server, DrainNotice(health, logger: Self.quiet)], logger: Self.quiet)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let bound = try #require(await ports.first { _ in true })
            #expect(bound > 0)
            let url = try #require(URL(string: "http://127.0.0.1:\(bound)/health/ready"))
            let (body, response) = try await URLSession.shared.data(from: url)
            #expect((response as? HTTPURLResponse)?.statusCode == 200)
            #expect(String(decoding: body, as: UTF8.self) == #"{"dependencies":{},"status":"ready"}"#)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        #expect(statusAtStop.withLock { $0 } == .draining)
    }

    @Test func `a port that is taken ends the group with an error`() async throws {
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let first = ServiceGroup.role(
            [
                ObservabilityServer.make(
                    health: HealthRegistry([]), metrics: MetricsRegistry(), host: "127.0.0.1", port: 0,
                    logger: Self.quiet, onListening: { port.yield($0) })
            ], logger: Self.quiet)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await first.run() }
            let taken = try #require(await ports.first { _ in true })
            let second = ServiceGroup.role(
                [
                    ObservabilityServer.make(
                        health: HealthRegistry([]), metrics: MetricsRegistry(), host: "127.0.0.1",
                        port: taken,
                        logger: Self.quiet)
                ], logger: Self.quiet)
            await #expect(throws: (any Error).self) { try await second.run() }
            await first.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    @Test func `a service that fails stops the others in order instead of cancelling them`() async {
        let stopped = Mutex(false)
        let waiter = Waiter { stopped.withLock { $0 = !Task.isCancelled } }
        let group = ServiceGroup.role([waiter, Failing()], logger: Self.quiet)
        await #expect(throws: Failing.Failure.self) { try await group.run() }
        #expect(stopped.withLock { $0 })
    }

    @Test func `exit codes are those of the contract`() {
        #expect(ExitCode.allCases.map(\.rawValue) == [0, 1, 2, 3, 4])
    }
}
