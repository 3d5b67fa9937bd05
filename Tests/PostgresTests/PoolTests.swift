import EmbeddedStack
import Foundation
import Postgres
import Testing

@Suite struct PoolTests {
    @Test func `two hundred calls at once share eight connections`() async throws {
        try await withPool(poolSize: 8) { pool in
            let backends = try await withThrowingTaskGroup(of: (Int, Int32).self) { group in
                for number in 0..<200 {
                    group.addTask {
                        let row = try await pool.query(
                            PostgresStatement(
                                "select $1::int as n, pg_backend_pid() as pid, pg_sleep(0.01)",
                                [.integer(number)])
                        ).only()
                        return (try row.decode("n"), try row.decode("pid"))
                    }
                }
                return try await group.reduce(into: [Int: Int32]()) { $0[$1.0] = $1.1 }
            }
            #expect(backends.count == 200)
            #expect(Set(backends.values).count <= 8)
            #expect(pool.statistics.open <= 8)
        }
    }

    @Test func `a call that finds every connection busy ends at its deadline`() async throws {
        try await withPool(poolSize: 1) { pool in
            try await pool.transaction { transaction in
                _ = try await transaction.query("select 1")
                let error = await failure {
                    _ = try await pool.query("select 1", deadline: .now + .milliseconds(50))
                }
                #expect(error == .poolExhausted)
            }
            #expect(try await pool.query("select 1").count == 1)
        }
    }

    @Test func `a server that is not there fails calls at once`() async throws {
        let configuration = try PostgresConfiguration(uri: "host=/nonexistent dbname=x user=y")
        try await withPool(configuration) { pool in
            for _ in 0..<20 {
                let error = await failure { _ = try await pool.query("select 1") }
                guard case .connectionFailed = error else { return #expect(error == nil) }
                #expect(error?.isTransient == true)
            }
            #expect(pool.statistics.open == 0)
        }
    }

    @Test func `the second host serves when the first refuses`() async throws {
        let uri = try await TestLedger.server.uri
        let socket = try #require(try PostgresConfiguration(uri: uri)[keyword: "host"])
        let user = try #require(try PostgresConfiguration(uri: uri)[keyword: "user"])
        let configuration = try PostgresConfiguration(
            uri: "host=127.0.0.1,\(socket) port=1,5432 user=\(user) dbname=postgres", poolSize: 2)
        #expect(configuration[keyword: "target_session_attrs"] == "read-write")
        try await withPool(configuration) { pool in
            let one = try await pool.query("select 1 as one").only().decode("one", as: Int.self)
            #expect(one == 1)
        }
    }

    @Test func `a wrong database is named, and no password`() async throws {
        let uri = try await TestLedger.server.uri
        let socket = try #require(try PostgresConfiguration(uri: uri)[keyword: "host"])
        let configuration = try PostgresConfiguration(
            uri: "host='\(socket)' user=postgres dbname=nowhere password=s3cret")
        try await withPool(configuration) { pool in
            let error = await failure { _ = try await pool.query("select 1") }
            let text = error.map { "\($0)" } ?? ""
            #expect(text.contains("nowhere"))
            #expect(!text.contains("s3cret"))
        }
    }

    @Test func `session settings are in force`() async throws {
        try await withPool(poolSize: 1, statementTimeout: .milliseconds(1234)) { pool in
            let names = [
                "statement_timeout", "idle_in_transaction_session_timeout", "TimeZone", "application_name",
            ]
            let values = try await pool.pipeline(
                names.map { PostgresStatement("select current_setting($1) as v", [.text($0)]) })
            #expect(try values.map { try $0.only().decode("v") } == ["1234ms", "1min", "UTC", "speechcoach"])
        }
    }

    @Test func `close serves those who wait and refuses everybody later`() async throws {
        let pool = try PostgresPool(configuration: try await TestLedger.configuration(poolSize: 2))
        let served = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<10 {
                group.addTask { try await pool.query("select 1, pg_sleep(0.05)").count }
            }
            while pool.statistics.waiting + pool.statistics.open < 8 { await Task.yield() }
            await pool.close()
            return try await group.reduce(0, +)
        }
        #expect(served == 10)
        #expect(await failure { _ = try await pool.query("select 1") } == .closed)
        await pool.close()
        #expect(pool.statistics.open == 0)
    }

    @Test func `close cuts what is still running at its deadline`() async throws {
        let pool = try PostgresPool(configuration: try await TestLedger.configuration(poolSize: 1))
        async let error = failure { _ = try await pool.query("select pg_sleep(60)") }
        let running = await eventually { pool.statistics.open == 1 && pool.statistics.idle == 0 }
        #expect(running)
        await pool.close(deadline: .now + .milliseconds(50))
        #expect(await error?.mayHaveTakenEffect == true)
    }

    @Test func `a pool that is forgotten leaves no connection behind`() async throws {
        try await withPool { observer in
            let name = "forgotten-\(UUID().uuidString)"
            let uri = try await TestLedger.server.uri
            func use() async throws {
                let pool = try PostgresPool(
                    configuration: PostgresConfiguration(uri: uri, applicationName: name))
                _ = try await pool.query("select 1")
            }
            try await use()
            let isGone = try await eventually {
                try await observer.query(
                    PostgresStatement(
                        "select from pg_stat_activity where application_name = $1", [.text(name)])
                ).isEmpty
            }
            #expect(isGone)
        }
    }
}
