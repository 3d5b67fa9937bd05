import Foundation

/// How to make and start a private PostgreSQL.
struct PostgresRecipe: ServerRecipe {
    let name = "PostgreSQL"
    let directory: ServerDirectory
    let plan: LaunchPlan
    let loopbackPort: UInt16?
    let uri: String
    /// SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for clients to leave.
    let politeSignal = SIGINT
    private let programs: String
    private let ephemeral: Bool

    var pidFile: String { "\(directory.data)/postmaster.pid" }
    var commandLineMark: String { directory.data }

    init(
        directory: ServerDirectory, account: ServerAccount, ephemeral: Bool, loopbackPort: UInt16?,
        settings: [String: String]
    ) throws(EmbeddedStackError) {
        self.directory = directory
        self.ephemeral = ephemeral
        let version = try? String(contentsOfFile: "\(directory.data)/PG_VERSION", encoding: .utf8)
        programs = try ProgramLocator.postgresDirectory(
            version: version?.trimmingCharacters(in: .whitespacesAndNewlines))
        let sockets = directory.sockets
        self.loopbackPort = loopbackPort
        uri = Self.uri(socketDirectory: sockets, port: loopbackPort)

        var values = [
            "listen_addresses": loopbackPort == nil ? "" : "127.0.0.1",
            "port": String(loopbackPort ?? 5432),
            "unix_socket_directories": "\"\(sockets.replacing("\"", with: "\"\""))\"",
            "unix_socket_permissions": "0700",
            "max_connections": "100",
            "shared_buffers": ephemeral ? "16MB" : "64MB",
            "huge_pages": "off",
            "jit": "off",
            "max_wal_senders": "0",
            "wal_level": "minimal",
            "log_checkpoints": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "cluster_name": "speechcoach",
        ]
        if ephemeral {
            for name in ["fsync", "synchronous_commit", "full_page_writes", "autovacuum"] {
                values[name] = "off"
            }
        }
        values.merge(settings) { _, chosen in chosen }
        plan = LaunchPlan(
            executable: "\(programs)/postgres",
            arguments: ["-D", directory.data]
                + values.sorted { $0.key < $1.key }.flatMap { ["-c", "\($0.key)=\($0.value)"] },
            workingDirectory: directory.path, logFile: directory.log, account: account,
            signalWhenOrphaned: SIGINT)
    }

    private static func uri(socketDirectory: String, port: UInt16?) -> String {
        let unreserved = CharacterSet(
            charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
        let host = socketDirectory.addingPercentEncoding(withAllowedCharacters: unreserved) ?? socketDirectory
        return "postgresql:///postgres?host=\(host)&user=postgres" + (port.map { "&port=\($0)" } ?? "")
    }

    /// Makes the data beside its final place and moves it there, so that an interrupted `initdb` is
    /// never taken for a database.
    func prepareData() async throws(EmbeddedStackError) {
        try ServerDirectory.makePrivate(directory.sockets, account: plan.account)
        let files = FileManager.default
        if files.fileExists(atPath: "\(directory.data)/PG_VERSION") { return }
        let draft = "\(directory.path)/data.new"
        try? files.removeItem(atPath: draft)
        if ephemeral {
            try await copyTemplate(to: draft)
        } else {
            try await initdb(draft, options: ["--data-checksums"])
        }
        guard rename(draft, directory.data) == 0 else {
            throw .unusableDirectory(path: directory.data, reason: String(cString: strerror(errno)))
        }
    }

    /// Tests start many servers: copying a made database takes a tenth of making one.
    private func copyTemplate(to draft: String) async throws(EmbeddedStackError) {
        let key = Fingerprint.of("\(programs)|\(plan.account.userIdentifier)|1")
        let home = "\(ShortTemporaryDirectory.path)/speechcoach-initdb-\(key)"
        try ServerDirectory.makePrivate(home, account: plan.account)
        let template = "\(home)/data"
        if !FileManager.default.fileExists(atPath: "\(template)/PG_VERSION") {
            let attempt = "\(home)/\(UUID().uuidString)"
            try await initdb(attempt, options: ["--wal-segsize=1"])
            // Somebody else may have been faster; either result is good.
            if rename(attempt, template) != 0 { try? FileManager.default.removeItem(atPath: attempt) }
        }
        guard let copy = ProgramLocator.program("cp") else {
            throw .missingProgram(name: "cp", mend: "apt-get install coreutils")
        }
        try await run(copy, ["-a", "--reflink=auto", template, draft])
    }

    private func initdb(_ path: String, options: [String]) async throws(EmbeddedStackError) {
        try await run(
            "\(programs)/initdb",
            [
                "-D", path, "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8",
                "--no-instructions",
            ] + (ephemeral ? ["--no-sync"] : []) + options)
    }

    private func run(_ program: String, _ arguments: [String]) async throws(EmbeddedStackError) {
        let logStart = directory.logSize
        var step = plan
        step.executable = program
        step.arguments = arguments
        let child = try await ChildProcess.spawn(step)
        await child.reaped()
        guard child.succeeded else {
            throw .startFailed(
                server: name, reason: "\(program) failed", log: directory.complaints(since: logStart))
        }
    }

    /// Line 8 of the process id file holds the state, which `pg_ctl` relies on as well.
    func isReady(process: pid_t) -> Bool {
        guard let text = try? String(contentsOfFile: pidFile, encoding: .utf8) else { return false }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.count >= 8 && pid_t(lines[0]) == process
            && lines[7].trimmingCharacters(in: .whitespaces) == "ready"
    }

    func isPassing(complaints: String) -> Bool {
        complaints.contains("pre-existing shared memory block")
            || complaints.contains("lock file \"postmaster.pid\" already exists")
    }
}
