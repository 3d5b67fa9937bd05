/// The decisions of a connection pool: who gets which connection, when to open, retire or give up.
///
/// A value without I/O: events go in through the mutating methods, and ``nextAction(now:)`` is asked
/// until it has nothing more to do. Slots number the connections from 0.
struct PoolState {
    typealias Instant = ContinuousClock.Instant

    struct Settings {
        var limit: Int
        var maximumLifetime: Duration
        var idleTimeout: Duration
        /// The pause after the first failed attempt; it doubles with each further one.
        var firstBackoff: Duration = .milliseconds(100)
        var longestBackoff: Duration = .seconds(5)
    }

    enum Action: Equatable {
        case run(UInt64, slot: Int)
        case open(slot: Int)
        case close(slot: Int)
        case refuse(UInt64, PostgresError)
    }

    private enum Slot {
        case vacant
        case opening
        case idle(since: Instant, retireAt: Instant)
        case engaged(retireAt: Instant)

        var isVacant: Bool { if case .vacant = self { true } else { false } }
    }

    private let settings: Settings
    private var slots: [Slot]
    /// Idle slots; the last used is taken first, so that surplus ones grow old and are closed.
    private var idle: [Int] = []
    private var waiters = WaiterQueue()
    private var openingCount = 0
    private var openCount = 0
    private var failures = 0
    private var lastFailure = ""
    private var retryAt: Instant?
    private(set) var isDraining = false

    init(settings: Settings) {
        self.settings = settings
        slots = Array(repeating: .vacant, count: settings.limit)
    }

    /// Nothing is open, nobody waits, and nothing more will be accepted.
    var isFinished: Bool { isDraining && openCount == 0 && waiters.isEmpty }

    var statistics: PostgresPoolStatistics {
        PostgresPoolStatistics(
            limit: settings.limit, open: openCount, idle: idle.count, opening: openingCount,
            waiting: waiters.count, consecutiveFailures: failures)
    }

    // MARK: Events

    mutating func enqueue(_ id: UInt64, deadline: Instant) { waiters.append(id, deadline: deadline) }

    /// Puts a call back to the front, because the connection it was given had died before.
    mutating func enqueueAgain(_ id: UInt64, deadline: Instant) { waiters.prepend(id, deadline: deadline) }

    /// - Returns: False when the call no longer waits.
    mutating func withdraw(_ id: UInt64) -> Bool { waiters.remove(id) }

    /// - Parameter jitter: 0…1; shortens the lifetime by up to a tenth, so that connections which were
    ///   opened together are not replaced together.
    mutating func opened(slot: Int, now: Instant, jitter: Double) {
        openingCount -= 1
        openCount += 1
        failures = 0
        retryAt = nil
        let retireAt = now + settings.maximumLifetime * (1 - 0.1 * jitter)
        slots[slot] = .idle(since: now, retireAt: retireAt)
        idle.append(slot)
    }

    /// - Parameter jitter: 0…1; stretches the pause before the next attempt from half to all of its length.
    mutating func openFailed(slot: Int, reason: String, now: Instant, jitter: Double) {
        slots[slot] = .vacant
        openingCount -= 1
        lastFailure = reason
        let doubled = settings.firstBackoff * (1 << min(failures, 16))
        retryAt = now + min(doubled, settings.longestBackoff) * (0.5 + 0.5 * jitter)
        failures += 1
    }

    /// The connection is free again.
    mutating func released(slot: Int, now: Instant) {
        guard case .engaged(let retireAt) = slots[slot] else { return }
        slots[slot] = .idle(since: now, retireAt: retireAt)
        idle.append(slot)
    }

    /// The connection is gone, whatever it was doing.
    mutating func lost(slot: Int) {
        switch slots[slot] {
        case .vacant, .opening: return
        case .idle: idle.removeAll { $0 == slot }
        case .engaged: break
        }
        slots[slot] = .vacant
        openCount -= 1
    }

    /// Stops growing and keeping connections; those who wait are still served.
    mutating func drain() { isDraining = true }

    // MARK: Decisions

    mutating func nextAction(now: Instant) -> Action? {
        if let expired = waiters.popExpired(now: now) {
            return .refuse(expired, openCount == 0 ? .connectionFailed(reason: unreachable) : .poolExhausted)
        }
        if !waiters.isEmpty {
            if let slot = idle.popLast() { return engage(slot, now: now) }
            if isDown(now: now), let id = waiters.popFirst() {
                return .refuse(id, .connectionFailed(reason: unreachable))
            }
            if mayOpen(now: now), let slot = slots.firstIndex(where: { $0.isVacant }) {
                slots[slot] = .opening
                openingCount += 1
                return .open(slot: slot)
            }
        } else if let slot = idle.first(where: { isSurplus($0, now: now) }) {
            lost(slot: slot)
            return .close(slot: slot)
        }
        return nil
    }

    /// When ``nextAction(now:)`` may have something to do without a further event.
    var nextWake: Instant? {
        var wake = waiters.earliestDeadline
        func consider(_ instant: Instant) { wake = wake.map { min($0, instant) } ?? instant }
        if let retryAt, !waiters.isEmpty, openingCount == 0, openCount < settings.limit { consider(retryAt) }
        for slot in idle {
            if case .idle(let since, let retireAt) = slots[slot] {
                consider(min(since + settings.idleTimeout, retireAt))
            }
        }
        return wake
    }

    private var unreachable: String { lastFailure.isEmpty ? "no answer within the deadline" : lastFailure }

    private mutating func engage(_ slot: Int, now: Instant) -> Action? {
        guard case .idle(_, let retireAt) = slots[slot] else { return nil }
        if retireAt <= now {
            lost(slot: slot)
            return .close(slot: slot)
        }
        guard let id = waiters.popFirst() else {
            idle.append(slot)
            return nil
        }
        slots[slot] = .engaged(retireAt: retireAt)
        return .run(id, slot: slot)
    }

    /// Between two attempts to reach a server that refused the last one: callers learn at once.
    private func isDown(now: Instant) -> Bool {
        guard openCount == 0, openingCount == 0, let retryAt else { return false }
        return now < retryAt
    }

    /// One attempt per waiter, but a single probe while the server is failing.
    private func mayOpen(now: Instant) -> Bool {
        if let retryAt, now < retryAt { return false }
        return failures > 0 ? openingCount == 0 : openingCount < waiters.count
    }

    private func isSurplus(_ slot: Int, now: Instant) -> Bool {
        guard case .idle(let since, let retireAt) = slots[slot] else { return false }
        return isDraining || retireAt <= now || since + settings.idleTimeout <= now
    }
}

/// A pool at one moment, for metrics.
package struct PostgresPoolStatistics: Sendable, Equatable {
    /// The largest number of connections.
    package var limit: Int
    /// Connections that are open, idle ones included.
    package var open: Int
    /// Open connections that nobody uses.
    package var idle: Int
    /// Connections that are being opened.
    package var opening: Int
    /// Calls that wait for a connection.
    package var waiting: Int
    /// Attempts to connect that failed since the last success.
    package var consecutiveFailures: Int
}
