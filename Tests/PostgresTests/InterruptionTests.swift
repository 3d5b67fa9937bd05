import Foundation
import Postgres
import Testing

/// What happens to a call when its time, its task or its connection is taken away.
@Suite struct InterruptionTests {
    @Test func `the server's statement timeout ends a statement with a known outcome`() async throws {
        try await withPool(poolSize: 1, statementTimeout: .milliseconds(100)) { pool in
            let backend = try await pool.backend()
            let error = await failure { _ = try await pool.query("select pg_sleep(60)") }
            #expect(error == .timedOut(outcomeUnknown: false))
            #expect(try await pool.backend() == backend)
        }
    }

    @Test func `a deadline ends a statement and leaves the server idle`() async throws {
        try await withPool(poolSize: 1) { pool in
            let backend = try await pool.backend()
            let error = await failure {
                _ = try await pool.query(
                    "select pg_sleep(60), 'deadline'", deadline: .now + .seconds(1))
            }
            guard case .timedOut(let outcomeUnknown) = error else { return #expect(error == nil) }
            // On a starved machine the server may be late, and its connection is given up instead.
            let isSame = try await pool.backend() == backend
            #expect(isSame || outcomeUnknown)
            let isIdle = try await eventually {
                try await activeStatements(marked: "'deadline'", through: pool) == 0
            }
            #expect(isIdle)
        }
    }

    @Test func `a deadline that has passed sends nothing`() async throws {
        try await withTable("too_late", "n int") { pool in
            let error = await failure {
                _ = try await pool.query("insert into too_late values (1)", deadline: .now - .seconds(1))
            }
            #expect(error?.mayHaveTakenEffect == false)
            let rows = try await count("too_late", pool)
            #expect(rows == 0)
        }
    }

    @Test func `cancelling a task stops its statement and frees the connection`() async throws {
        try await withPool(poolSize: 2) { pool in
            let task = Task { try await pool.query("select pg_sleep(60), 'cancelled'") }
            let started = try await eventually {
                try await activeStatements(marked: "'cancelled'", through: pool) == 1
            }
            #expect(started)
            task.cancel()
            let error = await failure { _ = try await task.value }
            guard case .cancelled = error else { return #expect(error == nil) }
            let stopped = try await eventually {
                try await activeStatements(marked: "'cancelled'", through: pool) == 0
            }
            #expect(stopped)
            let isFree = await eventually { pool.statistics.idle == pool.statistics.open }
            #expect(isFree)
        }
    }

    @Test func `a call of a cancelled task is never sent`() async throws {
        try await withPool(poolSize: 1) { pool in
            let task = Task {
                withUnsafeCurrentTask { unsafe $0?.cancel() }
                return try await pool.query("select 1")
            }
            await #expect(throws: PostgresError.cancelled(outcomeUnknown: false)) { try await task.value }
            #expect(pool.statistics.open == 0)
        }
    }

    @Test func `a cancelled statement of a transaction rolls the transaction back`() async throws {
        try await withTable("cut_short", "n int") { pool in
            let task = Task {
                try await pool.transaction { transaction in
                    _ = try await transaction.query("insert into cut_short values (1)")
                    _ = try await transaction.query("select pg_sleep(60), 'cut short'")
                }
            }
            let started = try await eventually {
                try await activeStatements(marked: "'cut short'", through: pool) == 1
            }
            #expect(started)
            task.cancel()
            await #expect(throws: PostgresError.self) { try await task.value }
            #expect(try await count("cut_short", pool) == 0)
            let ended = try await eventually {
                try await pool.query(
                    """
                    select from pg_stat_activity
                    where state <> 'idle' and pid <> pg_backend_pid() and query like '%cut short%'
                    """
                ).isEmpty
            }
            #expect(ended)
        }
    }

    @Test func `cancel requests never strike the next call`() async throws {
        try await withPool(poolSize: 2) { pool in
            for round in 0..<100 {
                let task = Task { try await pool.query("select pg_sleep(0.002)") }
                try await Task.sleep(for: .microseconds(500 * (round % 8)))
                task.cancel()
                async let first = pool.query("select pg_sleep(0.001)")
                async let second = pool.query("select pg_sleep(0.001)")
                _ = try await (first, second)
                _ = try? await task.value
            }
        }
    }

    @Test func `idle connections that the server closed are replaced unnoticed`() async throws {
        try await withPool(poolSize: 1) { pool in
            try await withPool(poolSize: 1) { other in
                for _ in 0..<30 {
                    let backend = try await pool.backend()
                    try await other.terminate(backend)
                    #expect(try await pool.backend() != backend)
                }
            }
        }
    }

    @Test func `a connection cut during a statement leaves the outcome unknown`() async throws {
        try await withPool { pool in
            async let error = failure { _ = try await pool.query("select pg_sleep(60), 'killed'") }
            try await terminate(marked: "'killed'", through: pool)
            guard case .disconnected(outcomeUnknown: true, reason: let reason) = await error else {
                return #expect(await error == nil)
            }
            #expect(reason.hasPrefix("57P01"))
            #expect(try await pool.query("select 1").count == 1)
        }
    }

    @Test func `a connection cut inside a transaction has changed nothing`() async throws {
        try await withTable("cut_inside", "n int") { pool in
            async let error = failure {
                try await pool.transaction { transaction in
                    _ = try await transaction.query("insert into cut_inside values (1)")
                    _ = try await transaction.query("select pg_sleep(60), 'inside'")
                }
            }
            try await terminate(marked: "'inside'", through: pool)
            guard case .disconnected(outcomeUnknown: false, reason: _) = await error else {
                return #expect(await error == nil)
            }
            #expect(try await count("cut_inside", pool) == 0)
        }
    }

    @Test func `a connection cut between the statements of a transaction has changed nothing`() async throws {
        try await withTable("cut_between", "n int") { pool in
            let error = await failure {
                try await pool.transaction { transaction in
                    let backend = try await transaction.query(
                        "insert into cut_between values (1) returning pg_backend_pid() as pid"
                    ).only().decode("pid", as: Int32.self)
                    try await pool.terminate(backend)
                }
            }
            #expect(error?.isTransient == true)
            #expect(error?.mayHaveTakenEffect == false)
            let rows = try await count("cut_between", pool)
            #expect(rows == 0)
        }
    }

    @Test func `a cut during COMMIT says that the outcome is unknown`() async throws {
        try await withTable("committing", "n int") { pool in
            // The deferred trigger runs inside COMMIT and holds it there.
            try await pool.execute(
                script: """
                    create function dawdle() returns trigger language plpgsql as
                        $$ begin perform pg_sleep(60); return null; end $$;
                    create constraint trigger dawdle after insert on committing
                        deferrable initially deferred for each row execute function dawdle();
                    """)
            async let error = failure {
                try await pool.transaction { _ = try await $0.query("insert into committing values (1)") }
            }
            try await terminate(marked: "COMMIT", through: pool)
            #expect(await error?.mayHaveTakenEffect == true)
            #expect(await error?.isTransient == true)
            try await pool.execute(script: "drop function dawdle cascade")
        }
    }
}
