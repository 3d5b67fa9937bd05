import Foundation
import Postgres
import Redis

/// Looks for a text in every place where the product keeps something.
enum Traces {
    /// Tables, Redis keys and files that hold `text`, by name.
    static func of(_ text: String, in coach: Deployment) async throws -> [String] {
        try await tables(text, coach) + redis(text, coach) + files(text, coach)
    }

    private static func tables(_ text: String, _ coach: Deployment) async throws -> [String] {
        let pool = try PostgresPool(
            configuration: PostgresConfiguration(uri: coach.databaseURI, poolSize: 1))
        let names = try await pool.query(
            PostgresStatement(
                "select table_name from information_schema.tables where table_schema = 'public'"))
        var found: [String] = []
        for row in names {
            let table = try row.decode("table_name", as: String.self)
            let rows = try await pool.query(
                PostgresStatement(
                    "select count(*)::int8 as hits from \"\(table)\" t where strpos(t::text, $1) > 0",
                    [.text(text)]))
            if try rows.first?.decode("hits", as: Int.self) ?? 0 > 0 { found.append("table \(table)") }
        }
        await pool.close()
        return found
    }

    private static func redis(_ text: String, _ coach: Deployment) async throws -> [String] {
        let client = RedisClient(configuration: try RedisConfiguration(uri: coach.redisURI))
        defer { Task { await client.close() } }
        let keys = try await client.send(RedisCommand("KEYS", "*")).array ?? []
        var found: [String] = []
        for key in keys {
            guard let name = key.string else { continue }
            let dump = Data(try await client.send(RedisCommand("DUMP", name)).bytes ?? [])
            if name.contains(text) || dump.range(of: Data(text.utf8)) != nil {
                found.append("Redis key \(name)")
            }
        }
        return found
    }

    /// Logs, work files, whatever the processes have left in their directory.
    private static func files(_ text: String, _ coach: Deployment) throws -> [String] {
        let needle = Data(text.utf8)
        guard let all = FileManager.default.enumerator(at: coach.directory, includingPropertiesForKeys: nil)
        else { throw NeverHappened(description: "\(coach.directory.path) cannot be read") }
        var found: [String] = []
        for case let file as URL in all {
            guard let bytes = try? Data(contentsOf: file), bytes.range(of: needle) != nil else { continue }
            found.append("file \(file.lastPathComponent)")
        }
        return found
    }
}
