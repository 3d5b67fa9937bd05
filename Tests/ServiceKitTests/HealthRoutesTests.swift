import Logging
import Observability
import Testing

@testable import ServiceKit

@Suite struct HealthRoutesTests {
    /// Serves the routes on a free port while `body` runs.
    private func serving(
        _ health: HealthRegistry, metrics: MetricsRegistry = MetricsRegistry(),
        _ body: (_ port: Int) async throws -> Void
    ) async throws {
        let (ports, announce) = AsyncStream.makeStream(of: Int.self)
        let server = ObservabilityServer.make(
            health: health, metrics: metrics, host: "127.0.0.1", port: 0,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            onListening: { announce.yield($0) })
        let running = Task { try await server.run() }
        defer { running.cancel() }
        for await port in ports {
            try await body(port)
            break
        }
    }

    @Test func `ready answers 200, and 503 with a reason for each dependency that is down`() async throws {
        let postgres = HealthRegistryTests.Dependency()
        let redis = HealthRegistryTests.Dependency()
        redis.set(down: true)
        let health = HealthRegistry(
            [postgres.check("postgres"), redis.check("redis", isRequired: false)], freshness: .zero)
        try await serving(health) { port in
            let degraded = try await HTTPAnswer.get("/health/ready", port: port)
            #expect(degraded.status == 200)
            #expect(degraded.contentType == "application/json")
            #expect(degraded.cacheControl == "no-store")
            #expect(
                degraded.body
                    == #"{"dependencies":{"postgres":{"required":true,"status":"up"},"redis":{"reason":"Failure.refused(code: 7)","required":false,"status":"down"}},"status":"degraded"}"#
            )
            postgres.set(down: true)
            let unavailable = try await HTTPAnswer.get("/health/ready", port: port)
            #expect(unavailable.status == 503)
            #expect(
                unavailable.body.contains(
                    #""postgres":{"reason":"Failure.refused(code: 7)","required":true,"status":"down"}"#))
        }
    }

    @Test func `live answers 200 during an outage and asks nobody`() async throws {
        let dependency = HealthRegistryTests.Dependency()
        dependency.set(down: true)
        try await serving(HealthRegistry([dependency.check("postgres")])) { port in
            let answer = try await HTTPAnswer.get("/health/live", port: port)
            #expect(answer.status == 200)
            #expect(answer.body == #"{"status":"live"}"#)
        }
        #expect(dependency.asked == 0)
    }

    @Test func `metrics answers the exposition with its content type`() async throws {
        let metrics = MetricsRegistry()
        metrics.counter(MetricsCatalogue.redisWipes).increment()
        try await serving(HealthRegistry([]), metrics: metrics) { port in
            let answer = try await HTTPAnswer.get("/metrics", port: port)
            #expect(answer.status == 200)
            #expect(answer.contentType == "text/plain; version=0.0.4; charset=utf-8")
            #expect(answer.body.contains("\nspeechcoach_redis_wipes_total 1\n"))
        }
    }
}
