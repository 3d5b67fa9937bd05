/// The calls of one connection, in the order of sending: Redis answers in that order, and says nothing
/// about which answer belongs to whom.
///
/// A caller who leaves early stays in the queue until the answer has been swallowed.
struct CallQueue {
    private struct Written {
        let call: RedisCall
        let writtenAt: ContinuousClock.Instant
        var replies: [RedisValue] = []
    }

    /// Budget of calls that left the queue since it was last asked.
    struct Retired: Equatable {
        var commands = 0
        var bytes = 0
    }

    /// How long the server may leave the head of the line without an answer, at least.
    private let patience: Duration
    private var waiting = FIFO<RedisCall>()
    private var written = FIFO<Written>()
    private var lastReply: ContinuousClock.Instant?
    /// No deadline in the queue is earlier; one of an answered call may linger here.
    private var earliestDeadline: ContinuousClock.Instant?
    private var retired = Retired()

    init(patience: Duration) {
        self.patience = patience
    }

    var hasWaiting: Bool { !waiting.isEmpty }
    var hasWritten: Bool { !written.isEmpty }

    mutating func takeRetired() -> Retired {
        defer { retired = Retired() }
        return retired
    }

    mutating func enqueue(_ call: RedisCall) {
        waiting.append(call)
        earliestDeadline = min(earliestDeadline ?? call.deadline, call.deadline)
    }

    /// The next call to write; from now on it expects its answers.
    mutating func takeForWriting(now: ContinuousClock.Instant) -> RedisCall? {
        while let call = waiting.popFirst() {
            if call.markSent() {
                written.append(Written(call: call, writtenAt: now))
                return call
            }
            retire(call)
        }
        return nil
    }

    /// Takes the next answer. False when nobody asked for one: the connection is out of step.
    mutating func receive(_ value: RedisValue, now: ContinuousClock.Instant) -> Bool {
        guard !written.isEmpty else { return false }
        lastReply = now
        let isComplete = written.updateFirst { head in
            head.replies.append(value)
            return head.replies.count == head.call.commands.count
        }
        if isComplete, let head = written.popFirst() {
            retire(head.call)
            head.call.answer(.success(head.replies))
        }
        return true
    }

    /// Answers every call whose time is up; returns how many those were.
    ///
    /// - Parameter obstacle: why nothing can be sent at present; tells an unsent call more than that it waited.
    mutating func expire(now: ContinuousClock.Instant, obstacle: RedisError? = nil) -> Int {
        guard let earliest = earliestDeadline, earliest <= now else { return 0 }
        var expired = 0
        var next: ContinuousClock.Instant?
        func look(_ call: RedisCall) {
            if call.isAnswered { return }
            if call.deadline <= now {
                let isFirst = call.answer { wasSent in
                    let late = RedisError.timedOut(after: call.timeout, sent: wasSent)
                    return .failure(wasSent ? late : obstacle ?? late)
                }
                if isFirst { expired += 1 }
            } else {
                next = min(next ?? call.deadline, call.deadline)
            }
        }
        waiting.forEach(look)
        written.forEach { look($0.call) }
        earliestDeadline = next
        return expired
    }

    /// When ``expire(now:)`` or ``silence(now:)`` has to be asked next.
    var nextEvent: ContinuousClock.Instant? {
        [earliestDeadline, silenceDeadline].compactMap(\.self).min()
    }

    /// Why the connection must be given up: the server has not answered the head of the line for as long as the
    /// longest of its callers was willing to wait, or the head is a blocking call whose caller has left.
    func silence(now: ContinuousClock.Instant) -> RedisError? {
        guard let head = written.first else { return nil }
        if head.call.isBlocking, head.call.isAnswered {
            return .disconnected(reason: "the caller of a blocking command left")
        }
        guard let silenceDeadline, silenceDeadline <= now else { return nil }
        return .disconnected(reason: "the server stopped answering")
    }

    private var silenceDeadline: ContinuousClock.Instant? {
        guard let head = written.first else { return nil }
        let since = max(head.writtenAt, lastReply ?? head.writtenAt)
        return since + max(patience, head.call.timeout)
    }

    /// Answers everything that was written: its fate is unknown.
    mutating func failWritten(_ error: RedisError) {
        while let head = written.popFirst() {
            retire(head.call)
            head.call.answer(.failure(error))
        }
        lastReply = nil
    }

    /// Answers what was not written yet; patient calls stay, unless all have to go.
    mutating func failWaiting(_ error: RedisError, all: Bool = false) {
        var patient = FIFO<RedisCall>()
        while let call = waiting.popFirst() {
            if call.isPatient, !all, !call.isAnswered {
                patient.append(call)
            } else {
                retire(call)
                call.answer(.failure(error))
            }
        }
        waiting = patient
    }

    private mutating func retire(_ call: RedisCall) {
        retired.commands += call.commands.count
        retired.bytes += call.size
    }
}
