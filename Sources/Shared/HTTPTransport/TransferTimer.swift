/// Decides when a transfer has taken too long, and in which phase.
///
/// Pure: time comes in with every call. libcurl limits the connection phase by itself; everything else is
/// decided here, because libcurl does not watch the clock of a request that waits for a free connection and
/// cannot tell a slow answer from a stalled one.
struct TransferTimer {
    typealias Instant = ContinuousClock.Instant

    private enum Stage {
        case waitingForConnection
        /// From the moment the request is issued; restarted by upload progress.
        case waitingForAnswer(since: Instant)
        case receiving(since: Instant)
    }

    let deadline: Instant
    let firstByteTimeout: Duration?
    let idleTimeout: Duration?
    private var stage = Stage.waitingForConnection
    private var isReadingPaused = false
    private var isSendingPaused = false

    init(deadline: Instant, firstByteTimeout: Duration?, idleTimeout: Duration?) {
        self.deadline = deadline
        self.firstByteTimeout = firstByteTimeout
        self.idleTimeout = idleTimeout
    }

    mutating func requestIssued(at now: Instant) {
        stage = .waitingForAnswer(since: now)
    }

    mutating func sent(at now: Instant) {
        if case .waitingForAnswer = stage { stage = .waitingForAnswer(since: now) }
    }

    mutating func received(at now: Instant) {
        stage = .receiving(since: now)
    }

    /// The reader holds the transfer back, or lets it go on.
    mutating func setReadingPaused(_ paused: Bool, at now: Instant) {
        isReadingPaused = paused
        if !paused, case .receiving = stage { stage = .receiving(since: now) }
    }

    /// The producer of the request body holds the transfer back, or lets it go on.
    mutating func setSendingPaused(_ paused: Bool, at now: Instant) {
        isSendingPaused = paused
        if !paused { sent(at: now) }
    }

    /// The next instant at which the transfer may have to be given up, and the phase to blame.
    var expiry: (at: Instant, phase: HTTPError.Phase) {
        switch stage {
        case .waitingForConnection:
            return (deadline, .connect)
        case .waitingForAnswer(let since):
            guard let firstByteTimeout, !isSendingPaused, since + firstByteTimeout < deadline else {
                return (deadline, .total)
            }
            return (since + firstByteTimeout, .firstByte)
        case .receiving(let since):
            guard let idleTimeout, !isReadingPaused, since + idleTimeout < deadline else {
                return (deadline, .total)
            }
            return (since + idleTimeout, .idle)
        }
    }

    /// An instant before which the transfer cannot expire, whatever happens to it from now on: the next stage
    /// may have a shorter limit than the present one.
    func horizon(from now: Instant) -> Instant {
        [firstByteTimeout, idleTimeout].compactMap { $0 }.reduce(expiry.at) { min($0, now + $1) }
    }
}
