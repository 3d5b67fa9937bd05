import Foundation
import Synchronization

/// One connection with a thread of its own, shared by any number of callers.
///
/// Callers put calls into a mailbox and wake the thread; it writes everything it finds there with one system
/// call. The thread ends with ``shutDown()``, which the owner must call.
final class RedisConnection: Sendable {
    /// What callers and the thread share.
    struct Mailbox: ~Copyable {
        enum Link: Equatable {
            /// Never connected, or closed on purpose; the next call connects.
            case idle
            case connecting
            case up
            /// The last attempt failed; calls fail at once until an attempt succeeds.
            case down(RedisError)
        }

        var arrivals: [RedisCall] = []
        /// The thread was woken and has not looked yet.
        var isWoken = false
        var isClosed = false
        var link = Link.idle
        /// How the running attempt to connect ended.
        var opened: RedisContext?
        var failure: RedisError?
        var pendingBytes = 0
        var statistics = RedisStatistics()
        var threadHasEnded = false
        var endWaiters: [CheckedContinuation<Void, Never>] = []
    }

    let configuration: RedisConfiguration
    let mailbox = Mutex(Mailbox())
    let wake = WakeSignal()

    init(_ configuration: RedisConfiguration, label: String) {
        self.configuration = configuration
        let thread = Thread { [self] in
            blockBrokenPipeSignal()
            RedisConnectionLoop(self).run()
            let waiters = mailbox.withLock { mailbox in
                mailbox.threadHasEnded = true
                defer { mailbox.endWaiters = [] }
                return mailbox.endWaiters
            }
            for waiter in waiters { waiter.resume() }
        }
        thread.name = label
        thread.start()
    }

    var statistics: RedisStatistics { mailbox.withLock { $0.statistics } }

    /// Runs a call to its end. Cancellation answers the caller at once.
    func perform(_ call: RedisCall) async throws(RedisError) -> [RedisValue] {
        let outcome = await withTaskCancellationHandler {
            await call.outcome { submit(call) }
        } onCancel: {
            call.answer { .failure(.cancelled(sent: $0)) }
            if call.isBlocking { wakeThread() }
        }
        return try outcome.get()
    }

    private func submit(_ call: RedisCall) {
        let (refusal, mustWake): (RedisError?, Bool) = mailbox.withLock { mailbox in
            if mailbox.isClosed { return (.closed, false) }
            if case .down(let error) = mailbox.link, !call.isPatient { return (error, false) }
            let pending = mailbox.statistics.pendingCommands
            if pending + call.commands.count > configuration.maximumPendingCommands
                || mailbox.pendingBytes + call.size > configuration.maximumPendingBytes
            {
                return (.overloaded(pendingCommands: pending), false)
            }
            mailbox.statistics.pendingCommands += call.commands.count
            mailbox.pendingBytes += call.size
            mailbox.arrivals.append(call)
            defer { mailbox.isWoken = true }
            return (nil, !mailbox.isWoken)
        }
        if let refusal { call.answer(.failure(refusal)) }
        if mustWake { wake.send() }
    }

    func wakeThread() {
        let mustWake = mailbox.withLock { mailbox in
            defer { mailbox.isWoken = true }
            return !mailbox.isWoken
        }
        if mustWake { wake.send() }
    }

    /// Tries to connect on a thread of its own, so that this one goes on keeping deadlines.
    func startConnecting() {
        Thread.detachNewThread { [self] in
            blockBrokenPipeSignal()
            var opened: RedisContext?
            var failure: RedisError?
            do throws(RedisError) {
                opened = try RedisContext.open(configuration)
            } catch {
                failure = error
            }
            mailbox.withLock { mailbox in
                mailbox.failure = failure
                // After the end nobody would look: the context closes here.
                if !mailbox.threadHasEnded { mailbox.opened = opened.take() }
            }
            wakeThread()
        }
    }

    /// Tells the thread to answer everybody and end.
    func shutDown() {
        mailbox.withLock { $0.isClosed = true }
        wakeThread()
    }

    func ended() async {
        await withCheckedContinuation { waiter in
            let hasEnded = mailbox.withLock { mailbox in
                if !mailbox.threadHasEnded { mailbox.endWaiters.append(waiter) }
                return mailbox.threadHasEnded
            }
            if hasEnded { waiter.resume() }
        }
    }
}

/// Lets a write to a closed socket fail with an error code, on this thread, instead of ending the process.
private func blockBrokenPipeSignal() {
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, SIGPIPE)
    unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
}
