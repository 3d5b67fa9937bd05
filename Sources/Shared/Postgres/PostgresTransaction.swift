import Synchronization

/// An open transaction; see ``PostgresPool/transaction(isolation:deadline:_:)``.
///
/// Calls run in the order in which they are made. After a failed statement the server refuses
/// everything but the end of the transaction (SQLSTATE 25P02). A failed call of a transaction has
/// never taken effect.
package final class PostgresTransaction: Sendable {
    private let pool: PostgresPool
    private let lease: UInt64
    private let deadline: ContinuousClock.Instant?
    private let isOver = Atomic<Bool>(false)

    init(pool: PostgresPool, lease: UInt64, deadline: ContinuousClock.Instant?) {
        self.pool = pool
        self.lease = lease
        self.deadline = deadline
    }

    /// Runs one statement.
    package func query(
        _ statement: PostgresStatement, deadline: ContinuousClock.Instant? = nil
    ) async throws(PostgresError) -> PostgresResult {
        try await submit(.statements([statement]), deadline).single()
    }

    /// Runs the statements in order in one round trip.
    package func pipeline(
        _ statements: [PostgresStatement], deadline: ContinuousClock.Instant? = nil
    ) async throws(PostgresError) -> [PostgresResult] {
        guard !statements.isEmpty else { return [] }
        return try await submit(.statements(statements), deadline)
    }

    /// Runs a text of several commands; it must not end the transaction.
    package func execute(
        script: String, deadline: ContinuousClock.Instant? = nil
    ) async throws(PostgresError) {
        _ = try await submit(.script(script), deadline)
    }

    /// Refuses further calls: the end is about to be sent.
    func seal() { isOver.store(true, ordering: .releasing) }

    /// The earlier of the call's and the transaction's own deadline counts.
    private func submit(
        _ operation: PostgresWork.Operation, _ own: ContinuousClock.Instant?
    ) async throws(PostgresError) -> [PostgresResult] {
        guard !isOver.load(ordering: .acquiring) else { throw .closed }
        let limits = [own, deadline].compactMap(\.self)
        return try await pool.submit(operation, lease: lease, deadline: limits.min())
    }
}
