import Foundation

/// The file work before a server exists, off the shared pool.
actor Preparation {
    private let executor = BlockingExecutor(label: "embedded.preparation")
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    func postgres(
        dataDirectory: URL, ephemeral: Bool, listening: ServerListening, settings: [String: String]
    ) async throws(EmbeddedStackError) -> PrivatePostgres {
        let wantedData = dataDirectory.appending(path: "data").path
        let account = try ServerAccount.forPostgres(existingData: wantedData)
        let directory = try ServerDirectory.prepare(wanted: dataDirectory, account: account)
        return try await Self.withFreePort(listening) { port throws(EmbeddedStackError) in
            let recipe = try PostgresRecipe(
                directory: directory, account: account, ephemeral: ephemeral, loopbackPort: port,
                settings: settings)
            return try await PrivatePostgres(recipe: recipe)
        }
    }

    func redis(
        dataDirectory: URL, ephemeral: Bool, listening: ServerListening, settings: [String: String]
    ) async throws(EmbeddedStackError) -> PrivateRedis {
        let directory = try ServerDirectory.prepare(wanted: dataDirectory, account: .current)
        return try await Self.withFreePort(listening) { port throws(EmbeddedStackError) in
            let recipe = try RedisRecipe(
                directory: directory, ephemeral: ephemeral, loopbackPort: port, settings: settings)
            return try await PrivateRedis(recipe: recipe)
        }
    }

    /// Tries other ports when somebody else took the chosen one before the server could.
    private static func withFreePort<Server>(
        _ listening: ServerListening, start: (UInt16?) async throws(EmbeddedStackError) -> Server
    ) async throws(EmbeddedStackError) -> Server {
        guard listening == .loopbackToo else { return try await start(nil) }
        for _ in 1..<5 {
            do throws(EmbeddedStackError) {
                return try await start(LoopbackPort.free())
            } catch {
                guard case .startFailed(_, _, let log) = error, log.contains("Address already in use") else {
                    throw error
                }
            }
        }
        return try await start(LoopbackPort.free())
    }
}
