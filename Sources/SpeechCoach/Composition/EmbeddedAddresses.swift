import EmbeddedStack
import Foundation
import ServiceKit

/// Where the private servers of a running `up` can be reached, for the operator's commands on the same machine.
///
/// Kept beside the servers' data, readable by their owner alone, and gone when `up` stops.
struct EmbeddedAddresses: Codable {
    var databaseURL: String
    var redisURL: String

    init(_ stack: EmbeddedStack) {
        databaseURL = stack.postgres.uri
        redisURL = stack.redis.uri
    }

    private static func file(in directory: URL) -> URL { directory.appendingPathComponent("servers.json") }

    func write(to directory: URL) throws {
        let file = Self.file(in: directory)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try JSONEncoder().encode(self).write(to: file, options: .atomic)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
    }

    static func remove(from directory: URL) {
        try? FileManager.default.removeItem(at: file(in: directory))
    }

    /// `nil` when no `up` runs with that data directory.
    static func read(from directory: URL) -> EmbeddedAddresses? {
        guard let data = try? Data(contentsOf: file(in: directory)) else { return nil }
        return try? JSONDecoder().decode(EmbeddedAddresses.self, from: data)
    }
}

extension Settings {
    /// The ledger that is configured, or that of an `up` on this machine.
    func operatorPostgres() throws(ConfigurationError) -> PostgresSettings {
        if let postgres { return postgres }
        if let running = embedded { return PostgresSettings(uri: Secret(running.databaseURL), poolSize: 2) }
        return try requirePostgres(for: .jobs)
    }

    /// The same for the hint streams.
    var operatorRedis: RedisSettings? {
        redis ?? (postgres == nil ? embedded.map { RedisSettings(uri: Secret($0.redisURL)) } : nil)
    }

    private var embedded: EmbeddedAddresses? {
        EmbeddedAddresses.read(from: URL(fileURLWithPath: dataDirectory))
    }
}
