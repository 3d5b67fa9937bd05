/// A pool of connections to one ledger.
///
/// Connections are opened when calls need them. A call waits for its turn in arrival order; while the
/// server cannot be reached, calls fail at once between two attempts to connect. A deadline or the
/// cancellation of the calling task sends a cancel request to the server, and a connection that does
/// not settle within seconds is closed. No call outlives its deadline, and a cancelled one ends within a second.
package final class PostgresPool: Sendable {
    private let mailbox: PostgresMailbox
    private let configuration: PostgresConfiguration

    /// Starts the pool's thread; no connection is opened yet.
    ///
    /// - Throws: ``PostgresError/connectionFailed(reason:)`` when the process has no descriptors left.
    package init(configuration: PostgresConfiguration) throws(PostgresError) {
        self.configuration = configuration
        let mailbox = try PostgresMailbox(limit: configuration.poolSize)
        self.mailbox = mailbox
        PostgresDriver.detach("postgres") {
            PostgresDriver(configuration: configuration, mailbox: mailbox).run()
        }
    }

    deinit { _ = mailbox.post(.abandon) }

    /// Runs one statement in a transaction of its own.
    ///
    /// - Parameter deadline: When the call ends at the latest; by default the statement timeout plus
    ///   five seconds from now.
    /// - Throws: Every case of ``PostgresError``; ``PostgresError/mayHaveTakenEffect`` tells whether the
    ///   statement may have been committed nevertheless.
    package func query(
        _ statement: PostgresStatement, deadline: ContinuousClock.Instant? = nil
    ) async throws(PostgresError) -> PostgresResult {
        try await submit(.statements([statement]), deadline: deadline).single()
    }

    /// Runs the statements in order in one round trip and one transaction: all of them or none.
    ///
    /// The first failure is thrown. Statements cannot use each other's results.
    package func pipeline(
        _ statements: [PostgresStatement], deadline: ContinuousClock.Instant? = nil
    ) async throws(PostgresError) -> [PostgresResult] {
        guard !statements.isEmpty else { return [] }
        return try await submit(.statements(statements), deadline: deadline)
    }

    /// Runs a text of several commands, such as a migration, without parameters or rows.
    ///
    /// The text is one transaction unless it contains `BEGIN` or `COMMIT` itself, so every failure other
    /// than ``PostgresError/rejected(sqlState:message:constraint:)`` may have taken effect in part.
    package func execute(
        script: String, deadline: ContinuousClock.Instant? = nil
    ) async throws(PostgresError) {
        _ = try await submit(.script(script), deadline: deadline)
    }

    /// Runs `body` inside `BEGIN` … `COMMIT` on one connection.
    ///
    /// `BEGIN` travels with the first statement. An error of `body`, or the cancellation of the task
    /// before the commit, rolls back. The commit itself is not interrupted by cancellation.
    ///
    /// - Parameters:
    ///   - deadline: For each call of the transaction; by default each has its own.
    ///   - body: Runs once. Calls on the pool inside it use another connection and wait for one if need
    ///     be; the transaction refuses calls once the body has returned.
    /// - Throws: What `body` throws, or ``PostgresError``: after a cut during `COMMIT` it says that the
    ///   outcome is unknown, in all other cases nothing was changed.
    package func transaction<R>(
        isolation: PostgresIsolation = .readCommitted, deadline: ContinuousClock.Instant? = nil,
        _ body: (PostgresTransaction) async throws -> R
    ) async throws -> R {
        let lease = Ticket()
        _ = try await submit(.lease(begin: isolation.begin), ticket: lease, deadline: deadline)
        let transaction = PostgresTransaction(pool: self, lease: lease.id, deadline: deadline)
        let value: R
        do {
            value = try await body(transaction)
            if Task.isCancelled { throw PostgresError.cancelled(outcomeUnknown: false) }
            transaction.seal()
        } catch {
            transaction.seal()
            await rollBack(lease.id)
            throw error
        }
        _ = try await deliver(
            .end(commit: true), ticket: Ticket(), lease: lease.id,
            deadline: deadline ?? .now + configuration.defaultPatience
        ).get()
        return value
    }

    /// Refuses new calls, serves those under way, and closes every connection.
    ///
    /// - Parameter deadline: When connections that are still busy are cut; by default 30 seconds from now.
    package func close(deadline: ContinuousClock.Instant? = nil) async {
        await withCheckedContinuation { continuation in
            let message = PostgresMailbox.Message.drain(until: deadline ?? .now + .seconds(30), continuation)
            if !mailbox.post(message) { continuation.resume() }
        }
    }

    /// The pool as it was at the driver's last step.
    package var statistics: PostgresPoolStatistics { mailbox.statistics }

    /// The connection goes back to the pool only when the server has confirmed, otherwise it is closed,
    /// which rolls back too.
    private func rollBack(_ lease: UInt64) async {
        _ = await deliver(
            .end(commit: false), ticket: Ticket(), lease: lease, deadline: .now + .seconds(2))
    }

    func submit(
        _ operation: PostgresWork.Operation, ticket: Ticket = Ticket(), lease: UInt64? = nil,
        deadline: ContinuousClock.Instant?
    ) async throws(PostgresError) -> [PostgresResult] {
        let deadline = deadline ?? .now + configuration.defaultPatience
        let mailbox = mailbox
        let result = await withTaskCancellationHandler {
            await deliver(operation, ticket: ticket, lease: lease, deadline: deadline)
        } onCancel: {
            ticket.cancel()
            _ = mailbox.post(.cancel(ticket.id))
        }
        return try result.get()
    }

    private func deliver(
        _ operation: PostgresWork.Operation, ticket: Ticket, lease: UInt64?, deadline: ContinuousClock.Instant
    ) async -> Result<[PostgresResult], PostgresError> {
        await withCheckedContinuation { continuation in
            let work = PostgresWork(
                ticket: ticket, operation: operation, lease: lease, deadline: deadline, reply: continuation)
            if !mailbox.post(.submit(work)) { continuation.resume(returning: .failure(.closed)) }
        }
    }
}

extension [PostgresResult] {
    /// The result of a batch of one.
    func single() throws(PostgresError) -> PostgresResult {
        guard let first else { throw .decoding("no result") }
        return first
    }
}

/// How much a transaction sees of others; see the PostgreSQL manual, chapter 13.2.
package enum PostgresIsolation: Sendable {
    case readCommitted
    case repeatableRead
    /// May fail with SQLSTATE 40001 at any point, commit included; the caller runs it again.
    case serializable

    var begin: String {
        switch self {
        case .readCommitted: "BEGIN ISOLATION LEVEL READ COMMITTED"
        case .repeatableRead: "BEGIN ISOLATION LEVEL REPEATABLE READ"
        case .serializable: "BEGIN ISOLATION LEVEL SERIALIZABLE"
        }
    }
}
