import Foundation
import Synchronization

/// What a connection's thread does: takes calls from the mailbox, writes them, reads answers, keeps deadlines,
/// and connects again after a loss. Used by that thread only.
final class RedisConnectionLoop {
    private typealias Mailbox = RedisConnection.Mailbox

    private let connection: RedisConnection
    private let clock = ContinuousClock()
    private var context: RedisContext?
    private var queue: CallQueue
    private var schedule = ReconnectSchedule()
    private var random = SystemRandomNumberGenerator()
    private var link = Mailbox.Link.idle
    private var isConnecting = false
    private var retryAt: ContinuousClock.Instant?
    /// Whether this connection has answered a command; until then it counts as a failed attempt.
    private var hasProvenItself = false
    private var counts = RedisStatistics()
    private var published = (link: Mailbox.Link.idle, counts: RedisStatistics())

    init(_ connection: RedisConnection) {
        self.connection = connection
        queue = CallQueue(patience: connection.configuration.commandTimeout)
    }

    func run() {
        while takeMail() {
            let now = clock.now
            counts.timedOutCalls += queue.expire(now: now, obstacle: obstacle)
            if let error = queue.silence(now: now) { lose(error) }
            connectIfNeeded(now: now)
            do throws(RedisError) {
                try write(now: now)
                publish()
                try sleepAndRead()
            } catch {
                lose(error)
                publish()
            }
        }
        context = nil
        queue.failWritten(.disconnected(reason: "the client was closed"))
        queue.failWaiting(.closed, all: true)
        link = .idle
        publish()
    }

    /// Exchanges news with the callers; false when the client was closed.
    private func takeMail() -> Bool {
        var opened: RedisContext?
        let (arrivals, failure, isOpen): ([RedisCall], RedisError?, Bool) = connection.mailbox.withLock {
            mailbox in
            mailbox.isWoken = false
            opened = mailbox.opened.take()
            defer {
                mailbox.arrivals = []
                mailbox.failure = nil
            }
            return (mailbox.arrivals, mailbox.failure, !mailbox.isClosed)
        }
        for call in arrivals { queue.enqueue(call) }
        if let context = opened.take() {
            isConnecting = false
            counts.connectionsOpened += 1
            hasProvenItself = false
            self.context = consume context
            link = .up
        } else if let failure {
            isConnecting = false
            counts.failedConnects += 1
            link = .down(failure)
            retryAt = clock.now + schedule.afterFailure(using: &random)
        }
        // Calls that came in before the callers could see this state.
        if let obstacle { queue.failWaiting(obstacle) }
        return isOpen
    }

    /// Shows the callers where things stand. Must come before every sleep: they decide by the link's state
    /// whether to send at all, and a thread without calls is not woken again.
    private func publish() {
        let retired = queue.takeRetired()
        guard link != published.link || counts != published.counts || retired != CallQueue.Retired() else {
            return
        }
        published = (link, counts)
        connection.mailbox.withLock { mailbox in
            mailbox.link = link
            let pending = mailbox.statistics.pendingCommands - retired.commands
            mailbox.statistics = counts
            mailbox.statistics.isConnected = link == .up
            mailbox.statistics.pendingCommands = pending
            mailbox.pendingBytes -= retired.bytes
        }
    }

    private func connectIfNeeded(now: ContinuousClock.Instant) {
        guard wantsConnection, retryAt.map({ $0 <= now }) ?? true else { return }
        isConnecting = true
        // While the server is down, attempts go on behind the callers' backs.
        if link == .idle { link = .connecting }
        connection.startConnecting()
    }

    private var obstacle: RedisError? {
        if case .down(let error) = link { error } else { nil }
    }

    private var wantsConnection: Bool {
        guard !isConnecting, link != .up else { return false }
        return link != .idle || queue.hasWaiting
    }

    private func write(now: ContinuousClock.Instant) throws(RedisError) {
        guard link == .up else { return }
        while let call = queue.takeForWriting(now: now) {
            for command in call.commands { try context?.append(command) }
            counts.commandsSent += call.commands.count
        }
        if context?.hasUnsent ?? false {
            counts.flushes += 1
            try context?.flush()
        }
    }

    private func sleepAndRead() throws(RedisError) {
        var events = Int16(POLLIN)
        if context?.hasUnsent ?? false { events |= Int16(POLLOUT) }
        // A negative descriptor is skipped by poll.
        var descriptors = [
            pollfd(fd: connection.wake.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: context?.descriptor ?? -1, events: events, revents: 0),
        ]
        let count = unsafe poll(&descriptors, 2, pollTimeout())
        guard count > 0 else { return }
        if descriptors[0].revents != 0 { connection.wake.clear() }
        guard descriptors[1].revents & ~Int16(POLLOUT) != 0 else { return }
        let now = clock.now
        try context?.receive { value in
            counts.repliesReceived += 1
            return queue.receive(value, now: now)
        }
        if !hasProvenItself {
            hasProvenItself = true
            schedule.succeeded()
        }
    }

    /// Milliseconds until something has to be done unasked; -1 when nothing has.
    private func pollTimeout() -> Int32 {
        let retry = wantsConnection ? retryAt ?? clock.now : nil
        let look = connection.wake.descriptor < 0 ? clock.now + .milliseconds(20) : nil
        guard let next = [queue.nextEvent, retry, look].compactMap(\.self).min() else { return -1 }
        let (seconds, attoseconds) = (next - clock.now).components
        if seconds < 0 || attoseconds < 0 { return 0 }
        // Rounded up: waking a moment early would only mean going back to sleep.
        return Int32(min(seconds, 3600)) * 1000 + Int32(attoseconds / 1_000_000_000_000_000) + 1
    }

    private func lose(_ error: RedisError) {
        context = nil
        counts.connectionsLost += 1
        link = .idle
        retryAt = hasProvenItself ? nil : clock.now + schedule.afterFailure(using: &random)
        hasProvenItself = false
        queue.failWritten(error)
    }
}
