import Postgres
import Testing

@Suite struct StatementTests {
    @Test func `a unique violation names its constraint and changes nothing`() async throws {
        try await withTable("unique_words", "word text constraint one_word unique") { pool in
            _ = try await pool.query("insert into unique_words values ('um')")
            let error = await failure { _ = try await pool.query("insert into unique_words values ('um')") }
            #expect(error?.isUniqueViolation == true)
            #expect(error?.constraint == "one_word")
            #expect(error?.isTransient == false)
            #expect(error?.mayHaveTakenEffect == false)
            #expect(error.map { "\($0)".contains("'um'") } == false)
        }
    }

    @Test func `a deferred constraint fails the statement that commits it`() async throws {
        try await withTable("deferred_words", "word text unique deferrable initially deferred") { pool in
            _ = try await pool.query("insert into deferred_words values ('um')")
            let error = await failure { _ = try await pool.query("insert into deferred_words values ('um')") }
            #expect(error?.isUniqueViolation == true)
            let batch = await failure {
                _ = try await pool.pipeline([
                    "insert into deferred_words values ('ah')", "insert into deferred_words values ('um')",
                ])
            }
            #expect(batch?.isUniqueViolation == true)
            let inTransaction = await failure {
                try await pool.transaction {
                    _ = try await $0.query("insert into deferred_words values ('um')")
                }
            }
            #expect(inTransaction?.isUniqueViolation == true)
            #expect(try await count("deferred_words", pool) == 1)
        }
    }

    @Test func `affected rows are counted`() async throws {
        try await withTable("counted", "n bigint") { pool in
            let insert = PostgresStatement(
                "insert into counted select * from unnest($1::bigint[])", [.integers([1, 2, 3])])
            let inserted = try await pool.query(insert).affectedRows
            #expect(inserted == 3)
            let deleted = try await pool.query("delete from counted where n > 1").affectedRows
            #expect(deleted == 2)
            let updated = try await pool.query("update counted set n = 9 where false").affectedRows
            #expect(updated == 0)
        }
    }

    @Test func `a pipeline returns its results in order`() async throws {
        try await withPool { pool in
            let results = try await pool.pipeline(
                (0..<50).map { PostgresStatement("select $1::bigint as n", [.integer(Int64($0))]) })
            #expect(try results.map { try $0.only().decode("n", as: Int.self) } == Array(0..<50))
        }
    }

