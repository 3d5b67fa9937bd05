import Foundation
import Postgres

/// The ledger as an auditor sees it: its rows, read past the program's own code.
struct LedgerView: Sendable {
    struct Job: Hashable, Sendable {
        var id: Int64
        var stage: String
        var state: String
        var note: Int64?
        var outbound: Int64?
        var attempts: Int
        var crashes: Int
        var leasedBy: String?
        var errorCode: String?

        var isTerminal: Bool { ["succeeded", "dead", "cancelled"].contains(state) }
    }

    struct Note: Hashable, Sendable {
        var id: Int64
        var chat: Int64
        var user: Int64
        var update: Int64
        var message: Int64
        var kind: String
        var placeholder: Int64?
        var placeholderState: String
    }

    struct Outbound: Hashable, Sendable {
        var id: Int64
        var note: Int64?
        var kind: String
        var state: String
        var message: Int64?
        var text: String
    }

    struct Call: Hashable, Sendable {
        var note: Int64?
        var operation: String
        var provider: String
        var model: String
        var microUSD: Int64
        var outcome: String
        var failure: String?
    }

    struct Event: Hashable, Sendable {
        var job: Int64
        var event: String
        var actor: String
        var reason: String?
    }

    private let pool: PostgresPool

    init(uri: String) throws {
        pool = try PostgresPool(configuration: PostgresConfiguration(uri: uri, poolSize: 1))
    }

    func close() async { await pool.close() }

    // MARK: Rows

    /// In order of creation; without the deliveries of what only goes along (``outbound(of:)``).
    func jobs(of note: Int64? = nil) async throws -> [Job] {
        try await rows(
            """
            select id, stage, state, voice_message_id, outbound_message_id, attempts, crashes, leased_by,
                last_error_code
            from jobs where ($1::int8 is null or voice_message_id = $1) and not exists (
                select 1 from outbound_messages o
                where o.id = jobs.outbound_message_id and o.kind in ('heard', 'extra'))
            order by id
            """, [note.map { .integer($0) } ?? .null]
        ) { row in
            Job(
                id: try row.decode("id"), stage: try row.decode("stage"), state: try row.decode("state"),
                note: try row.decode("voice_message_id"), outbound: try row.decode("outbound_message_id"),
                attempts: try row.decode("attempts"), crashes: try row.decode("crashes"),
                leasedBy: try row.decode("leased_by"), errorCode: try row.decode("last_error_code"))
        }
    }

    func notes() async throws -> [Note] {
        try await rows(
            """
            select id, chat_id, telegram_user_id, update_id, message_id, kind, placeholder_message_id,
                placeholder_state
            from voice_messages order by id
            """
        ) { row in
            Note(
                id: try row.decode("id"), chat: try row.decode("chat_id"),
                user: try row.decode("telegram_user_id"), update: try row.decode("update_id"),
                message: try row.decode("message_id"), kind: try row.decode("kind"),
                placeholder: try row.decode("placeholder_message_id"),
                placeholderState: try row.decode("placeholder_state"))
        }
    }

    /// The note of one chat; scenarios give every note a chat of its own.
    func note(in chat: Int64) async throws -> Note? { try await notes().first { $0.chat == chat } }

    /// Without what only goes along: the words before the coaching, and what follows it.
    func outbound(of note: Int64? = nil) async throws -> [Outbound] {
        try await rows(
            """
            select id, voice_message_id, kind, state, telegram_message_id, body->>'text' as text
            from outbound_messages
            where ($1::int8 is null or voice_message_id = $1) and kind not in ('heard', 'extra') order by id
            """, [note.map { .integer($0) } ?? .null]
        ) { row in
            Outbound(
                id: try row.decode("id"), note: try row.decode("voice_message_id"),
                kind: try row.decode("kind"), state: try row.decode("state"),
                message: try row.decode("telegram_message_id"), text: try row.decode("text"))
        }
    }

