import CoachStore
import Foundation
import JobQueue
import Logging
import Observability
import Postgres
import Redis
import ServiceKit
import ServiceLifecycle

/// The ledger and the hint streams as one process uses them.
struct Stores: Sendable {
    let pool: PostgresPool
    let ledger: Ledger
    let redis: RedisConfiguration
    let client: RedisClient
    let hints: HintStream

    /// - Parameter announceLimit: How long a writer waits for Redis before it leaves the hint to the sweeper.
    init(
        postgres: PostgresSettings, redis: RedisSettings, context: RoleContext,
        announceLimit: Duration = .seconds(2)
    ) throws {
        pool = try PostgresPool(
            configuration: PostgresConfiguration(
                uri: postgres.uri.value, poolSize: postgres.poolSize,
                applicationName: "speechcoach-" + context.role.rawValue))
        ledger = Ledger(pool: pool, actor: context.processName)
        self.redis = try RedisConfiguration(uri: redis.uri.value)
        client = RedisClient(
            configuration: try RedisConfiguration(uri: redis.uri.value, commandTimeout: announceLimit))
        hints = HintStream(redis: client, consumer: context.processName)
        let pool = pool
        context.metrics.addCollector { metrics in
            let statistics = pool.statistics
            metrics.gauge(MetricsCatalogue.poolConnections, .idle).set(Double(statistics.idle))
            metrics.gauge(MetricsCatalogue.poolConnections, .busy)
                .set(Double(statistics.open - statistics.idle))
        }
    }

    /// - Parameter needsRedis: Whether the role is of no use without hints.
    func checks(needsRedis: Bool) -> [HealthCheck] {
        let (pool, client) = (pool, client)
        return [
            HealthCheck("postgres") {
                let version = try await Migrator(pool: pool).databaseVersion()
                guard version >= Migrator.programVersion else { throw SchemaBehind(version: version) }
            },
            HealthCheck("redis", isRequired: needsRedis) {
                _ = try await client.send(RedisCommand("PING"))
            },
        ]
    }

    /// Closes the connections when everything that uses them has stopped; comes first in a group.
    var closing: any Service { Closing(stores: self) }

    private struct Closing: Service {
        let stores: Stores

        func run() async throws {
            try? await gracefulShutdown()
            await stores.client.close()
            await stores.pool.close()
        }
    }
}

/// The database is older than the program.
struct SchemaBehind: LoggableError {
    var version: Int

    var logDescription: String {
        "the database is at migration \(version) of \(Migrator.programVersion): run `speechcoach migrate`"
    }
}
