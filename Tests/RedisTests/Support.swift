import EmbeddedStack
import Foundation
import Redis

/// A private server for one test, gone afterwards.
func withServer<Value>(
    listening: ServerListening = .unixSocketOnly, settings: [String: String] = [:], ephemeral: Bool = true,
    _ body: (PrivateRedis) async throws -> Value
) async throws -> Value {
    let directory = URL(filePath: "/tmp/redis-\(UUID().uuidString.prefix(8))")
    defer { try? FileManager.default.removeItem(at: directory) }
    let server = try await PrivateRedis.start(
        dataDirectory: directory, ephemeral: ephemeral, listening: listening, settings: settings)
    do {
        let value = try await body(server)
        await server.stop()
        return value
    } catch {
        await server.stop()
        throw error
    }
}

/// A private server and a client of it, with limits that a busy machine does not reach.
func withClient<Value>(
    connectTimeout: Duration = .seconds(30), commandTimeout: Duration = .seconds(30),
    _ body: (RedisClient, PrivateRedis) async throws -> Value
) async throws -> Value {
    try await withServer { server in
        let client = RedisClient(
            configuration: try RedisConfiguration(
                uri: server.uri, connectTimeout: connectTimeout, commandTimeout: commandTimeout))
        let value = try await body(client, server)
        await client.close()
        return value
    }
}

/// Whether a condition comes true within a generous limit.
func eventually(_ condition: () async throws -> Bool) async rethrows -> Bool {
    for _ in 0..<3000 {
        if try await condition() { return true }
        try? await Task.sleep(for: .milliseconds(10))
    }
    return false
}

extension RedisClient {
    /// Asks until the server answers again.
    func recovers() async -> Bool {
        await eventually { (try? await send(RedisCommand("PING"))) == .simple("PONG") }
    }
}
