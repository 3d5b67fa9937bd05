import EmbeddedStack
import Foundation
import Postgres
import Testing

/// What happens to calls when the server freezes, dies, fills up or changes its role.
@Suite struct OutageTests {
    @Test func `a frozen server process does not hold a call beyond its deadline`() async throws {
        try await withPool(poolSize: 2) { pool in
            let backend = try await pool.backend()
            kill(backend, SIGSTOP)
            defer { kill(backend, SIGCONT) }
            let deadline = ContinuousClock.now + .seconds(3)
            let errors = await withTaskGroup(of: PostgresError?.self) { group in
                for _ in 0..<2 {
                    group.addTask {
                        await failure {
                            _ = try await pool.query("select pg_backend_pid()", deadline: deadline)
                        }
                    }
                }
                return await group.reduce(into: [PostgresError?]()) { $0.append($1) }
            }
            // One met the frozen process with a statement it knew, the other was given a new connection.
            #expect(errors.compactMap(\.self) == [.timedOut(outcomeUnknown: true)])
            let isReplaced = try await eventually {
                try await pool.backend() != backend && pool.statistics.open <= 2
            }
            #expect(isReplaced)
        }
    }

    @Test func `a frozen server ends calls at their deadlines and serves again after the thaw`() async throws
    {
        try await withOwnServer { server in
            let configuration = try PostgresConfiguration(uri: server.uri, poolSize: 2)
            try await withPool(configuration) { pool in
                _ = try await pool.query("select 1")
                await server.freeze()
                for _ in 0..<4 {
                    let error = await failure {
                        _ = try await pool.query("select 1", deadline: .now + .milliseconds(300))
                    }
                    #expect(error?.isTransient == true)
                }
                await server.thaw()
                let isBack = await eventually {
                    await failure { _ = try await pool.query("select 1") } == nil
                }
                #expect(isBack)
            }
        }
    }

    @Test func `a server that stops and starts again is found again`() async throws {
        try await withOwnServer { server in
            let configuration = try PostgresConfiguration(uri: server.uri, poolSize: 2)
            try await withPool(configuration) { pool in
                _ = try await pool.query("select 1")
                await server.stop()
                for _ in 0..<10 {
                    let error = await failure { _ = try await pool.query("select 1") }
                    #expect(error?.isTransient == true)
                    #expect(error?.mayHaveTakenEffect == false)
                }
                #expect(pool.statistics.open == 0)
                try await server.startAgain()
                let isBack = await eventually {
                    await failure { _ = try await pool.query("select 1") } == nil
                }
                #expect(isBack)
                #expect(pool.statistics.consecutiveFailures == 0)
            }
        }
    }

    @Test func `a server killed under load fails calls by name and loses none`() async throws {
        try await withOwnServer { server in
            let configuration = try PostgresConfiguration(uri: server.uri, poolSize: 4)
            try await withPool(configuration) { pool in
                _ = try await pool.query("select 1")
                let outcomes = await withTaskGroup(of: PostgresError?.self) { group in
                    for _ in 0..<40 {
                        group.addTask { await failure { _ = try await pool.query("select pg_sleep(0.2)") } }
                    }
                    await server.kill(signal: SIGKILL)
                    return await group.reduce(into: [PostgresError?]()) { $0.append($1) }
                }
                #expect(outcomes.count == 40)
                #expect(outcomes.allSatisfy { $0 == nil || $0?.isTransient == true })
                try await server.startAgain()
                let isBack = await eventually {
                    await failure { _ = try await pool.query("select 1") } == nil
                }
                #expect(isBack)
            }
        }
    }

    @Test func `a server that is full lets the pool live with fewer connections`() async throws {
        let settings = ["max_connections": "7", "superuser_reserved_connections": "0"]
        try await withOwnServer(settings: settings) { server in
            let configuration = try PostgresConfiguration(uri: server.uri, poolSize: 20)
            try await withPool(configuration) { pool in
                // The first call sees the server before the crowd does.
                _ = try await pool.query("select 1")
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<60 { group.addTask { _ = try await pool.query("select pg_sleep(0.05)") } }
                    try await group.waitForAll()
                }
                #expect(pool.statistics.open <= 7)
            }
        }
    }

    @Test func `a connection that has become read-only is replaced`() async throws {
        try await withTable("failed_over", "n int", poolSize: 1) { pool in
            try await pool.execute(script: "set default_transaction_read_only = on")
            let error = await failure { _ = try await pool.query("insert into failed_over values (1)") }
            #expect(error?.sqlState == "25006")
            #expect(error?.isTransient == true)
            let inserted = try await pool.query("insert into failed_over values (1)").affectedRows
            #expect(inserted == 1)
        }
    }

    @Test func `a host that never answers holds no call beyond its deadline`() async throws {
        try await withSilentPort { port in
            let configuration = try PostgresConfiguration(
                uri: "host=127.0.0.1 port=\(port) user=x dbname=x", connectTimeout: .seconds(2))
            try await withPool(configuration) { pool in
                let error = await failure {
                    _ = try await pool.query("select 1", deadline: .now + .milliseconds(200))
                }
                guard case .connectionFailed = error else { return #expect(error == nil) }
            }
        }
    }

    @Test func `the second host serves when the first never answers`() async throws {
        let uri = try await TestLedger.server.uri
        let socket = try #require(try PostgresConfiguration(uri: uri)[keyword: "host"])
        try await withSilentPort { port in
            let configuration = try PostgresConfiguration(
                uri: "host=127.0.0.1,\(socket) port=\(port),5432 user=postgres dbname=postgres",
                connectTimeout: .seconds(2))
            try await withPool(configuration) { pool in
                let rows = try await pool.query("select 1")
                #expect(rows.count == 1)
            }
        }
    }

    /// A port that accepts connections, by the kernel's doing, and never says a word.
    private func withSilentPort(_ body: (UInt16) async throws -> Void) async throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) | listen(descriptor, 16) | getsockname(descriptor, $0, &length)
            }
        }
        try #require(status == 0)
        try await body(UInt16(bigEndian: address.sin_port))
    }
}
