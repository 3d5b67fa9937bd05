import Postgres
import Testing

@Suite struct TransactionTests {
    private struct Refusal: Error {}

    @Test func `a transaction commits what its body did`() async throws {
        try await withTable("committed", "n int") { pool in
            let inserted = try await pool.transaction { transaction in
                _ = try await transaction.query("insert into committed values (1)")
                // Seen inside, not yet outside.
                #expect(try await count("committed", pool) == 0)
                return try await transaction.pipeline([
                    "insert into committed values (2)", "select count(*) from committed",
                ])[1].only().decode(0, as: Int.self)
            }
            #expect(inserted == 2)
            #expect(try await count("committed", pool) == 2)
        }
    }

    @Test func `an error of the body rolls back and reaches the caller`() async throws {
        try await withTable("rolled_back", "n int", poolSize: 1) { pool in
            await #expect(throws: Refusal.self) {
                try await pool.transaction { transaction in
                    _ = try await transaction.query("insert into rolled_back values (1)")
                    throw Refusal()
                }
            }
            let rows = try await count("rolled_back", pool)
            #expect(rows == 0)
        }
    }

    @Test func `a body that hides a failed statement does not believe in its commit`() async throws {
        try await withTable("hidden", "n int", poolSize: 1) { pool in
            let error = await failure {
                try await pool.transaction { transaction in
                    _ = try await transaction.query("insert into hidden values (1)")
                    let inner = await failure { _ = try await transaction.query("select 1 / 0") }
                    #expect(inner?.sqlState == "22012")
                    let next = await failure { _ = try await transaction.query("select 1") }
                    #expect(next?.sqlState == "25P02")
                }
            }
            #expect(error?.sqlState == "25P02")
            #expect(error?.mayHaveTakenEffect == false)
            let hidden = try await count("hidden", pool)
            #expect(hidden == 0)
        }
    }

    @Test func `a transaction without a statement never reaches the server`() async throws {
        try await withPool(poolSize: 1) { pool in
            let seven = try await pool.transaction { _ in 7 }
            #expect(seven == 7)
            #expect(try await pool.backend() > 0)
        }
    }

    @Test func `a transaction that outlives its body is closed`() async throws {
        try await withPool(poolSize: 1) { pool in
            let leaked = try await pool.transaction { transaction in
                _ = try await transaction.query("select 1")
                return transaction
            }
            let error = await failure { _ = try await leaked.query("select 1") }
            #expect(error == .closed)
        }
    }

    @Test func `statements made at once in one transaction run one after another`() async throws {
        try await withTable("queued", "n int", poolSize: 1) { pool in
            try await pool.transaction { transaction in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<20 {
                        group.addTask {
                            _ = try await transaction.query(
                                PostgresStatement("insert into queued values ($1)", [.integer(number)]))
                        }
                    }
                    try await group.waitForAll()
                }
            }
            #expect(try await count("queued", pool) == 20)
        }
    }

    @Test func `BEGIN through a query does not leak an open transaction`() async throws {
        try await withPool(poolSize: 1) { pool in
            let backend = try await pool.backend()
            _ = try await pool.query("begin")
            #expect(try await pool.backend() != backend)
        }
    }

    @Test func `serialization failures are transient`() async throws {
        try await withTable("serial", "n int") { pool in
            _ = try await pool.query("insert into serial values (0)")
            let error = await failure {
                try await pool.transaction(isolation: .serializable) { first in
                    _ = try await first.query("select * from serial")
                    try await pool.transaction(isolation: .serializable) { second in
                        _ = try await second.query("update serial set n = n + 1")
                    }
                    _ = try await first.query("update serial set n = n + 1")
                }
            }
            #expect(error?.sqlState == "40001")
            #expect(error?.isTransient == true)
            #expect(try await pool.query("select n from serial").only().decode(0) == 1)
        }
    }

    @Test func `a row lock is waited for no longer than the deadline`() async throws {
        try await withTable("locked", "n int") { pool in
            _ = try await pool.query("insert into locked values (0)")
            let error = try await pool.transaction { holder in
                _ = try await holder.query("select * from locked for update")
                return await failure {
                    _ = try await pool.query("update locked set n = 1", deadline: .now + .seconds(2))
                }
            }
            guard case .timedOut(let outcomeUnknown) = error else { return #expect(error == nil) }
            let value: Int = try await pool.query("select n from locked").only().decode("n")
            #expect(value == 0 || outcomeUnknown)
        }
    }

    @Test func `a commit after cancellation does not happen`() async throws {
        try await withTable("abandoned", "n int", poolSize: 1) { pool in
            let task = Task {
                try await pool.transaction { transaction in
                    _ = try await transaction.query("insert into abandoned values (1)")
                    withUnsafeCurrentTask { unsafe $0?.cancel() }
                }
            }
            await #expect(throws: PostgresError.cancelled(outcomeUnknown: false)) { try await task.value }
            let abandoned = try await count("abandoned", pool)
            #expect(abandoned == 0)
        }
    }
}
