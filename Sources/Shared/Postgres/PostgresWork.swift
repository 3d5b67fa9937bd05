import Synchronization

/// One call on its way to a connection.
struct PostgresWork: Sendable {
    enum Operation: Sendable {
        case statements([PostgresStatement])
        case script(String)
        /// Keeps a connection for a transaction that starts with this `BEGIN …`.
        case lease(begin: String)
        /// Ends the transaction and gives its connection back.
        case end(commit: Bool)
    }

    let ticket: Ticket
    let operation: Operation
    /// The transaction that the call belongs to: the id of its `.lease` work.
    let lease: UInt64?
    let deadline: ContinuousClock.Instant
    let reply: CheckedContinuation<Result<[PostgresResult], PostgresError>, Never>

    var id: UInt64 { ticket.id }

    /// Whether a lost answer leaves the database in doubt. Inside a transaction only `COMMIT` does.
    var mayCommit: Bool {
        switch operation {
        case .statements, .script: lease == nil
        case .lease: false
        case .end(let commit): commit
        }
    }
}

/// Names a call and remembers that its task was cancelled, even before the call has arrived.
final class Ticket: Sendable {
    let id: UInt64
    private let cancelled = Atomic<Bool>(false)
    private let hasSecondChance = Atomic<Bool>(true)

    init() { id = Self.issued.add(1, ordering: .relaxed).newValue }

    var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

    func cancel() { cancelled.store(true, ordering: .releasing) }

    /// True once: a call is repeated at most one time.
    func takeSecondChance() -> Bool { hasSecondChance.exchange(false, ordering: .relaxed) }

    private static let issued = Atomic<UInt64>(0)
}
