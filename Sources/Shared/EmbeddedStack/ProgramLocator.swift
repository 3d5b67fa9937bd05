import Foundation

/// Finds the servers' programs on this machine.
enum ProgramLocator {
    /// A program from `PATH` or the usual system directories.
    static func program(_ name: String) -> String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let directories = path.split(separator: ":").map(String.init) + ["/usr/bin", "/bin", "/usr/sbin"]
        return directories.map { "\($0)/\(name)" }.first(where: isProgram)
    }

    /// The directory with `initdb` and `postgres`.
    ///
    /// - Parameter version: the major release that wrote existing data, which only the same release reads.
    static func postgresDirectory(version: String?) throws(EmbeddedStackError) -> String {
        if let chosen = ProcessInfo.processInfo.environment["SPEECHCOACH_POSTGRES_BIN"], !chosen.isEmpty {
            guard hasServer(chosen) else {
                throw .missingProgram(
                    name: "postgres in \(chosen), named by SPEECHCOACH_POSTGRES_BIN,",
                    mend: "apt-get install postgresql, and unset SPEECHCOACH_POSTGRES_BIN")
            }
            return chosen
        }
        // Debian keeps each major release under its own number and none of the servers on PATH.
        let root = "/usr/lib/postgresql"
        let releases = ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? [])
            .filter { hasServer("\(root)/\($0)/bin") }
            .sorted { $0.compare($1, options: .numeric) == .orderedDescending }
        if let version {
            if releases.contains(version) { return "\(root)/\(version)/bin" }
            if let newest = releases.first {
                throw .wrongVersion(
                    server: "PostgreSQL", found: newest,
                    needed:
                        "the data was written by release \(version): apt-get install postgresql-\(version), "
                        + "or move the data directory away")
            }
        }
        if let newest = releases.first { return "\(root)/\(newest)/bin" }
        if let postgres = program("postgres") {
            let directory = URL(filePath: postgres).resolvingSymlinksInPath().deletingLastPathComponent().path
            if hasServer(directory) { return directory }
        }
        throw .missingProgram(name: "The PostgreSQL server", mend: "apt-get install postgresql")
    }

    static func redisServer() throws(EmbeddedStackError) -> String {
        if let chosen = ProcessInfo.processInfo.environment["SPEECHCOACH_REDIS_SERVER"], !chosen.isEmpty {
            guard isProgram(chosen) else {
                throw .missingProgram(
                    name: "\(chosen), named by SPEECHCOACH_REDIS_SERVER,",
                    mend: "apt-get install redis-server, and unset SPEECHCOACH_REDIS_SERVER")
            }
            return chosen
        }
        guard let found = program("redis-server") ?? program("valkey-server") else {
            throw .missingProgram(name: "The Redis server", mend: "apt-get install redis-server")
        }
        return found
    }

    private static func hasServer(_ directory: String) -> Bool {
        isProgram("\(directory)/postgres") && isProgram("\(directory)/initdb")
    }

    private static func isProgram(_ path: String) -> Bool {
        FileManager.default.isExecutableFile(atPath: path)
    }
}
