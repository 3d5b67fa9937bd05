import CoachStore
import Foundation
import JobQueue
import Postgres
import Redis
import ServiceKit

/// What an operator's command works with: the ledger, and Redis if it is there.
struct OperatorSession: Sendable {
    let ledger: Ledger
    private let hints: HintStream?

    /// Who changes something here, for the books.
    static let actor = "operator:" + NSUserName() + "@" + ProcessInfo.processInfo.hostName

    /// Opens the ledger, runs `body`, closes it.
    static func with<Result>(
        _ options: SettingsOptions, _ body: (OperatorSession) async throws -> Result
    ) async throws -> Result {
        let settings = try await Settings.load(options: options.overrides)
        let postgres = try settings.operatorPostgres()
        let pool = try PostgresPool(
            configuration: PostgresConfiguration(uri: postgres.uri.value, poolSize: 2))
        let client = try settings.operatorRedis.map {
            RedisClient(configuration: try RedisConfiguration(uri: $0.uri.value, commandTimeout: .seconds(2)))
        }
        let name = actor
        let session = OperatorSession(
            ledger: Ledger(pool: pool, actor: name),
            hints: client.map { HintStream(redis: $0, consumer: name) })
        do {
            let result = try await body(session)
            await close(pool, client)
            return result
        } catch {
            await close(pool, client)
            throw error
        }
    }

    /// Tells the workers at once; without Redis the sweeper tells them within half a minute.
    func announce(_ jobs: [JobHint]) async {
        guard let hints, !jobs.isEmpty else { return }
        do {
            try await hints.announce(jobs)
        } catch {
            Output.note("Redis does not answer; workers will find the jobs within a minute.")
        }
    }

    private static func close(_ pool: PostgresPool, _ client: RedisClient?) async {
        await pool.close()
        await client?.close()
    }
}
