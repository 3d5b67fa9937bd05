/// A connection of the pool with the call it serves. Lives on the driver thread.
final class PostgresLink {
    typealias Instant = ContinuousClock.Instant

    /// A cancel request that was sent to the server.
    struct Interruption {
        enum Cause { case deadline, task }
        let cause: Cause
        /// When the caller gets its answer at the latest.
        let answerBy: Instant
        /// When the connection is given up.
        let abandonAt: Instant
    }

    /// A transaction that holds the connection.
    struct Lease {
        let id: UInt64
        /// Sent together with the first statements.
        let begin: String
    }

    let id: UInt64
    let slot: Int
    let connection: PostgresConnection
    let canceller: LibpqCanceller

    var work: PostgresWork?
    /// When the running call came to this connection; its cancel request leaves a little before its deadline.
    var cancelAt: Instant?
    var hasReplied = false
    var interruption: Interruption?
    /// A helper thread is still delivering the request, which must not hit the next call.
    var isCancelInFlight = false
    var lease: Lease?
    /// Further calls of the same transaction.
    var pending: [PostgresWork] = []
    /// To be closed as soon as nobody uses it.
    var isOutdated = false
    /// Set until the session settings are in force.
    var setupDeadline: Instant?

    init(id: UInt64, slot: Int, handle: LibpqHandle) {
        self.id = id
        self.slot = slot
        connection = PostgresConnection(handle)
        canceller = LibpqCanceller(handle)
    }

    /// The next instant at which the driver must look at this connection without a socket event.
    var nextWake: Instant? {
        if let setupDeadline { return setupDeadline }
        if let interruption {
            return hasReplied || work == nil
                ? interruption.abandonAt : min(interruption.answerBy, interruption.abandonAt)
        }
        return cancelAt
    }
}