    @Test func `a pipeline takes effect whole or not at all`() async throws {
        try await withTable("batched", "n bigint primary key") { pool in
            let insert: (Int) -> PostgresStatement = {
                PostgresStatement("insert into batched values ($1)", [.integer($0)])
            }
            let error = await failure {
                _ = try await pool.pipeline([insert(1), insert(2), insert(1), insert(3)])
            }
            #expect(error?.isUniqueViolation == true)
            #expect(try await count("batched", pool) == 0)
            _ = try await pool.pipeline([insert(1), insert(2)])
            #expect(try await count("batched", pool) == 2)
            let typo = await failure {
                _ = try await pool.pipeline([insert(7), "insert into batchd values (8)"])
            }
            #expect(typo?.sqlState == "42P01")
            let range = await failure {
                _ = try await pool.pipeline([
                    insert(7), PostgresStatement("select $1::smallint", [.integer(99_999)]),
                ])
            }
            if case .encoding = range {} else { #expect(range == nil) }
            #expect(try await count("batched", pool) == 2)
        }
    }

    @Test func `the connection serves on after every kind of failure`() async throws {
        try await withPool(poolSize: 1) { pool in
            let backend = try await pool.backend()
            for sql in ["select 1 / 0", "selekt", "select * from nowhere", "", ";", "select 1; select 2"] {
                #expect(await failure { _ = try await pool.query(PostgresStatement(sql)) } != nil, "\(sql)")
            }
            #expect(await failure { _ = try await pool.query(PostgresStatement("select $1::int")) } != nil)
            #expect(await failure { try await pool.execute(script: "select 1; selekt") } != nil)
            #expect(try await pool.backend() == backend)
        }
    }

    @Test func `COPY is refused and the pool recovers`() async throws {
        try await withTable("copied", "n bigint") { pool in
            #expect(await failure { _ = try await pool.query("copy copied from stdin") } != nil)
            #expect(await failure { try await pool.execute(script: "copy copied to stdout") } != nil)
            let copied = try await count("copied", pool)
            #expect(copied == 0)
        }
    }

    @Test func `a script runs many commands in one transaction`() async throws {
        try await withPool { pool in
            try await pool.execute(
                script: "create table scripted (n int); insert into scripted values (1), (2);")
            #expect(try await count("scripted", pool) == 2)
            let error = await failure {
                try await pool.execute(script: "insert into scripted values (3); select 1 / 0;")
            }
            #expect(error?.sqlState == "22012")
            #expect(try await count("scripted", pool) == 2)
            try await pool.execute(script: "drop table scripted")
        }
    }

    @Test func `a statement is prepared once and survives a change of its table`() async throws {
        try await withTable("changing", "a int", poolSize: 1) { pool in
            let select: PostgresStatement = "select * from changing"
            for _ in 0..<3 { _ = try await pool.query(select) }
            let prepared =
                "select count(*) from pg_prepared_statements where statement = 'select * from changing'"
            #expect(try await pool.query(PostgresStatement(prepared)).only().decode(0) == 1)
            try await pool.execute(script: "alter table changing add column b int")
            #expect(try await pool.query(select).columns == ["a", "b"])
            try await pool.execute(script: "deallocate all")
            #expect(try await pool.query(select).columns == ["a", "b"])
        }
    }

    @Test func `a change of a table under an open transaction is transient`() async throws {
        try await withTable("changing_inside", "a int", poolSize: 1) { pool in
            let select: PostgresStatement = "select * from changing_inside"
            _ = try await pool.query(select)
            let error = await failure {
                try await pool.transaction { transaction in
                    try await transaction.execute(script: "alter table changing_inside add column b int")
                    _ = try await transaction.query(select)
                }
            }
            #expect(error?.sqlState == "0A000")
            #expect(error?.isTransient == true)
            let columns = try await pool.query(select).columns
            #expect(columns == ["a"])
        }
    }

    @Test func `neither a statement nor its dump shows parameters`() {
        let statement = PostgresStatement("select $1::text", ["what the user said"])
        var dumped = ""
        dump(statement, to: &dumped)
        #expect(![dumped, "\(statement)", String(reflecting: statement)].contains { $0.contains("user") })
    }

    @Test func `the cache of prepared statements stays bounded`() async throws {
        try await withPool(poolSize: 1) { pool in
            for number in 0..<300 { _ = try await pool.query(PostgresStatement("select \(number)")) }
            let held: Int = try await pool.query("select count(*) from pg_prepared_statements").only().decode(
                0)
            #expect(held <= 256)
        }
    }

    @Test func `a large parameter and a large result pass through`() async throws {
        try await withPool { pool in
            let bytes = [UInt8](repeating: 7, count: 20_000_000)
            let row = try await pool.query(
                PostgresStatement("select $1::bytea as b, length($1::bytea) as n", [.bytes(bytes)])
            ).only()
            #expect(try row.decode("n") == bytes.count)
            #expect(try row.decode("b", as: [UInt8].self) == bytes)
            let many = try await pool.query("select n from generate_series(1, 200000) n")
            #expect(many.count == 200_000)
            #expect(try many[199_999].decode(0) == 200_000)
        }
    }

    @Test func `a pipeline larger than every buffer does not lock up`() async throws {
        try await withPool(poolSize: 1) { pool in
            let block = String(repeating: "x", count: 100_000)
            let results = try await pool.pipeline(
                (0..<100).map { _ in PostgresStatement("select $1::text as t", [.text(block)]) })
            #expect(results.count == 100)
            #expect(try results.allSatisfy { try $0.only().decode("t") == block })
        }
    }
}

func count(_ table: String, _ pool: PostgresPool) async throws -> Int {
    try await pool.query(PostgresStatement("select count(*) from \(table)")).only().decode(0)
}

/// Runs a body with a table that only it knows.
func withTable(
    _ name: String, _ columns: String, poolSize: Int = 4, _ body: (PostgresPool) async throws -> Void
) async throws {
    try await withPool(poolSize: poolSize) { pool in
        try await pool.execute(script: "drop table if exists \(name); create table \(name) (\(columns))")
        try await body(pool)
        try await pool.execute(script: "drop table \(name)")
    }
}
