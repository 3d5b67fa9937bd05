import Foundation
import Migrations
package import Postgres

/// Brings a database to the schema of this program; forward only.
package struct Migrator: Sendable {
    /// What one run did.
    package struct Report: Hashable, Sendable {
        /// Names of the migrations applied now, in order.
        package var applied: [String] = []
        /// Number of the newest migration in the database afterwards.
        package var version = 0
    }

    /// A database that this program must not touch.
    package enum Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        /// The database was migrated by a newer program.
        case newer(database: Int, program: Int)

        package var description: String {
            switch self {
            case .newer(let database, let program):
                """
                the database is at migration \(database), this program knows only \(program): \
                run the newer program, or restore an older database
                """
            }
        }
    }

    private let pool: PostgresPool

    package init(pool: PostgresPool) { self.pool = pool }

    /// The newest migration that this program knows.
    package static var programVersion: Int { Migration.all.map(\.number).max() ?? 0 }

    /// Applies what is missing, each migration in a transaction of its own.
    ///
    /// Safe to run in many processes at once: an advisory lock lets one work while the others wait, and those
    /// then find nothing to do. A failed migration leaves the database at the one before it.
    package func migrate() async throws -> Report {
        var report = Report()
        for migration in Migration.all.sorted(by: { $0.number < $1.number }) {
            let version = try await apply(migration)
            if version.applied { report.applied.append("\(migration.number) \(migration.name)") }
            report.version = max(report.version, version.newest)
        }
        guard report.version <= Self.programVersion else {
            throw Refusal.newer(database: report.version, program: Self.programVersion)
        }
        return report
    }

    /// The newest migration in the database; 0 for an empty one.
    package func databaseVersion() async throws -> Int {
        let known = try await pool.query(
            PostgresStatement("select to_regclass('schema_migrations') is not null as known"))
        guard try known.first?.decode("known", as: Bool.self) == true else { return 0 }
        let rows = try await pool.query(
            PostgresStatement("select coalesce(max(number), 0)::int8 as newest from schema_migrations"))
        return try rows.first?.decode("newest", as: Int.self) ?? 0
    }

    private func apply(_ migration: Migration) async throws -> (applied: Bool, newest: Int) {
        try await pool.transaction(deadline: .now + .seconds(600)) { transaction in
            // A second migrator waits as long as the first one works.
            try await transaction.execute(
                script: "set local statement_timeout = 0; set local lock_timeout = 0")
            // The number is the product's own; any other user of the database locks other numbers.
            _ = try await transaction.query(PostgresStatement("select pg_advisory_xact_lock(7305812)"))
            _ = try await transaction.query(
                PostgresStatement(
                    """
                    create table if not exists schema_migrations
                        (number integer primary key, name text not null, applied_at timestamptz not null default now())
                    """))
            let rows = try await transaction.query(
                PostgresStatement("select coalesce(max(number), 0)::int8 as newest from schema_migrations"))
            let newest = try rows.first?.decode("newest", as: Int.self) ?? 0
            guard newest < migration.number else { return (false, newest) }
            try await transaction.execute(script: migration.sql)
            _ = try await transaction.query(
                PostgresStatement(
                    "insert into schema_migrations (number, name) values ($1, $2)",
                    [.integer(Int64(migration.number)), .text(migration.name)]))
            return (true, migration.number)
        }
    }
}
