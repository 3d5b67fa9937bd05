import EmbeddedStack
import Foundation
import Postgres
import Testing

/// One private server for all tests of the process that do not stop or freeze it.
enum TestLedger {
    private static let starting = Task {
        removeLeftovers()
        return try await PrivatePostgres.start(dataDirectory: newDirectory(), ephemeral: true)
    }

    /// The shared server ends with the process, so only the next process can remove its directory.
    private static func removeLeftovers() {
        let files = FileManager.default
        for name in (try? files.contentsOfDirectory(atPath: "/tmp")) ?? [] where name.hasPrefix("pgclient-") {
            guard let owner = Int32(name.split(separator: "-")[1]), kill(owner, 0) != 0, errno == ESRCH else {
                continue
            }
            try? files.removeItem(atPath: "/tmp/\(name)")
        }
    }

    static var server: PrivatePostgres {
        get async throws { try await starting.value }
    }

    static func newDirectory() -> URL {
        URL(filePath: "/tmp/pgclient-\(getpid())-\(UUID().uuidString.prefix(8).lowercased())")
    }

    static func configuration(
        poolSize: Int = 4, statementTimeout: Duration = .seconds(10)
    ) async throws -> PostgresConfiguration {
        try PostgresConfiguration(
            uri: try await server.uri, poolSize: poolSize, statementTimeout: statementTimeout)
    }
}

/// Runs a body with a pool on the shared server, and closes the pool.
func withPool<Value>(
    poolSize: Int = 4, statementTimeout: Duration = .seconds(10),
    _ body: (PostgresPool) async throws -> Value
) async throws -> Value {
    let configuration = try await TestLedger.configuration(
        poolSize: poolSize, statementTimeout: statementTimeout)
    return try await withPool(configuration, body)
}

func withPool<Value>(
    _ configuration: PostgresConfiguration, _ body: (PostgresPool) async throws -> Value
) async throws -> Value {
    let pool = try PostgresPool(configuration: configuration)
    do {
        let value = try await body(pool)
        await pool.close()
        return value
    } catch {
        await pool.close(deadline: .now)
        throw error
    }
}

/// Runs a body with a server of its own, on which it may do what it likes.
func withOwnServer<Value>(
    listening: ServerListening = .unixSocketOnly, settings: [String: String] = [:],
    _ body: (PrivatePostgres) async throws -> Value
) async throws -> Value {
    let directory = TestLedger.newDirectory()
    defer { try? FileManager.default.removeItem(at: directory) }
    let server = try await PrivatePostgres.start(
        dataDirectory: directory, ephemeral: true, listening: listening, settings: settings)
    do {
        let value = try await body(server)
        await server.stop()
        return value
    } catch {
        await server.stop()
        throw error
    }
}

/// The error that a body throws, nil when it succeeds.
func failure(_ body: () async throws -> Void) async -> PostgresError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? PostgresError
    }
}

/// Whether a condition comes true within a generous limit.
func eventually(_ condition: () async throws -> Bool) async rethrows -> Bool {
    for _ in 0..<1500 {
        if try await condition() { return true }
        try? await Task.sleep(for: .milliseconds(20))
    }
    return false
}

/// How many server processes run a statement that contains the mark.
func activeStatements(marked mark: String, through pool: PostgresPool) async throws -> Int {
    try await pool.query(
        PostgresStatement(
            """
            select count(*) from pg_stat_activity
            where state = 'active' and pid <> pg_backend_pid() and query like '%' || $1 || '%'
            """, [.text(mark)])
    ).only().decode(0)
}

extension PostgresPool {
    /// The server process behind one idle connection.
    func backend() async throws -> Int32 {
        try await query("select pg_backend_pid()").only().decode(0)
    }

    func terminate(_ backend: Int32) async throws {
        // Waits until the process is gone.
        _ = try await query(
            PostgresStatement("select pg_terminate_backend($1, 30000)", [.integer(Int64(backend))]))
    }
}

/// Waits until a statement runs and ends its server process.
func terminate(marked mark: String, through pool: PostgresPool) async throws {
    let isKilled = try await eventually {
        try await pool.query(
            PostgresStatement(
                """
                select pg_terminate_backend(pid) from pg_stat_activity
                where state = 'active' and pid <> pg_backend_pid() and query like '%' || $1 || '%'
                """, [.text(mark)])
        ).count == 1
    }
    #expect(isKilled)
}
