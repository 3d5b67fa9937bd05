/// The updates that wait for the bot, and when each may be offered to the webhook.
///
/// A pure model of the Bot API server's `WebhookActor`: strictly serial within a queue, parallel across queues;
/// after failures a wait of 0, 2, 4, 8, 16, 32 s and then about a minute, or what `Retry-After` asked for.
struct UpdateQueue {
    typealias Instant = ContinuousClock.Instant

    struct Pending: Equatable {
        let id: Int64
        let body: JSONValue
        /// Updates of one queue are delivered one after the other.
        let queue: String
        let expiresAt: Instant
        fileprivate(set) var wakesAt: Instant
        fileprivate(set) var delaySeconds = 1
        fileprivate(set) var failures = 0
        fileprivate(set) var isInFlight = false
    }

    /// What became of a failed delivery.
    enum Fate: Equatable {
        case retried(after: Duration)
        case dropped
    }

    static let longestRetryAfter = 3600
    private static let longestDelay = 60

    private(set) var pending: [Pending] = []
    /// Multiplies every wait; tests make it small.
    let timeScale: Double

    init(timeScale: Double = 1) { self.timeScale = timeScale }

    mutating func add(id: Int64, body: JSONValue, queue: String, lifetime: Duration, at now: Instant) {
        pending.append(
            Pending(id: id, body: body, queue: queue, expiresAt: now + scaled(lifetime), wakesAt: now))
    }

    /// Takes up to `limit` updates that may be sent now: the oldest of each queue that has none under way.
    mutating func take(_ limit: Int, at now: Instant) -> [Pending] {
        pending.removeAll { !$0.isInFlight && $0.expiresAt <= now }
        var seen: Set<String> = []
        var taken: [Pending] = []
        for index in pending.indices where taken.count < limit {
            guard seen.insert(pending[index].queue).inserted else { continue }
            guard !pending[index].isInFlight, pending[index].wakesAt <= now else { continue }
            pending[index].isInFlight = true
            taken.append(pending[index])
        }
        return taken
    }

    mutating func succeeded(_ id: Int64) {
        pending.removeAll { $0.id == id }
    }

    /// - Parameters:
    ///   - retryAfter: Seconds from the `Retry-After` header of the failure; 0 without one.
    ///   - jitter: 0 to 1, spreads the longest wait.
    mutating func failed(_ id: Int64, retryAfter: Int, at now: Instant, jitter: Double) -> Fate {
        guard let index = pending.firstIndex(where: { $0.id == id }) else { return .dropped }
        var update = pending[index]
        let retryAfter = min(max(retryAfter, 0), Self.longestRetryAfter)
        var wait = retryAfter
        if retryAfter == 0, update.failures > 0 {
            let longest = Self.longestDelay + Int(Double(Self.longestDelay) * jitter)
            update.delaySeconds = min(longest, update.delaySeconds * 2)
            wait = update.delaySeconds
        }
        let delay = scaled(.seconds(wait))
        guard now + delay <= update.expiresAt else {
            pending.remove(at: index)
            return .dropped
        }
        update.wakesAt = now + delay
        update.failures += 1
        update.isInFlight = false
        pending[index] = update
        return .retried(after: .seconds(wait))
    }

    /// The next instant at which something may be sent, given that nothing changes until then.
    var nextWakeUp: Instant? {
        var seen: Set<String> = []
        return pending.lazy.filter { seen.insert($0.queue).inserted && !$0.isInFlight }.map(\.wakesAt).min()
    }

    // MARK: Polling

    /// The oldest updates from an offset on; a negative offset counts from the end. Everything before is confirmed.
    mutating func poll(offset: Int64, limit: Int) -> [JSONValue] {
        if offset < 0 {
            pending.removeFirst(max(0, pending.count - Int(-offset)))
        } else {
            pending.removeAll { $0.id < offset }
        }
        return pending.prefix(limit).map(\.body)
    }

    mutating func dropAll() {
        pending.removeAll()
    }

    /// A webhook was removed while deliveries were under way: what they carried is free again.
    mutating func releaseInFlight() {
        for index in pending.indices { pending[index].isInFlight = false }
    }

    private func scaled(_ duration: Duration) -> Duration { duration * timeScale }
}