    func calls(of note: Int64? = nil) async throws -> [Call] {
        try await rows(
            """
            select voice_message_id, operation, provider, model, cost_micro_usd, outcome, failure
            from provider_calls where $1::int8 is null or voice_message_id = $1 order by id
            """, [note.map { .integer($0) } ?? .null]
        ) { row in
            Call(
                note: try row.decode("voice_message_id"), operation: try row.decode("operation"),
                provider: try row.decode("provider"), model: try row.decode("model"),
                microUSD: try row.decode("cost_micro_usd"), outcome: try row.decode("outcome"),
                failure: try row.decode("failure"))
        }
    }

    func events(of job: Int64) async throws -> [Event] {
        try await rows(
            "select job_id, event, actor, detail->>'reason' as reason from job_events where job_id = $1 order by id",
            [.integer(job)]
        ) { row in
            Event(
                job: try row.decode("job_id"), event: try row.decode("event"), actor: try row.decode("actor"),
                reason: try row.decode("reason"))
        }
    }

    /// Contract name of whoever recognised a note.
    func recognizer(of note: Int64) async throws -> String? {
        try await value("select provider from transcripts where voice_message_id = $1", note)
    }

    /// Contract name of whoever coached a note.
    func coach(of note: Int64) async throws -> String? {
        try await value("select provider from feedback where voice_message_id = $1", note)
    }

    func transcript(of note: Int64) async throws -> String? {
        try await value("select text from transcripts where voice_message_id = $1", note)
    }

    /// Length of a note as it was decoded.
    func decodedSeconds(of note: Int64) async throws -> Double? {
        try await rows(
            "select (audio->>'originalSeconds')::float8 as seconds from voice_messages where id = $1",
            [.integer(note)]
        ) { row -> Double? in try row.decode("seconds") }.first ?? nil
    }

    func isUnreachable(user: Int64) async throws -> Bool {
        try await rows(
            "select 1 from users where telegram_user_id = $1 and unreachable_since is not null",
            [.integer(user)]
        ) { _ in true }.first ?? false
    }

    func count(_ table: String) async throws -> Int {
        try await rows("select count(*)::int8 as n from \(table)") { row -> Int in try row.decode("n") }.first
            ?? 0
    }

    /// Changes made by hand, for what no interface does, such as letting time pass.
    func execute(_ sql: String, _ parameters: [PostgresValue] = []) async throws {
        _ = try await pool.query(PostgresStatement(sql, parameters))
    }

    /// Lets the leases of dead workers run out now; whoever is alive renews in time or starts over.
    func expireLeases() async throws {
        try await execute("update jobs set lease_expires_at = now() where state = 'leased'")
    }

    // MARK: Waiting

    /// Returns when no job is open any more.
    func settled(within limit: Duration = .seconds(60), expecting count: Int? = nil) async throws {
        do {
            try await eventually("every job ends", within: limit) {
                let jobs = try await jobs()
                return jobs.allSatisfy(\.isTerminal) && jobs.count >= (count ?? 1)
            }
        } catch let error as NeverHappened {
            let open = try await jobs().filter { !$0.isTerminal }
            throw NeverHappened(description: "\(error); still open: \(open)")
        }
    }

    private func value(_ sql: String, _ note: Int64) async throws -> String? {
        try await rows(sql, [.integer(note)]) { row -> String in try row.decode(0) }.first
    }

    private func rows<Value>(
        _ sql: String, _ parameters: [PostgresValue] = [], _ decode: (PostgresRow) throws -> Value
    ) async throws -> [Value] {
        // The auditor outlasts what the scenario does to the server.
        var refusals = 0
        while true {
            do {
                return try await pool.query(PostgresStatement(sql, parameters)).map(decode)
            } catch let error as PostgresError where error.isTransient && refusals < 60 {
                refusals += 1
                try await Task.sleep(for: .milliseconds(500))
            }
        }
    }
}
