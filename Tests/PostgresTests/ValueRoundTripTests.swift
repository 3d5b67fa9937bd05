import Foundation
import Postgres
import Testing

@Suite struct ValueRoundTripTests {
    private func echo<T: PostgresDecodable>(
        _ value: PostgresValue, _ type: String, as: T.Type = T.self
    ) async throws -> T {
        try await withPool(poolSize: 1) { pool in
            try await pool.query(PostgresStatement("select $1::\(type) as v", [value])).only().decode("v")
        }
    }

    @Test(arguments: [Int64.min, -1, 0, 1, 1 << 40, .max])
    func `integers survive in every integer type that holds them`(value: Int64) async throws {
        #expect(try await echo(.integer(value), "bigint") == value)
        #expect(try await echo(.integer(value), "numeric") == value)
        #expect(try await echo(.integer(value), "text") == String(value))
        #expect(try await echo(.integer(value % 30_000), "smallint") == Int16(value % 30_000))
        #expect(try await echo(.integer(value % 2_000_000_000), "integer") == Int32(value % 2_000_000_000))
        #expect(try await echo(.integer(value % 1_000_000), "double precision") == Double(value % 1_000_000))
    }

    @Test(arguments: ["integer", "smallint"])
    func `an integer that does not fit is refused before it is sent`(type: String) async throws {
        let error = await failure { _ = try await echo(.integer(1 << 40), type, as: Int64.self) }
        guard case .encoding(let reason) = error else {
            return #expect(Bool(false), "\(String(describing: error))")
        }
        #expect(reason.hasPrefix("$1 does not fit"))
    }

    @Test(arguments: [
        0, -0.0, 1.5, -1e300, .leastNonzeroMagnitude, .greatestFiniteMagnitude, .infinity, -.infinity, 0.1,
    ])
    func `doubles survive to the last bit`(value: Double) async throws {
        #expect(
            try await echo(.double(value), "double precision", as: Double.self).bitPattern == value.bitPattern
        )
        if value.isFinite, abs(value) < 1e30 { #expect(try await echo(.double(value), "numeric") == value) }
    }

    @Test func `not a number survives`() async throws {
        #expect(try await echo(.double(.nan), "double precision", as: Double.self).isNaN)
        #expect(try await echo(.double(.nan), "numeric", as: Double.self).isNaN)
        #expect(try await echo(.double(1.5), "real") == Float(1.5))
    }

    @Test(arguments: [
        "", "plain", "ünï — 🎙️", "it's \"quoted\" \\ {1,2}", String(repeating: "слово ", count: 40_000),
    ])
    func `text survives`(text: String) async throws {
        #expect(try await echo(.text(text), "text") == text)
        #expect(try await echo(.text(text), "varchar") == text)
        #expect(try await echo(.texts([text, nil, ""]), "text[]") == [text, nil, ""])
    }

    @Test func `a NUL in text is refused, not cut`() async throws {
        for type in ["text", "name"] {
            #expect(await failure { _ = try await echo("a\u{0}b", type, as: String.self) } != nil)
        }
    }

