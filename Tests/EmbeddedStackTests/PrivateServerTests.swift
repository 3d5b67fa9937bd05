import EmbeddedStack
import Foundation
import Testing

@Suite struct PrivateServerTests {
    @Test func `PostgreSQL starts, stops and starts again on the same data`() async throws {
        try await withTemporaryDirectory { directory in
            let server = try await PrivatePostgres.start(dataDirectory: directory, ephemeral: true)
            try await psql(server.uri, "create table t (x int); insert into t values (42)")
            await server.stop()
            #expect(await server.processIdentifier == nil)
            try await server.startAgain()
            #expect(try await psql(server.uri, "select x from t") == "42\n")
            await server.stop()
        }
    }

    @Test func `a durable PostgreSQL keeps committed rows through a kill`() async throws {
        try await withTemporaryDirectory { directory in
            let server = try await PrivatePostgres.start(dataDirectory: directory)
            try await psql(server.uri, "create table t (x int); insert into t values (42)")
            await server.kill(signal: SIGKILL)
            #expect(await server.processIdentifier == nil)
            try await server.startAgain()
            #expect(try await psql(server.uri, "select x from t; show data_checksums") == "42\non\n")
            await server.stop()
        }
    }

    @Test func `a new start finds the data of an earlier one`() async throws {
        try await withTemporaryDirectory { directory in
            let first = try await EmbeddedStack.start(directory: directory)
            try await psql(first.postgres.uri, "create table t (x int)")
            #expect(try await redisCLI(first.redis.uri, ["SET", "key", "value"]) == "OK\n")
            await first.stop()
            let second = try await EmbeddedStack.start(directory: directory)
            #expect(try await psql(second.postgres.uri, "select count(*) from t") == "0\n")
            #expect(try await redisCLI(second.redis.uri, ["GET", "key"]) == "value\n")
            #expect(second.postgres.uri == first.postgres.uri)
            await second.stop()
        }
    }

    @Test func `Redis survives a kill with its append-only file`() async throws {
        try await withTemporaryDirectory { directory in
            let server = try await PrivateRedis.start(dataDirectory: directory, listening: .loopbackToo)
            let port = try #require(server.loopbackPort)
            try await output(of: "redis-cli", ["-p", String(port), "SET", "key", "value"])
            await server.kill(signal: SIGKILL)
            try await server.startAgain()
            #expect(try await output(of: "redis-cli", ["-p", String(port), "GET", "key"]) == "value\n")
            await server.stop()
        }
    }

    @Test func `two stacks run side by side`() async throws {
        try await withTemporaryDirectory { directory in
            async let left = EmbeddedStack.start(
                directory: directory.appending(path: "left"), ephemeral: true)
            async let right = EmbeddedStack.start(
                directory: directory.appending(path: "right"), ephemeral: true)
            let (one, other) = try await (left, right)
            try await redisCLI(one.redis.uri, ["SET", "key", "one"])
            #expect(try await redisCLI(other.redis.uri, ["GET", "key"]) == "\n")
            try await psql(one.postgres.uri, "create table t (x int)")
            try await psql(other.postgres.uri, "create table t (x int)")
            await one.stop()
            #expect(try await redisCLI(other.redis.uri, ["PING"]) == "PONG\n")
            await other.stop()
        }
    }

