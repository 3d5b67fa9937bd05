import CLibpq
import Foundation

/// The conversation with one server process, without ever blocking. Lives on the driver thread.
///
/// The connection stays in libpq's pipeline mode: everything a call sends ends in one `Sync`, which is
/// one round trip and, outside an explicit transaction, one implicit transaction. Statements that this
/// connection meets for the first time are prepared and described in a round trip of their own.
///
/// https://www.postgresql.org/docs/15/libpq-pipeline-mode.html
final class PostgresConnection {
    enum Progress {
        case waiting
        case finished(Result<[PostgresResult], PostgresError>)
        /// The connection can no longer be used. `executing` tells whether anything beyond preparation
        /// had been sent.
        case lost(reason: String, executing: Bool)
    }

    enum Stage { case preparing, executing, script }

    enum Step: Equatable { case prepare, describe(Int), control, query, sync }

    /// What was sent and how much of the answer has come.
    struct Exchange {
        let statements: [PostgresStatement]
        /// `BEGIN` before the statements, or `COMMIT` or `ROLLBACK` alone.
        let control: String?
        var mayPrepareAgain: Bool
        var stage = Stage.executing
        var steps: [Step] = []
        var next = 0
        var missing: [(sql: String, name: [CChar])] = []
        var results: [PostgresResult] = []
        var failure: PostgresError?
        var nothingAtSync = 0
    }

    let handle: LibpqHandle
    var cache = StatementCache()
    var parameters = ParameterBuffer()
    var exchange: Exchange?
    /// Whether bytes wait for the socket to take them.
    private(set) var wantsWrite = false

    init(_ handle: LibpqHandle) { self.handle = handle }

    var descriptor: Int32 { unsafe PQsocket(handle.raw) }

    /// Nothing is running, no transaction is open, and the server has not said goodbye.
    var isClean: Bool {
        unsafe exchange == nil && handle.farewellReason == nil && PQstatus(handle.raw) == CONNECTION_OK
            && PQtransactionStatus(handle.raw) == PQTRANS_IDLE
    }

