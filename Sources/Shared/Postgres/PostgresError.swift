/// A failure at the Postgres boundary.
///
/// Messages carry what the server or libpq said, never a password, a parameter or a row: the
/// server's DETAIL field is dropped, and the quoted value of a data exception is cut off.
package enum PostgresError: Error, Equatable, Sendable {
    /// The connection settings cannot be used; nothing was contacted.
    case invalidConfiguration(String)
    /// No host accepted a connection; nothing was sent.
    case connectionFailed(reason: String)
    /// The connection was lost while it served the call.
    ///
    /// `outcomeUnknown` is true when the server may have committed before the cut, so the caller must
    /// read the state again before it decides.
    case disconnected(outcomeUnknown: Bool, reason: String)
    /// No answer within the deadline, or the server's own statement timeout struck.
    case timedOut(outcomeUnknown: Bool)
    /// The server refused the statement; its transaction is rolled back.
    case rejected(sqlState: String, message: String, constraint: String?)
    /// Every connection stayed busy until the deadline; nothing was sent.
    case poolExhausted
    /// The calling task was cancelled.
    case cancelled(outcomeUnknown: Bool)
    /// The pool is closed, or the transaction has already ended; nothing was sent.
    case closed
    /// A parameter cannot be sent as the type that the server expects; nothing was executed.
    case encoding(String)
    /// A column is missing, NULL where a value is wanted, or of another type.
    case decoding(String)

    /// Whether the same call can succeed later without a change to its arguments.
    ///
    /// Says nothing about side effects: see ``mayHaveTakenEffect``.
    package var isTransient: Bool {
        switch self {
        case .connectionFailed, .disconnected, .timedOut, .poolExhausted: true
        case .rejected(let sqlState, let message, _): Self.isTransient(sqlState: sqlState, message: message)
        case .invalidConfiguration, .cancelled, .closed, .encoding, .decoding: false
        }
    }

    /// Whether the call may have changed the database although it failed.
    package var mayHaveTakenEffect: Bool {
        switch self {
        case .disconnected(let outcomeUnknown, _), .timedOut(let outcomeUnknown),
            .cancelled(let outcomeUnknown):
            outcomeUnknown
        case .invalidConfiguration, .connectionFailed, .rejected, .poolExhausted, .closed, .encoding,
            .decoding:
            false
        }
    }

    /// The five-character SQLSTATE when the server refused the statement.
    package var sqlState: String? {
        if case .rejected(let sqlState, _, _) = self { sqlState } else { nil }
    }

    /// The violated constraint when the server named one.
    package var constraint: String? {
        if case .rejected(_, _, let constraint) = self { constraint } else { nil }
    }

    /// Whether a unique index refused the row (SQLSTATE 23505).
    package var isUniqueViolation: Bool { sqlState == "23505" }

    /// Whether a referenced row is missing or still referenced (SQLSTATE 23503).
    package var isForeignKeyViolation: Bool { sqlState == "23503" }

    /// Classes of Appendix A of the PostgreSQL manual that a later attempt can survive.
    private static func isTransient(sqlState: String, message: String) -> Bool {
        switch sqlState {
        case "25006",  // read-only transaction: a failover is under way
            "25P02",  // an earlier statement of the transaction failed
            "26000",  // prepared statement gone: the next attempt prepares again
            "40001", "40P01",  // serialization failure, deadlock
            "55006", "55P03",  // object in use, lock not available
            "57P01", "57P02", "57P03", "57P05":  // shutdown, crash, starting up, idle session
            true
        case "0A000":
            message == ServerReport.stalePlan
        default:
            // 08: connection exceptions; 53: disk full, out of memory, too many connections.
            sqlState.hasPrefix("08") || sqlState.hasPrefix("53")
        }
    }
}

extension PostgresError: CustomStringConvertible {
    package var description: String {
        func unknown(_ flag: Bool) -> String { flag ? "; it may have taken effect" : "" }
        return switch self {
        case .invalidConfiguration(let reason): "Postgres settings: \(reason)"
        case .connectionFailed(let reason): "Postgres cannot be reached: \(reason)"
        case .disconnected(let flag, let reason): "Postgres connection lost: \(reason)\(unknown(flag))"
        case .timedOut(let flag): "Postgres call timed out\(unknown(flag))"
        case .rejected(let state, let message, let constraint):
            "Postgres refused: \(state) \(message)" + (constraint.map { " (constraint \($0))" } ?? "")
        case .poolExhausted: "every Postgres connection stayed busy until the deadline"
        case .cancelled(let flag): "Postgres call cancelled\(unknown(flag))"
        case .closed: "the Postgres pool or transaction is closed"
        case .encoding(let reason): "Postgres parameter: \(reason)"
        case .decoding(let reason): "Postgres row: \(reason)"
        }
    }
}
