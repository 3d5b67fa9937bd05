import CoachDomain
import Foundation
package import Postgres

/// The way into the ledger: one pool of connections and everything that SQL is needed for.
///
/// Each aspect lives in an extension of its own: intake, claims, results, delivery, sweeping, and the
/// operator's view. All of them are safe to call from any number of processes at once.
package struct Ledger: Sendable {
    package let pool: PostgresPool
    /// Written into the history of each job: who did it.
    package let actor: String
    /// Deliveries end often and at the same time.
    let deliveryEnds: GroupCommit<DeliveryEnd, [JobHint]?>

    /// - Parameters:
    ///   - pool: Connections to a migrated database.
    ///   - actor: Name of this process, for example `audio-worker@host/71/9f3a`.
    package init(pool: PostgresPool, actor: String) {
        self.pool = pool
        self.actor = actor
        deliveryEnds = GroupCommit { ends throws(StoreError) in
            try await DeliveryEnd.write(ends, to: pool, by: actor)
        }
    }

    func run(
        _ sql: String, _ parameters: [PostgresValue], deadline: ContinuousClock.Instant? = nil
    ) async throws(StoreError) -> PostgresResult {
        try await Self.run(sql, parameters, on: pool, deadline: deadline)
    }

    static func run(
        _ sql: String, _ parameters: [PostgresValue], on pool: PostgresPool,
        deadline: ContinuousClock.Instant? = nil
    ) async throws(StoreError) -> PostgresResult {
        do {
            return try await pool.query(PostgresStatement(sql, parameters), deadline: deadline)
        } catch {
            throw .database(error)
        }
    }

    /// A JSON column's value; `nil` for SQL null.
    func json<Value: Decodable>(in row: PostgresRow, _ column: String) throws(StoreError) -> Value? {
        try row.value(column, as: Data?.self).map { data throws(StoreError) in
            try LedgerJSON.decode(Value.self, from: data)
        }
    }
}

/// JSON as the ledger stores it; keys sorted, so that equal values are equal bytes.
enum LedgerJSON {
    static func encode(_ value: some Encodable) throws(StoreError) -> PostgresValue {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return .json(try encoder.encode(value))
        } catch {
            throw .unreadable("a value that JSON cannot hold")
        }
    }

    /// SQL null for nil, not JSON's.
    static func optional(_ value: (some Encodable)?) throws(StoreError) -> PostgresValue {
        guard let value else { return .null }
        return try encode(value)
    }

    /// As text, for lists that travel as one array.
    static func text(_ value: some Encodable) throws(StoreError) -> String {
        guard case .json(let data) = try encode(value) else { return "null" }
        return String(decoding: data, as: UTF8.self)
    }

    static func decode<Value: Decodable>(_ type: Value.Type, from data: Data) throws(StoreError) -> Value {
        do {
            return try JSONDecoder().decode(type, from: data)
        } catch {
            throw .unreadable("\(type)")
        }
    }
}

extension PostgresRow {
    /// A column's value, with the client's own error turned into the store's.
    func value<Value: PostgresDecodable>(_ column: String, as type: Value.Type = Value.self)
        throws(StoreError)
        -> Value
    {
        do {
            return try decode(column, as: type)
        } catch {
            throw .database(error)
        }
    }
}