    /// Something has come that nobody has read yet, or the socket is closed.
    var hasInput: Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&entry, 1, 0) > 0
    }

    /// A transaction block is open, failed or not.
    var isInTransaction: Bool {
        let status = unsafe PQtransactionStatus(handle.raw)
        return status == PQTRANS_INTRANS || status == PQTRANS_INERROR || status == PQTRANS_ACTIVE
    }

    /// Whether the work in progress has gone beyond preparing statements.
    var isExecuting: Bool { exchange.map { $0.stage != .preparing } ?? false }

    /// Sends the statements as one batch.
    ///
    /// - Parameters:
    ///   - control: `BEGIN …` to run first, or a lone `COMMIT` or `ROLLBACK`.
    ///   - mayPrepareAgain: Whether a plan gone stale may be renewed and the batch repeated; right only
    ///     where the failure has undone the whole batch.
    func execute(
        _ statements: [PostgresStatement], control: String?, mayPrepareAgain: Bool
    ) -> Progress {
        exchange = Exchange(statements: statements, control: control, mayPrepareAgain: mayPrepareAgain)
        return prepareOrExecute()
    }

    /// Runs several commands by the simple protocol, without parameters and rows.
    func run(script: String) -> Progress {
        guard !script.utf8.contains(0) else {
            return .finished(.failure(.encoding("the script contains a NUL")))
        }
        var commands = Exchange(statements: [], control: nil, mayPrepareAgain: false)
        commands.stage = .script
        exchange = commands
        guard unsafe PQexitPipelineMode(handle.raw) == 1, unsafe PQsendQuery(handle.raw, script) == 1 else {
            return lost()
        }
        return flush() ?? .waiting
    }

    /// Takes what the socket has and sends what it will take.
    func advance() -> Progress {
        guard unsafe PQconsumeInput(handle.raw) == 1 else { return drainLast() }
        if wantsWrite, let trouble = flush() { return trouble }
        return receive()
    }

    /// Sends buffered bytes; nil unless that broke the connection.
    func flush() -> Progress? {
        let outcome = unsafe PQflush(handle.raw)
        wantsWrite = outcome == 1
        return outcome < 0 ? lost() : nil
    }

    private func receive() -> Progress {
        while exchange != nil, unsafe PQisBusy(handle.raw) == 0 {
            guard let raw = unsafe PQgetResult(handle.raw) else {
                if let progress = handleEndOfStep() { return progress }
                continue
            }
            let storage = unsafe ResultStorage(taking: raw)
            if let progress = unsafe handle(raw, storage) { return progress }
        }
        // Lets libpq look at what comes without having been asked for: a notice, or the server's goodbye.
        if exchange == nil { _ = unsafe PQisBusy(handle.raw) }
        if let reason = handle.farewellReason { return lost(reason) }
        return unsafe PQstatus(handle.raw) == CONNECTION_OK ? .waiting : drainLast()
    }

    /// libpq marks the end of each statement's results by nil.
    private func handleEndOfStep() -> Progress? {
        guard unsafe PQstatus(handle.raw) == CONNECTION_OK, var current = exchange else { return drainLast() }
        if current.stage == .script { return finishScript(current) }
        guard current.next < current.steps.count else { return lost("the server answers out of step") }
        if current.steps[current.next] == .sync {
            current.nothingAtSync += 1
            guard current.nothingAtSync < 4 else { return lost("the server answers out of step") }
        } else {
            current.next += 1
        }
        exchange = current
        return nil
    }

    private func handle(_ raw: OpaquePointer, _ storage: ResultStorage) -> Progress? {
        let status = unsafe PQresultStatus(raw)
        switch status {
        case PGRES_PIPELINE_SYNC:
            return finishStage()
        case PGRES_FATAL_ERROR:
            let report = unsafe ServerReport(raw)
            if report.endsConnection { return lost(report.summary) }
            if exchange?.failure == nil { exchange?.failure = report.error }
        case PGRES_PIPELINE_ABORTED, PGRES_EMPTY_QUERY:
            break
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK:
            unsafe accept(raw, storage)
        default:
            return lost("COPY is not supported here")
        }
        return nil
    }

    private func accept(_ raw: OpaquePointer, _ storage: ResultStorage) {
        guard let current = exchange, current.next < current.steps.count else { return }
        switch current.steps[current.next] {
        case .describe(let index):
            let count = unsafe PQnparams(raw)
            let types = (0..<count).map { unsafe PQparamtype(raw, $0) }
            let (sql, name) = current.missing[index]
            cache.insert(sql, StatementCache.Prepared(name: name, parameterTypes: types))
        case .query:
            exchange?.results.append(PostgresResult(storage: storage))
        case .control where current.statements.isEmpty:
            exchange?.results.append(PostgresResult(storage: storage))
        case .prepare, .control, .sync:
            break
        }
    }

    private func finishStage() -> Progress? {
        guard let current = exchange else { return lost("the server answers out of step") }
        if let failure = current.failure {
            if current.stage == .executing, failure.meansStalePlan {
                for statement in current.statements { cache.remove(statement.sql) }
                if current.mayPrepareAgain {
                    exchange = Exchange(
                        statements: current.statements, control: current.control, mayPrepareAgain: false)
                    return goOn(prepareOrExecute())
                }
            }
            return finish(.failure(failure))
        }
        if current.stage == .preparing { return goOn(sendStatements()) }
        let expected = max(current.statements.count, 1)
        guard current.results.count == expected else {
            // An empty command text gives no result at all.
            return finish(.failure(.rejected(sqlState: "42601", message: "empty statement", constraint: nil)))
        }
        return finish(.success(current.results))
    }

    private func finishScript(_ current: Exchange) -> Progress {
        guard unsafe PQenterPipelineMode(handle.raw) == 1 else { return lost() }
        return finish(current.failure.map { .failure($0) } ?? .success([]))
    }

    /// Nil lets the receiving loop continue.
    private func goOn(_ progress: Progress) -> Progress? {
        if case .waiting = progress { nil } else { progress }
    }

    func finish(_ result: Result<[PostgresResult], PostgresError>) -> Progress {
        exchange = nil
        return .finished(result)
    }

    func lost(_ reason: String? = nil) -> Progress {
        let executing = isExecuting
        exchange = nil
        return .lost(reason: reason ?? handle.lastError, executing: executing)
    }

    /// The socket is dead; what had arrived before may still say why.
    private func drainLast() -> Progress {
        let reason = handle.lastError
        for _ in 0..<64 {
            guard let raw = unsafe PQgetResult(handle.raw) else { continue }
            let storage = unsafe ResultStorage(taking: raw)
            if unsafe PQresultStatus(raw) == PGRES_FATAL_ERROR {
                let report = unsafe ServerReport(raw)
                if report.endsConnection, report.sqlState != nil {
                    withExtendedLifetime(storage) {}
                    return lost(report.summary)
                }
            }
            withExtendedLifetime(storage) {}
        }
        return lost(reason)
    }
}
