import CoachStore
import Foundation
import Migrations
import Postgres
import Support
import Testing

struct MigratorTests {
    @Test func `many processes may migrate one database at once`() async throws {
        let uri = try await TestServers.shared.emptyDatabase()
        let reports = try await withThrowingTaskGroup(of: Migrator.Report.self) { group in
            for _ in 1...6 {
                group.addTask {
                    let pool = try PostgresPool(configuration: PostgresConfiguration(uri: uri, poolSize: 1))
                    let report = try await Migrator(pool: pool).migrate()
                    await pool.close()
                    return report
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(reports.flatMap(\.applied).count == Migration.all.count)
        #expect(reports.allSatisfy { $0.version == Migrator.programVersion })
    }

    @Test func `a database from the future is refused`() async throws {
        let uri = try await TestServers.shared.migratedDatabase()
        let pool = try PostgresPool(configuration: PostgresConfiguration(uri: uri, poolSize: 1))
        _ = try await pool.query(
            PostgresStatement("insert into schema_migrations (number, name) values (9999, 'later')"))
        await #expect(throws: Migrator.Refusal.newer(database: 9999, program: Migrator.programVersion)) {
            _ = try await Migrator(pool: pool).migrate()
        }
        await pool.close()
    }

    @Test func `an empty database has version zero`() async throws {
        let uri = try await TestServers.shared.emptyDatabase()
        let pool = try PostgresPool(configuration: PostgresConfiguration(uri: uri, poolSize: 1))
        #expect(try await Migrator(pool: pool).databaseVersion() == 0)
        await pool.close()
    }

    @Test func `the program carries every file of the folder, numbered without a gap`() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("migrations")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".sql") }.sorted()
        #expect(Migration.all.map(\.number) == Array(1...Migration.all.count))
        #expect(Migration.all.map { String(format: "%04d_%@.sql", $0.number, $0.name) } == files)
        for (migration, file) in zip(Migration.all, files) {
            #expect(
                try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8) == migration.sql)
        }
    }
}
