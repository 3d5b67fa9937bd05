import Foundation
import Synchronization

/// How tasks and helper threads talk to the driver thread.
final class PostgresMailbox: Sendable {
    enum Message: Sendable {
        case submit(PostgresWork)
        case cancel(UInt64)
        case opened(slot: Int, attempt: UInt64, Result<LibpqHandle, PostgresError>)
        /// The server has taken, or will never take, a cancel request.
        case cancelDelivered(link: UInt64)
        /// Serve those who wait, then stop; connections still busy at the instant are cut.
        case drain(until: ContinuousClock.Instant, CheckedContinuation<Void, Never>)
        /// The pool object is gone.
        case abandon
    }

    private struct State {
        var messages: [Message] = []
        var isDriverAsleep = false
        var isClosed = false
        var statistics: PostgresPoolStatistics
    }

    private let state: Mutex<State>
    /// The driver sleeps in `poll` on its sockets and on the reading end.
    let wakeDescriptor: Int32
    private let writeDescriptor: Int32

    /// - Throws: ``PostgresError/connectionFailed(reason:)`` when the process has no descriptors left.
    init(limit: Int) throws(PostgresError) {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw .connectionFailed(reason: "no file descriptors left") }
        for end in ends {
            _ = fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        wakeDescriptor = ends[0]
        writeDescriptor = ends[1]
        state = Mutex(
            State(
                statistics: PostgresPoolStatistics(
                    limit: limit, open: 0, idle: 0, opening: 0, waiting: 0, consecutiveFailures: 0)))
    }

    deinit {
        close(wakeDescriptor)
        close(writeDescriptor)
    }

    /// - Returns: False when the driver has stopped; the message was not taken.
    func post(_ message: Message) -> Bool {
        let (accepted, mustWake) = state.withLock { state in
            guard !state.isClosed else { return (false, false) }
            state.messages.append(message)
            defer { state.isDriverAsleep = false }
            return (true, state.isDriverAsleep)
        }
        if mustWake {
            var byte: UInt8 = 1
            // A full pipe means that the driver is about to wake anyway.
            _ = unsafe write(writeDescriptor, &byte, 1)
        }
        return accepted
    }

    /// Exchanges the waiting messages for an empty array, whose storage is reused.
    func take(into inbox: inout [Message]) {
        state.withLock { state in
            state.isDriverAsleep = false
            swap(&state.messages, &inbox)
        }
    }

    /// - Returns: False when messages wait, so the driver must not sleep.
    func fallAsleep() -> Bool {
        state.withLock { state in
            state.isDriverAsleep = state.messages.isEmpty
            return state.isDriverAsleep
        }
    }

    /// Empties the pipe after a wake-up.
    func clearWake() {
        var bytes: (UInt64, UInt64) = (0, 0)
        _ = unsafe withUnsafeMutableBytes(of: &bytes) {
            unsafe read(wakeDescriptor, $0.baseAddress, $0.count)
        }
    }

    /// Refuses further messages and returns those that were not handled.
    func closeForGood() -> [Message] {
        state.withLock { state in
            state.isClosed = true
            defer { state.messages = [] }
            return state.messages
        }
    }

    var statistics: PostgresPoolStatistics {
        get { state.withLock { $0.statistics } }
        set { state.withLock { $0.statistics = newValue } }
    }
}
