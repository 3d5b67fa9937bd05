import Foundation

/// How to start a private Redis.
struct RedisRecipe: ServerRecipe {
    let name = "Redis"
    let directory: ServerDirectory
    let plan: LaunchPlan
    let loopbackPort: UInt16?
    let uri: String
    let politeSignal = SIGTERM
    private let socketPath: String
    private let configuration: String

    var pidFile: String { "\(directory.path)/redis.pid" }
    private var configurationFile: String { "\(directory.path)/redis.conf" }
    /// The title is left alone (`set-proc-title no`), so the command line names this very file.
    var commandLineMark: String { configurationFile }

    init(
        directory: ServerDirectory, ephemeral: Bool, loopbackPort: UInt16?, settings: [String: String]
    ) throws(EmbeddedStackError) {
        self.directory = directory
        let program = try ProgramLocator.redisServer()
        socketPath = "\(directory.sockets)/redis.sock"
        self.loopbackPort = loopbackPort
        let plain = CharacterSet(
            charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")
        uri = "unix://\(socketPath.addingPercentEncoding(withAllowedCharacters: plain) ?? socketPath)"

        var values = [
            "port": String(loopbackPort ?? 0),
            "bind": "127.0.0.1",
            "unixsocket": Self.quoted(socketPath),
            "unixsocketperm": "700",
            "dir": Self.quoted(directory.data),
            "pidfile": Self.quoted("\(directory.path)/redis.pid"),
            "daemonize": "no",
            "set-proc-title": "no",
            "appendonly": ephemeral ? "no" : "yes",
            "appendfsync": "everysec",
            "save": "\"\"",
            // Losing hints is harmless, evicting them silently is not.
            "maxmemory-policy": "noeviction",
            "timeout": "0",
        ]
        values.merge(settings) { _, chosen in chosen }
        configuration = values.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }.joined()
        plan = LaunchPlan(
            executable: program, arguments: ["\(directory.path)/redis.conf"],
            workingDirectory: directory.path, logFile: directory.log, account: .current,
            signalWhenOrphaned: SIGTERM)
    }

    /// A value in the quotes of `redis.conf`.
    private static func quoted(_ text: String) -> String {
        "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
    }

    func prepareData() async throws(EmbeddedStackError) {
        try ServerDirectory.makePrivate(directory.sockets, account: .current)
        try ServerDirectory.makePrivate(directory.data, account: .current)
        do {
            try configuration.write(toFile: configurationFile, atomically: true, encoding: .utf8)
        } catch {
            throw .unusableDirectory(path: configurationFile, reason: "it cannot be written")
        }
    }

    /// Asks the server itself: it accepts connections before it has loaded its data.
    func isReady(process: pid_t) throws(EmbeddedStackError) -> Bool {
        guard let answer = UnixSocketProbe.ask("PING\r\nINFO server\r\nQUIT\r\n", socketPath: socketPath)
        else { return false }
        // With a password of the caller's choice the server tells us no more than that it runs.
        if answer.hasPrefix("-NOAUTH") { return true }
        guard answer.hasPrefix("+PONG") else { return false }
        let version = answer.split(separator: "\r\n").first { $0.hasPrefix("redis_version:") }
            .map { String($0.dropFirst("redis_version:".count)) }
        if let version, version.compare("7.0.5", options: .numeric) == .orderedAscending {
            throw .wrongVersion(
                server: "Redis", found: version,
                needed: "7.0.5 or newer is, for XAUTOCLAIM without its known faults")
        }
        return true
    }

    func isPassing(complaints: String) -> Bool { false }
}
