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
        let recipe = try PostgresRecipe(
            directory: directory, account: account, ephemeral: ephemeral, listening: listening,
            settings: settings)
        return try await PrivatePostgres(recipe: recipe)
    }

    func redis(
        dataDirectory: URL, ephemeral: Bool, listening: ServerListening, settings: [String: String]
    ) async throws(EmbeddedStackError) -> PrivateRedis {
        let directory = try ServerDirectory.prepare(wanted: dataDirectory, account: .current)
        let recipe = try RedisRecipe(
            directory: directory, ephemeral: ephemeral, listening: listening, settings: settings)
        return try await PrivateRedis(recipe: recipe)
    }
}
