import Foundation

/// The thread behind a pool: it owns every connection, sleeps in one `poll`, and never blocks elsewhere.
///
/// Opening a connection (which may wait for the resolver) and delivering a cancel request (which waits
/// for the postmaster) happen on short-lived threads of their own.
final class PostgresDriver {
    typealias Instant = ContinuousClock.Instant

    /// How long a connection may take to settle after a cancel request before it is closed. An overloaded
    /// server would only suffer more from connections that are closed and opened again.
    static let cancelGrace = Duration.seconds(3)
    /// How long a cancelled task waits to learn whether its call took effect.
    static let answerGrace = Duration.seconds(1)
    /// Cancel requests under way at once; beyond them connections are only abandoned.
    static let cancelLimit = 8

    let configuration: PostgresConfiguration
    let mailbox: PostgresMailbox
    var pool: PoolState
    /// By slot.
    var links: [PostgresLink?]
    /// The attempt that may still fill a slot.
    var attempts: [UInt64?]
    var waiting: [UInt64: PostgresWork] = [:]
    /// The slot that a transaction holds.
    var leases: [UInt64: Int] = [:]
    var cancelsInFlight = 0
    private var issued: UInt64 = 0
    private var drainDeadline: Instant?
    private var drained: [CheckedContinuation<Void, Never>] = []
    private var published: PostgresPoolStatistics
    private var descriptors: [pollfd] = []
    private var polled: [Int] = []

    init(configuration: PostgresConfiguration, mailbox: PostgresMailbox) {
        self.configuration = configuration
        self.mailbox = mailbox
        pool = PoolState(
            settings: PoolState.Settings(
                limit: configuration.poolSize, maximumLifetime: configuration.maximumLifetime,
                idleTimeout: configuration.idleTimeout))
        links = Array(repeating: nil, count: configuration.poolSize)
        attempts = Array(repeating: nil, count: configuration.poolSize)
        published = pool.statistics
    }

    /// Serves until the pool is closed and empty.
    func run() {
        var inbox: [PostgresMailbox.Message] = []
        while true {
            mailbox.take(into: &inbox)
            for message in inbox { handle(message) }
            inbox.removeAll(keepingCapacity: true)
            let now = Instant.now
            for case .some(let link) in links { checkClock(of: link, now: now) }
            while let action = pool.nextAction(now: now) { perform(action) }
            publishStatistics()
            if let drainDeadline, drainDeadline <= now { cutEverything() }
            if pool.isFinished { break }
            sleep(now: now)
        }
        stop()
    }

    func nextID() -> UInt64 {
        issued += 1
        return issued
    }

    // MARK: Events

    private func handle(_ message: PostgresMailbox.Message) {
        switch message {
        case .submit(let work): accept(work)
        case .cancel(let id): cancel(id)
        case .opened(let slot, let attempt, let result): connectionOpened(slot, attempt, result)
        case .cancelDelivered(let id): cancelDelivered(id)
        case .drain(let instant, let continuation):
            drained.append(continuation)
            drain(until: instant)
        case .abandon:
            drain(until: .now)
        }
    }

    private func drain(until instant: Instant) {
        pool.drain()
        drainDeadline = min(drainDeadline ?? instant, instant)
        for slot in attempts.indices where attempts[slot] != nil && waiting.isEmpty {
            // Whoever opens it will find the attempt forgotten and close the connection.
            attempts[slot] = nil
        }
    }

    private func perform(_ action: PoolState.Action) {
        switch action {
        case .run(let id, let slot):
            guard let link = links[slot] else { return pool.lost(slot: slot) }
            guard let work = waiting[id] else { return pool.released(slot: slot, now: .now) }
            // The server may have closed the connection since the last look at the socket.
            if link.connection.hasInput { process(link.connection.advance(), of: link) }
            guard links[slot] === link else { return pool.enqueueAgain(id, deadline: work.deadline) }
            waiting[id] = nil
            start(work, on: link)
        case .open(let slot):
            open(slot)
        case .close(let slot):
            links[slot] = nil
        case .refuse(let id, let error):
            waiting.removeValue(forKey: id)?.reply.resume(returning: .failure(error))
        }
    }

    // MARK: Sleeping

    private func sleep(now: Instant) {
        descriptors.removeAll(keepingCapacity: true)
        polled.removeAll(keepingCapacity: true)
        descriptors.append(pollfd(fd: mailbox.wakeDescriptor, events: Int16(POLLIN), revents: 0))
        var wake = pool.nextWake
        func consider(_ instant: Instant?) {
            if let instant { wake = wake.map { min($0, instant) } ?? instant }
        }
        consider(drainDeadline)
        for case .some(let link) in links {
            consider(link.nextWake)
            let events = link.connection.wantsWrite ? POLLIN | POLLOUT : POLLIN
            descriptors.append(pollfd(fd: link.connection.descriptor, events: Int16(events), revents: 0))
            polled.append(link.slot)
        }
        let timeout = mailbox.fallAsleep() ? Self.pollTimeout(until: wake, now: now) : 0
        guard unsafe poll(&descriptors, nfds_t(descriptors.count), timeout) > 0 else { return }
        if descriptors[0].revents != 0 { mailbox.clearWake() }
        for (index, slot) in polled.enumerated() where descriptors[index + 1].revents != 0 {
            guard let link = links[slot] else { continue }
            process(link.connection.advance(), of: link)
        }
    }

    /// Milliseconds, rounded up so that the driver does not wake before the instant; -1 means no limit.
    static func pollTimeout(until wake: Instant?, now: Instant) -> Int32 {
        guard let wake else { return -1 }
        let left = now.duration(to: wake)
        guard left > .zero else { return 0 }
        return Int32(clamping: min(left.milliseconds + 1, 60_000))
    }

    private func publishStatistics() {
        let statistics = pool.statistics
        guard statistics != published else { return }
        published = statistics
        mailbox.statistics = statistics
    }

    // MARK: The end

    private func cutEverything() {
        for (_, work) in waiting {
            _ = pool.withdraw(work.id)
            work.reply.resume(returning: .failure(.closed))
        }
        waiting.removeAll()
        for case .some(let link) in links { lose(link, reason: "the pool was closed", executing: nil) }
    }

    private func stop() {
        publishStatistics()
        for message in mailbox.closeForGood() {
            switch message {
            case .submit(let work): work.reply.resume(returning: .failure(.closed))
            case .drain(_, let continuation): continuation.resume()
            case .cancel, .opened, .cancelDelivered, .abandon: break
            }
        }
        for continuation in drained { continuation.resume() }
    }
}
