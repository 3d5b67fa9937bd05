/// One connection to Redis for any number of concurrent callers.
///
/// Commands of concurrent callers are written together and answered in the order of their arrival. A lost
/// connection is opened again by itself; while the server is down, calls fail at once with
/// ``RedisError/unavailable(reason:)``. Nothing is ever sent twice: whether to repeat is the caller's
/// decision, with the help of ``RedisError/mayHaveTakenEffect``.
///
/// Every call ends within its time limit, and at once when the caller's task is cancelled. No call blocks a
/// thread of the shared pool.
package final class RedisClient: Sendable {
    private let connection: RedisConnection
    package var configuration: RedisConfiguration { connection.configuration }

    /// Makes a client; the first call connects.
    package init(configuration: RedisConfiguration) {
        connection = RedisConnection(configuration, label: "redis")
    }

    deinit { connection.shutDown() }

    /// Runs one command.
    ///
    /// - Parameter timeout: limit for the whole call; the configuration's when `nil`.
    /// - Throws: ``RedisError``; a refusal by the server as ``RedisError/rejected(message:)``.
    package func send(
        _ command: RedisCommand, timeout: Duration? = nil
    ) async throws(RedisError) -> RedisValue {
        let replies = try await perform([command], timeout: timeout)
        guard let reply = replies.first else { throw .unexpectedReply(to: command.name) }
        if let refusal = reply.rejection { throw refusal }
        return reply
    }

    /// Runs several commands in one round trip, in this order. Other callers' commands may run in between.
    ///
    /// - Returns: one reply per command; a refused command's is ``RedisValue/error(_:)``, the others ran.
    package func pipeline(
        _ commands: [RedisCommand], timeout: Duration? = nil
    ) async throws(RedisError) -> [RedisValue] {
        try await perform(commands, timeout: timeout)
    }

    /// Runs several commands with nothing in between (`MULTI`, `EXEC`).
    ///
    /// Redis does not roll back: a command that fails while it runs leaves an ``RedisValue/error(_:)`` in its
    /// place, and the others take effect.
    ///
    /// - Throws: ``RedisError/rejected(message:)`` with ``RedisRejection/transactionAborted`` when a command
    ///   was refused before the execution: then none ran.
    package func transaction(
        _ commands: [RedisCommand], timeout: Duration? = nil
    ) async throws(RedisError) -> [RedisValue] {
        guard !commands.isEmpty else { return [] }
        try refuseUnshareable(commands)
        let replies = try await submit(
            [RedisCommand("MULTI")] + commands + [RedisCommand("EXEC")], timeout: timeout)
        switch replies.last {
        case .array(let results) where results.count == commands.count: return results
        case .error(let message):
            // The first refusal says why; that of EXEC only says that there was one.
            let reason = replies.dropLast().lazy.compactMap(\.rejection).first
            guard case .rejected(let first) = reason else { throw .refused(message) }
            throw .refused("EXECABORT \(first)")
        default: throw .unexpectedReply(to: "EXEC")
        }
    }

    private func perform(_ commands: [RedisCommand], timeout: Duration?) async throws(RedisError)
        -> [RedisValue]
    {
        guard !commands.isEmpty else { return [] }
        try refuseUnshareable(commands)
        return try await submit(commands, timeout: timeout)
    }

    private func refuseUnshareable(_ commands: [RedisCommand]) throws(RedisError) {
        if let culprit = commands.first(where: \.isUnshareable) { throw .unshareable(command: culprit.name) }
    }

    private func submit(_ commands: [RedisCommand], timeout: Duration?) async throws(RedisError)
        -> [RedisValue]
    {
        try await connection.perform(
            RedisCall(commands, timeout: timeout ?? connection.configuration.commandTimeout))
    }

    package var statistics: RedisStatistics { connection.statistics }

    /// Closes the connection; calls under way fail, later ones too. Returns when the thread has ended.
    package func close() async {
        connection.shutDown()
        await connection.ended()
    }
}