    @Test func `a directory in use is refused and its server left alone`() async throws {
        try await withTemporaryDirectory { directory in
            let server = try await PrivateRedis.start(dataDirectory: directory)
            let error = await #expect(throws: EmbeddedStackError.self) {
                _ = try await PrivateRedis.start(dataDirectory: directory)
            }
            #expect(error == .inUse(directory: directory.path, byProcess: getpid()))
            #expect(error?.isTransient == true)
            #expect(try await redisCLI(server.uri, ["PING"]) == "PONG\n")
            await server.stop()
        }
    }

    @Test func `a frozen server answers again after the thaw`() async throws {
        try await withTemporaryDirectory { directory in
            let server = try await PrivateRedis.start(dataDirectory: directory, ephemeral: true)
            await server.freeze()
            let pid = try #require(await server.processIdentifier)
            #expect(await eventually { processState(pid) == "T" })
            await server.thaw()
            #expect(try await redisCLI(server.uri, ["PING"]) == "PONG\n")
            await server.freeze()
            // A stopped process cannot act on a polite request; stopping wakes it first.
            await server.stop()
            #expect(processState(pid) == nil)
        }
    }

    @Test func `a path too long for a socket gets a short one`() async throws {
        try await withTemporaryDirectory { directory in
            let deep = directory.appending(path: String(repeating: "long name/", count: 12))
            let stack = try await EmbeddedStack.start(directory: deep, ephemeral: true)
            #expect(try await psql(stack.postgres.uri, "select 1") == "1\n")
            #expect(try await redisCLI(stack.redis.uri, ["PING"]) == "PONG\n")
            await stack.stop()
        }
    }

    @Test func `a path with quotes, commas and blanks is fine`() async throws {
        try await withTemporaryDirectory { directory in
            let odd = directory.appending(path: #"a, "b" 'c' %41\d"#)
            let stack = try await EmbeddedStack.start(directory: odd, ephemeral: true)
            #expect(try await psql(stack.postgres.uri, "select 1") == "1\n")
            #expect(try await redisCLI(stack.redis.uri, ["PING"]) == "PONG\n")
            await stack.stop()
        }
    }

    @Test func `a server that ends unasked is started again, a stopped one is not`() async throws {
        try await withTemporaryDirectory { directory in
            let stack = try await EmbeddedStack.start(directory: directory)
            try await redisCLI(stack.redis.uri, ["SET", "key", "value"])
            let keeper = Task { await stack.keepRunning { _ in } }
            for pid in [await stack.redis.processIdentifier, await stack.postgres.processIdentifier] {
                kill(try #require(pid), SIGKILL)
            }
            #expect(await eventually { (try? await psql(stack.postgres.uri, "select 1")) == "1\n" })
            #expect(await eventually { (try? await redisCLI(stack.redis.uri, ["GET", "key"])) == "value\n" })
            await stack.stop()
            keeper.cancel()
            await keeper.value
            #expect(await stack.redis.processIdentifier == nil)
            #expect(await stack.postgres.processIdentifier == nil)
        }
    }

    @Test func `a directory with other files in it is left as it is`() async throws {
        try await withTemporaryDirectory { directory in
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            try "mine".write(to: directory.appending(path: "letter.txt"), atomically: true, encoding: .utf8)
            let error = await #expect(throws: EmbeddedStackError.self) {
                _ = try await PrivatePostgres.start(dataDirectory: directory, ephemeral: true)
            }
            #expect(error?.description.contains("other files") == true)
            let owner =
                try FileManager.default.attributesOfItem(atPath: directory.path)[.ownerAccountID] as? Int
            #expect(owner == Int(getuid()))
        }
    }

    @Test func `a server that cannot start says why`() async throws {
        try await withTemporaryDirectory { directory in
            let error = await #expect(throws: EmbeddedStackError.self) {
                _ = try await PrivatePostgres.start(
                    dataDirectory: directory, ephemeral: true, settings: ["max_connections": "many"])
            }
            #expect(error?.description.contains("max_connections") == true)
        }
    }

    @Test(.enabled(if: getuid() == 0, "only root has a home that the server's account cannot enter"))
    func `a directory the server's account cannot enter is replaced by one it can`() async throws {
        try await withTemporaryDirectory { directory in
            let closed = directory.appending(path: "closed")
            try FileManager.default.createDirectory(at: closed, withIntermediateDirectories: true)
            chmod(closed.path, 0o700)
            let server = try await PrivatePostgres.start(
                dataDirectory: closed.appending(path: "postgres"), ephemeral: true)
            let note = try #require(server.notes.first)
            #expect(note.contains(closed.path))
            #expect(try await psql(server.uri, "select 1") == "1\n")
            await server.stop()
            try FileManager.default.removeItem(at: server.logFile.deletingLastPathComponent())
        }
    }
}
