/// Calls that wait for a connection, first come first served, each with its deadline.
///
/// Deadlines are looked through only when the earliest known one has passed, so that a busy queue
/// costs constant time per call.
struct WaiterQueue {
    typealias Instant = ContinuousClock.Instant

    /// May hold ids that are no longer in `deadlines`; those are skipped.
    private var order: [UInt64] = []
    private var head = 0
    private var deadlines: [UInt64: Instant] = [:]
    /// No waiter's deadline lies before this; nil when nobody waits.
    private(set) var earliestDeadline: Instant?

    var count: Int { deadlines.count }
    var isEmpty: Bool { deadlines.isEmpty }

    mutating func append(_ id: UInt64, deadline: Instant) {
        order.append(id)
        note(id, deadline)
    }

    /// Puts a waiter back before all others.
    mutating func prepend(_ id: UInt64, deadline: Instant) {
        if head > 0 {
            head -= 1
            order[head] = id
        } else {
            order.insert(id, at: 0)
        }
        note(id, deadline)
    }

    mutating func popFirst() -> UInt64? {
        while head < order.count {
            let id = order[head]
            head += 1
            guard deadlines.removeValue(forKey: id) != nil else { continue }
            compact()
            return id
        }
        compact()
        return nil
    }

    /// - Returns: False when the id does not wait here.
    mutating func remove(_ id: UInt64) -> Bool {
        guard deadlines.removeValue(forKey: id) != nil else { return false }
        if deadlines.isEmpty { compact() }
        return true
    }

    /// One waiter whose deadline has passed, removed.
    mutating func popExpired(now: Instant) -> UInt64? {
        guard let earliest = earliestDeadline, earliest <= now else { return nil }
        if let expired = deadlines.first(where: { $0.value <= now })?.key {
            deadlines[expired] = nil
            if deadlines.isEmpty { compact() }
            return expired
        }
        earliestDeadline = deadlines.values.min()
        return nil
    }

    private mutating func note(_ id: UInt64, _ deadline: Instant) {
        deadlines[id] = deadline
        earliestDeadline = earliestDeadline.map { min($0, deadline) } ?? deadline
    }

    private mutating func compact() {
        if deadlines.isEmpty {
            order.removeAll(keepingCapacity: true)
            head = 0
            earliestDeadline = nil
        } else if head > 1024, head * 2 > order.count {
            order.removeFirst(head)
            head = 0
        }
    }
}
