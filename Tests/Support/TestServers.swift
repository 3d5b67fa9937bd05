import CoachStore
package import EmbeddedStack
import Foundation
import Postgres

/// One PostgreSQL and one Redis server for all tests of a process; each test gets a database of its own.
///
/// A machine without the servers fails the tests: nothing is skipped.
package actor TestServers {
    package static let shared = TestServers()

    private var postgresStart: Task<PrivatePostgres, any Error>?
    private var redisStart: Task<PrivateRedis, any Error>?
    private var template: Task<Void, any Error>?
    private var databases = 0
    private var redisDatabases = 0
    private let directory = FileManager.default.temporaryDirectory
        .appendingPathComponent("speechcoach-tests-\(ProcessInfo.processInfo.processIdentifier)")

    package func postgres() async throws -> PrivatePostgres {
        if let postgresStart { return try await postgresStart.value }
        let place = directory.appendingPathComponent("postgres")
        let start = Task<PrivatePostgres, any Error> {
            // Every test of the package may hold a pool at the same time.
            try await PrivatePostgres.start(
                dataDirectory: place, ephemeral: true, settings: ["max_connections": "500"])
        }
        postgresStart = start
        return try await start.value
    }

    package func redis() async throws -> PrivateRedis {
        if let redisStart { return try await redisStart.value }
        let place = directory.appendingPathComponent("redis")
        let start = Task<PrivateRedis, any Error> {
            try await PrivateRedis.start(
                dataDirectory: place, ephemeral: true, settings: ["databases": "1024"])
        }
        redisStart = start
        return try await start.value
    }

    /// The URI of a fresh, migrated database.
    package func migratedDatabase() async throws -> String {
        let server = try await postgres()
        if template == nil {
            let uri = Self.uri(server.uri, database: "template_ledger")
            template = Task {
                try await Self.create("template_ledger", from: "template0", on: server)
                let pool = try PostgresPool(configuration: PostgresConfiguration(uri: uri, poolSize: 1))
                _ = try await Migrator(pool: pool).migrate()
                await pool.close()
            }
        }
        try await template?.value
        return try await database(from: "template_ledger")
    }

    /// The URI of a fresh, empty database.
    package func emptyDatabase() async throws -> String { try await database(from: "template0") }

    /// The URI of a Redis database that nobody else uses.
    package func redisDatabase() async throws -> String {
        let server = try await redis()
        redisDatabases += 1
        return server.uri + "?db=\(redisDatabases)"
    }

    private func database(from template: String) async throws -> String {
        let server = try await postgres()
        databases += 1
        let name = "test_\(databases)"
        try await Self.create(name, from: template, on: server)
        return Self.uri(server.uri, database: name)
    }

    private static func create(_ name: String, from template: String, on server: PrivatePostgres) async throws
    {
        let pool = try PostgresPool(configuration: PostgresConfiguration(uri: server.uri, poolSize: 1))
        _ = try await pool.query(PostgresStatement("create database \(name) template \(template)"))
        await pool.close()
    }

    /// The same server, another database: replaces the path of a `postgresql://` URI.
    private static func uri(_ uri: String, database: String) -> String {
        let parts = uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let base = parts[0]
        guard let scheme = base.range(of: "://") else { return uri }
        let rest = base[scheme.upperBound...]
        let authority = rest.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)[0]
        let query = parts.count > 1 ? "?" + parts[1] : ""
        return "\(base[..<scheme.upperBound])\(authority)/\(database)\(query)"
    }
}
