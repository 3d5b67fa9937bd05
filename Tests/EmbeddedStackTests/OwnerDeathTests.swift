import EmbeddedStack
import Foundation
import Testing

@Suite struct OwnerDeathTests {
    @Test func `servers die with a process that is killed`() async throws {
        let result = try await #require(
            processExitsWith: .signal(SIGKILL), observing: [\.standardOutputContent]
        ) {
            let directory = URL(filePath: "/tmp/embedded-\(UUID().uuidString.prefix(8))")
            let stack = try await EmbeddedStack.start(directory: directory, ephemeral: true)
            let postgres = try #require(await stack.postgres.processIdentifier)
            let redis = try #require(await stack.redis.processIdentifier)
            // Time for the threads of the pool to come and go: the servers must not depend on one.
            try await Task.sleep(for: .milliseconds(300))
            let report = Array("\n@\(directory.path)@\(postgres)@\(redis)@\n".utf8)
            _ = write(1, report, report.count)
            kill(getpid(), SIGKILL)
        }
        let fields = String(decoding: result.standardOutputContent, as: UTF8.self).split(separator: "@")
        try #require(fields.count >= 4)
        let directory = URL(filePath: String(fields[1]))
        defer { try? FileManager.default.removeItem(at: directory) }
        for field in fields[2...3] {
            let pid = try #require(Int32(field))
            #expect(await eventually { [nil, "Z"].contains(processState(pid)) })
        }
        // And the data is free for the next owner.
        let next = try await EmbeddedStack.start(directory: directory, ephemeral: true)
        #expect(try await psql(next.postgres.uri, "select 1") == "1\n")
        await next.stop()
    }

    @Test func `a server left behind is stopped before the next start`() async throws {
        try await withTemporaryDirectory { directory in
            let first = try await PrivateRedis.start(dataDirectory: directory)
            await first.stop()
            // The same command line as ours, in a process of somebody else.
            let program = try await output(of: "sh", ["-c", "command -v redis-server"])
            let orphan = Process()
            orphan.executableURL = URL(filePath: program.trimmingCharacters(in: .newlines))
            orphan.arguments = [directory.appending(path: "redis.conf").path]
            orphan.standardOutput = FileHandle.nullDevice
            try await launchWithSignals(orphan)
            #expect(await eventually { (try? await redisCLI(first.uri, ["PING"])) == "PONG\n" })
            try await redisCLI(first.uri, ["SET", "key", "value"])

            try await first.startAgain()
            #expect(await eventually { !orphan.isRunning })
            #expect(try await redisCLI(first.uri, ["GET", "key"]) == "value\n")
            await first.stop()
        }
    }

    @Test func `a stale process id file that names a stranger is ignored`() async throws {
        try await withTemporaryDirectory { directory in
            let server = try await PrivatePostgres.start(dataDirectory: directory, ephemeral: true)
            let pidFile = server.logFile.deletingLastPathComponent().appending(path: "data/postmaster.pid")
            let content = try String(contentsOf: pidFile, encoding: .utf8)
            await server.kill(signal: SIGKILL)
            let lines = content.split(separator: "\n", omittingEmptySubsequences: false).dropFirst()
            // Our own id: a living process that is no server.
            let stale = (["\(getpid())"] + lines).joined(separator: "\n")
            try stale.write(to: pidFile, atomically: true, encoding: .utf8)
            try await server.startAgain()
            #expect(try await psql(server.uri, "select 1") == "1\n")
            await server.stop()
        }
    }
}
