package import CoachDomain
package import Postgres

/// A failure at the ledger's boundary.
package enum StoreError: Error, Equatable, Sendable {
    /// Postgres could not be asked, or its answer was lost.
    case database(PostgresError)
    /// The lease that the write carried is no longer the job's: nothing was written.
    case fenced(JobID)
    /// No such row.
    case notFound(String)
    /// The ledger holds something that this version cannot read.
    case unreadable(String)

    /// Whether the same call can succeed later.
    package var isTransient: Bool {
        switch self {
        case .database(let error): error.isTransient
        case .fenced, .notFound, .unreadable: false
        }
    }
}

extension StoreError {
    /// Whether the value itself can never be stored (SQLSTATE class 22, or one that cannot be sent).
    package var isDataError: Bool {
        switch self {
        case .database(.encoding): true
        case .database(let error): error.sqlState?.hasPrefix("22") ?? false
        case .fenced, .notFound, .unreadable: false
        }
    }
}

/// The right to write results of one job: valid until it is claimed, cancelled or swept by someone else.
package struct Lease: Hashable, Sendable {
    package var job: JobID
    /// Fencing token; rises with every claim of this job.
    package var token: Int64

    package init(job: JobID, token: Int64) {
        self.job = job
        self.token = token
    }
}