    @Test func `booleans, bytes and documents survive`() async throws {
        #expect(try await echo(true, "boolean") == true)
        #expect(try await echo(false, "boolean") == false)
        let bytes = (0...255).map { UInt8($0) }
        #expect(try await echo(.bytes(bytes), "bytea") == bytes)
        #expect(try await echo(.bytes([]), "bytea") == [UInt8]())
        #expect(try await echo(.bytes(bytes), "bytea") == Data(bytes))
        let document = Data(#"{"words": ["um", "ähm"], "n": 1}"#.utf8)
        #expect(try await echo(.json(document), "json") == document)
        #expect(try await echo(.json(document), "jsonb", as: String.self).contains("ähm"))
        #expect(try await echo(.text("[1]"), "jsonb") == Data("[1]".utf8))
    }

    @Test(arguments: [0.0, 0.123456, 800_000_000.654321, -5_000_000_000.5, -31_622_400])
    func `instants survive to the microsecond`(seconds: Double) async throws {
        let date = Date(timeIntervalSinceReferenceDate: seconds)
        let back: Date = try await echo(.timestamp(date), "timestamptz")
        #expect(abs(back.timeIntervalSince(date)) < 1e-6)
        #expect(try await echo(.timestamp(date), "timestamp", as: Date.self) == back)
    }

    @Test func `an instant means the same to the server`() async throws {
        let date = Date(timeIntervalSince1970: 1_700_000_000.25)
        try await withPool { pool in
            let row = try await pool.query(
                PostgresStatement(
                    "select extract(epoch from $1::timestamptz) as epoch, $1::timestamptz::date as day",
                    [.timestamp(date)])
            ).only()
            #expect(try row.decode("epoch") == 1_700_000_000.25)
            #expect(try row.decode("epoch") == "1700000000.250000")
            #expect(try row.decode("day") == Date(timeIntervalSince1970: 1_699_920_000))
        }
        #expect(try await echo(.timestamp(date), "date") == Date(timeIntervalSince1970: 1_699_920_000))
    }

    @Test func `an infinite instant is an error, not a date`() async throws {
        try await withPool { pool in
            let row = try await pool.query("select 'infinity'::timestamptz as v").only()
            #expect(throws: PostgresError.decoding("column 'v': timestamp is infinite")) {
                try row.decode("v", as: Date.self)
            }
        }
        let never = Date(timeIntervalSinceReferenceDate: .infinity)
        #expect(await failure { _ = try await echo(.timestamp(never), "timestamptz", as: Date.self) } != nil)
    }

