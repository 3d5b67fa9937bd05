import Hummingbird
import HummingbirdTesting
import Observability
import Testing

@testable import ServiceKit

@Suite struct HealthRoutesTests {
    private func application(
        _ health: HealthRegistry, metrics: MetricsRegistry = MetricsRegistry()
    ) -> some ApplicationProtocol {
        let router = Router()
        router.addObservability(health: health, metrics: metrics)
        return Application(router: router)
    }

    @Test func `ready answers 200, and 503 with a reason for each dependency that is down`() async throws {
        let postgres = HealthRegistryTests.Dependency()
        let redis = HealthRegistryTests.Dependency()
        redis.set(down: true)
        let health = HealthRegistry(
            [postgres.check("postgres"), redis.check("redis", isRequired: false)], freshness: .zero)
        try await application(health).test(.router) { client in
            try await client.execute(uri: "/health/ready", method: .get) { response in
                #expect(response.status == .ok)
                #expect(response.headers[.contentType] == "application/json")
                #expect(response.headers[.cacheControl] == "no-store")
                #expect(
                    String(buffer: response.body)
                        == #"{"dependencies":{"postgres":{"required":true,"status":"up"},"redis":{"reason":"Failure.refused(code: 7)","required":false,"status":"down"}},"status":"degraded"}"#
                )
            }
            postgres.set(down: true)
            try await client.execute(uri: "/health/ready", method: .get) { response in
                #expect(response.status == .serviceUnavailable)
                #expect(
                    String(buffer: response.body).contains(
                        #""postgres":{"reason":"Failure.refused(code: 7)","required":true,"status":"down"}"#))
            }
        }
    }

    @Test func `live answers 200 during an outage and asks nobody`() async throws {
        let dependency = HealthRegistryTests.Dependency()
        dependency.set(down: true)
        try await application(HealthRegistry([dependency.check("postgres")])).test(.router) { client in
            try await client.execute(uri: "/health/live", method: .get) { response in
                #expect(response.status == .ok)
                #expect(String(buffer: response.body) == #"{"status":"live"}"#)
            }
        }
        #expect(dependency.asked == 0)
    }

    @Test func `metrics answers the exposition with its content type`() async throws {
        let metrics = MetricsRegistry()
        metrics.counter(MetricsCatalogue.redisWipes).increment()
        try await application(HealthRegistry([]), metrics: metrics).test(.router) { client in
            try await client.execute(uri: "/metrics", method: .get) { response in
                #expect(response.status == .ok)
                #expect(response.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
                #expect(String(buffer: response.body).contains("\nspeechcoach_redis_wipes_total 1\n"))
            }
        }
    }
}
