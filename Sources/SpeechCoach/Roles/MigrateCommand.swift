import ArgumentParser
import CoachStore
import Postgres
import ServiceKit

struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Bring the database to this program's schema.",
        discussion: """
            Forward only, and safe to run from many places at once: one works, the others wait and find nothing
            to do.

            EXAMPLE
              DATABASE_URL=postgresql://coach@db/coach speechcoach migrate
            """)

    @OptionGroup var output: OutputOptions
    @OptionGroup var settings: SettingsOptions

    private struct Document: Encodable {
        var applied: [String]
        var version: Int
    }

    func run() async throws {
        let settings = try await Settings.load(options: settings.overrides)
        let postgres = try settings.requirePostgres(for: .migrate)
        let pool = try PostgresPool(
            configuration: PostgresConfiguration(uri: postgres.uri.value, poolSize: 1))
        let report: Migrator.Report
        do {
            report = try await Migrator(pool: pool).migrate()
        } catch let refusal as Migrator.Refusal {
            await pool.close()
            throw CommandFailure(.refused, refusal.description)
        } catch {
            await pool.close()
            throw error
        }
        await pool.close()
        if output.json { return try Output.json(Document(applied: report.applied, version: report.version)) }
        for name in report.applied { Output.line("applied \(name)") }
        Output.line("The database is at migration \(report.version).")
    }
}
