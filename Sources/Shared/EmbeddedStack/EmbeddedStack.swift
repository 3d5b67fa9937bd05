package import Foundation

/// PostgreSQL and Redis side by side, for running with nothing configured.
package struct EmbeddedStack: Sendable {
    package let postgres: PrivatePostgres
    package let redis: PrivateRedis

    /// What the operator should know about where things are.
    package var notes: [String] { postgres.notes + redis.notes }

    /// Starts both servers at once, in `postgres/` and `redis/` under `directory`.
    ///
    /// - Throws: ``EmbeddedStackError``; nothing is left running.
    package static func start(
        directory: URL, ephemeral: Bool = false
    ) async throws(EmbeddedStackError) -> EmbeddedStack {
        async let postgres = attempt { () throws(EmbeddedStackError) in
            try await PrivatePostgres.start(
                dataDirectory: directory.appending(path: "postgres"), ephemeral: ephemeral)
        }
        async let redis = attempt { () throws(EmbeddedStackError) in
            try await PrivateRedis.start(
                dataDirectory: directory.appending(path: "redis"), ephemeral: ephemeral)
        }
        switch (await postgres, await redis) {
        case (.success(let postgres), .success(let redis)):
            return EmbeddedStack(postgres: postgres, redis: redis)
        case (.success(let postgres), .failure(let error)):
            await postgres.stop()
            throw error
        case (.failure(let error), .success(let redis)):
            await redis.stop()
            throw error
        case (.failure(let error), .failure):
            throw error
        }
    }

    private static func attempt<Server>(
        _ start: () async throws(EmbeddedStackError) -> Server
    ) async -> Result<Server, EmbeddedStackError> {
        do throws(EmbeddedStackError) {
            return .success(try await start())
        } catch {
            return .failure(error)
        }
    }

    /// Starts either server again whenever it ends unasked, until the task is cancelled; the servers go on then.
    package func keepRunning(report: @Sendable (String) -> Void) async {
        async let redis: Void = redis.keepRunning(report: report)
        await postgres.keepRunning(report: report)
        await redis
    }

    /// Stops both; not cut short by cancellation.
    package func stop() async {
        async let redis: Void = redis.stop()
        await postgres.stop()
        await redis
    }
}