    @Test(arguments: ["integer", "text", "jsonb", "timestamptz", "bytea", "bigint[]", "uuid"])
    func `NULL is nil for every type`(type: String) async throws {
        try await withPool(poolSize: 1) { pool in
            let row = try await pool.query(PostgresStatement("select $1::\(type) as v", [nil])).only()
            #expect(try row.decode("v", as: Int64?.self) == nil)
            #expect(throws: PostgresError.decoding("column 'v': is NULL")) {
                try row.decode("v", as: String.self)
            }
        }
    }

    @Test func `lists survive, with NULLs and empty`() async throws {
        #expect(try await echo(.integers([1, nil, -3]), "bigint[]") == [1, nil, Int64(-3)])
        #expect(try await echo(.integers([]), "bigint[]") == [Int64]())
        #expect(try await echo(.integers([1, 2]), "integer[]") == [1, 2])
        #expect(try await echo(.integers([1, nil]), "numeric[]") == [1, nil])
        #expect(try await echo(.doubles([0.5, nil, .infinity]), "float8[]") == [0.5, nil, .infinity])
        #expect(try await echo(.doubles([0.5]), "numeric[]") == [0.5])
        #expect(try await echo(.booleans([true, nil, false]), "boolean[]") == [true, nil, false])
        #expect(
            try await echo(.texts(["a,b", #"q"\"#, "NULL", nil, "{}"]), "text[]") == [
                "a,b", #"q"\"#, "NULL", nil, "{}",
            ])
        #expect(try await echo(.texts(["a,b", #"q"\"#, nil]), "name[]") == ["a,b", #"q"\"#, nil])
        #expect(try await echo(.jsons([Data("[1]".utf8), nil]), "jsonb[]") == [Data("[1]".utf8), nil])
        #expect(try await echo(.byteStrings([[0, 1], nil, []]), "bytea[]") == [Data([0, 1]), nil, Data()])
        let date = Date(timeIntervalSinceReferenceDate: 12.5)
        #expect(try await echo(.timestamps([date, nil]), "timestamptz[]") == [date, nil])
        let id = UUID()
        #expect(try await echo(.uuids([id, nil]), "uuid[]") == [id, nil])
        #expect(try await echo(.texts([id.uuidString]), "uuid[]") == [id])
    }

    @Test func `identifiers survive as themselves and as text`() async throws {
        let id = UUID()
        #expect(try await echo(.uuid(id), "uuid") == id)
        #expect(try await echo(.text(id.uuidString), "uuid") == id)
        #expect(try await echo(.uuid(id), "uuid") == id.uuidString.lowercased())
    }

    @Test func `batches unfold and filter by list`() async throws {
        try await withPool { pool in
            let rows = try await pool.query(
                PostgresStatement(
                    "select * from unnest($1::bigint[], $2::text[]) as t(id, name) where id = any($3) order by id",
                    [.integers([1, 2, 3]), .texts(["a", nil, "c"]), .integers([2, 3])]))
            #expect(try rows.map { try $0.decode("id", as: Int.self) } == [2, 3])
            #expect(try rows.map { try $0.decode("name", as: String?.self) } == [nil, "c"])
            #expect(rows.columns == ["id", "name"])
            #expect(rows.affectedRows == 2)
        }
    }

    @Test(arguments: [
        "0", "1", "-1", "0.5", "-0.0001", "12345678901234567890.123456789", "1e-20", "1e40", "10000",
        "99990000.0001",
        "100000000", "0.00010000",
    ])
    func `numerics print as the server prints them`(literal: String) async throws {
        try await withPool(poolSize: 1) { pool in
            let row = try await pool.query(
                PostgresStatement("select $1::numeric as v, $1::numeric::text as t", [.text(literal)])
            ).only()
            #expect(try row.decode("v", as: String.self) == row.decode("t", as: String.self))
        }
    }

    @Test func `sums of integers decode as integers, fractions do not`() async throws {
        try await withPool { pool in
            let row = try await pool.query(
                "select sum(n)::numeric as s, avg(n) as a from generate_series(1::bigint, 2) n"
            )
            .only()
            #expect(try row.decode("s") == 3)
            #expect(try row.decode("a") == 1.5)
            #expect(throws: PostgresError.self) { try row.decode("a", as: Int.self) }
        }
    }

    @Test func `enum labels are text both ways, alone and in lists`() async throws {
        enum Mood: String, PostgresDecodable { case calm, tense }
        try await withPool(poolSize: 1) { pool in
            try await pool.transaction { transaction in
                try await transaction.execute(script: "create type pg_temp.mood as enum ('calm', 'tense')")
                let row = try await transaction.query(
                    PostgresStatement(
                        "select $1::pg_temp.mood as one, 'tense'::pg_temp.mood = any($2::pg_temp.mood[]) as found",
                        ["calm", .texts(["tense"])])
                ).only()
                #expect(try row.decode("one") == Mood.calm)
                #expect(try row.decode("found") == true)
            }
        }
    }

    @Test func `intervals of days and seconds are durations, months are not`() async throws {
        try await withPool(poolSize: 1) { pool in
            let row = try await pool.query("select interval '1 day 2.5 s' as d, interval '1 month' as m")
                .only()
            #expect(try row.decode("d") == Duration.seconds(86_402.5))
            #expect(throws: PostgresError.self) { try row.decode("m", as: Duration.self) }
        }
    }

    @Test func `wrong types and missing columns are named`() async throws {
        try await withPool(poolSize: 1) { pool in
            let row = try await pool.query("select 'x'::text as word, point(1, 2) as p").only()
            #expect(throws: PostgresError.decoding("no column 'wort'")) {
                try row.decode("wort", as: String.self)
            }
            #expect(throws: PostgresError.decoding("column 'word': type 25 is not an integer")) {
                try row.decode("word", as: Int.self)
            }
            #expect(throws: PostgresError.self) { try row.decode("p", as: String.self) }
            #expect(throws: PostgresError.decoding("no column 2 among 2")) {
                try row.decode(2, as: String.self)
            }
        }
    }
}
