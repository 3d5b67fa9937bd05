import CLibpq

/// An error message of the server, without the fields that could quote stored data.
struct ServerReport {
    /// Nil when libpq itself reports that the connection is gone.
    let sqlState: String?
    let message: String
    let constraint: String?
    /// The server closes the connection after this report.
    let endsConnection: Bool

    /// What the server says, in its own language, when a schema change has made a prepared statement
    /// unusable. Put in by us, so that it can be recognised whatever the language.
    static let stalePlan = "cached plan must not change result type"

    init(_ result: OpaquePointer) {
        func field(_ code: Int) -> String? {
            unsafe PQresultErrorField(result, Int32(code)).map { unsafe String(cString: $0) }
        }
        sqlState = field(COACH_DIAG_SQLSTATE)
        let primary = field(COACH_DIAG_MESSAGE) ?? "connection lost"
        // The condition has no code of its own; the function that reports it is known since PostgreSQL 8.3.
        let isStalePlan = sqlState == "0A000" && field(COACH_DIAG_FUNCTION) == "RevalidateCachedQuery"
        message = isStalePlan ? Self.stalePlan : Self.withoutData(primary, sqlState: sqlState)
        constraint = field(COACH_DIAG_CONSTRAINT)
        let severity = field(COACH_DIAG_SEVERITY) ?? "ERROR"
        endsConnection = sqlState == nil || severity == "FATAL" || severity == "PANIC"
    }

    var error: PostgresError {
        .rejected(sqlState: sqlState ?? "08006", message: message, constraint: constraint)
    }

    var summary: String { [sqlState, message].compactMap(\.self).joined(separator: " ") }

    /// Data exceptions (class 22) end in the offending value: `invalid input syntax for type uuid: "…"`.
    static func withoutData(_ message: String, sqlState: String?) -> String {
        guard let sqlState, sqlState.hasPrefix("22"), let cut = message.firstRange(of: ": \"") else {
            return message
        }
        return String(message[..<cut.lowerBound])
    }
}

extension PostgresError {
    /// A prepared statement that a schema change or `DISCARD` has invalidated; renewing it mends this.
    var meansStalePlan: Bool {
        guard case .rejected(let sqlState, let message, _) = self else { return false }
        return sqlState == "26000"
            || (sqlState == "0A000" && message == ServerReport.stalePlan)
    }
}
