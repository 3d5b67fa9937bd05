import ArgumentParser
import CoachDomain
import CoachStore
import Foundation
import HTTPTransport
import Logging
import Postgres
import ProviderLedger
import Providers
import ServiceKit

extension ProvidersCommand {
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show order, breakers, latencies and money of every provider.",
            discussion: """
                In the order in which jobs ask. STATE is what all workers know: closed
                (called), open (after failures), halfOpen (being tried again), throttled
                (asked for a pause), suspended (quota, key or configuration), forcedOpen and
                forcedClosed (by an operator). Latencies are those of a day's successful
                calls; money is of today, in USD, with what is set aside for calls under way.

                EXAMPLE
                  speechcoach providers list
                  speechcoach providers list --json | jq '.coaching[] | {provider, state, p99Seconds}'
                """)

        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: SettingsOptions

        func run() async throws {
            let settings = try await Settings.load(options: settings.overrides)
            let http = HTTPClient()
            let chains = try ProviderChains(
                settings: settings, http: http,
                logger: Logger(label: "providers") { _ in SwiftLogNoOpLogHandler() })
            let page: ProvidersPage
            do {
                page = ProvidersPage(settings, chains, try await Self.books(settings))
            } catch {
                await http.shutdown()
                throw error
            }
            await http.shutdown()
            if output.json { return try Output.json(page) }
            Output.line(page.text)
            if !page.hasLedger {
                Output.note(
                    "No DATABASE_URL, and no `up` runs here: states, latencies and money are not known.")
            }
        }

        private static func books(_ settings: Settings) async throws -> ProvidersPage.Books? {
            guard let postgres = try? settings.operatorPostgres() else { return nil }
            let pool = try PostgresPool(
                configuration: PostgresConfiguration(uri: postgres.uri.value, poolSize: 1))
            let ledger = Ledger(pool: pool, actor: OperatorSession.actor)
            do {
                let books = ProvidersPage.Books(
                    knowledge: try await ledger.exchange([]),
                    statistics: try await ledger.providerStatistics(within: .seconds(86_400)),
                    uses: try await ledger.spending(note: nil))
                await pool.close()
                return books
            } catch {
                await pool.close()
                throw error
            }
        }
    }
}
