package import CoachDomain
package import CoachStore
import Observability

extension JobFailure: LoggableError {
    package var logDescription: String { "\(code): \(detail)" }
}

extension StoreError: LoggableError {
    /// Postgres errors carry no parameters and no rows, so that their text may be shown.
    package var logDescription: String {
        switch self {
        case .database(let error): "\(error)"
        case .fenced(let job): "the lease of job \(job) is lost"
        case .notFound(let what): "no \(what)"
        case .unreadable(let what): "unreadable: \(what)"
        }
    }
}
