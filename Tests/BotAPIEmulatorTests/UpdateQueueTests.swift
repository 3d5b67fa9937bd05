import Testing

@testable import BotAPIEmulator

@Suite struct UpdateQueueTests {
    let start = ContinuousClock.now

    private func queue(_ updates: [(Int64, String)], lifetime: Duration = .seconds(86_400)) -> UpdateQueue {
        var queue = UpdateQueue()
        for (id, key) in updates {
            queue.add(id: id, body: .integer(id), queue: key, lifetime: lifetime, at: start)
        }
        return queue
    }

    @Test func `a chat gets its updates one after the other, chats run side by side`() {
        var queue = queue([(1, "a"), (2, "a"), (3, "b")])
        #expect(queue.take(10, at: start).map(\.id) == [1, 3])
        #expect(queue.take(10, at: start).isEmpty)
        queue.succeeded(1)
        #expect(queue.take(10, at: start).map(\.id) == [2])
    }

    @Test func `no more are taken than there are connections`() {
        var queue = queue([(1, "a"), (2, "b"), (3, "c")])
        #expect(queue.take(2, at: start).map(\.id) == [1, 2])
        #expect(queue.take(2, at: start).map(\.id) == [3])
    }

    @Test func `failures wait 0, 2, 4, 8, 16, 32 s and then a minute or two`() {
        var queue = queue([(1, "a")])
        var now = start
        var waits: [Duration] = []
        for _ in 0..<9 {
            #expect(queue.take(1, at: now).map(\.id) == [1])
            guard case .retried(let wait) = queue.failed(1, retryAfter: 0, at: now, jitter: 0.5) else {
                Issue.record("dropped")
                return
            }
            waits.append(wait)
            if wait > .zero { #expect(queue.take(1, at: now + wait - .milliseconds(1)).isEmpty) }
            #expect(queue.nextWakeUp == now + wait)
            now += wait
        }
        #expect(waits == [0, 2, 4, 8, 16, 32, 64, 90, 90].map { .seconds($0) })
    }

    @Test func `Retry-After is obeyed up to an hour and does not lengthen the schedule`() {
        var queue = queue([(1, "a")])
        func fail(_ retryAfter: Int) -> UpdateQueue.Fate {
            _ = queue.take(1, at: start + .seconds(80_000))
            return queue.failed(1, retryAfter: retryAfter, at: start, jitter: 0)
        }
        #expect(fail(7) == .retried(after: .seconds(7)))
        #expect(fail(1_000_000) == .retried(after: .seconds(3600)))
        #expect(fail(0) == .retried(after: .seconds(2)))
    }

    @Test func `an update that would outlive its time is dropped`() {
        var queue = queue([(1, "a"), (2, "a")], lifetime: .seconds(150))
        _ = queue.take(1, at: start)
        #expect(queue.failed(1, retryAfter: 151, at: start, jitter: 0) == .dropped)
        #expect(queue.take(5, at: start + .seconds(151)).isEmpty)
        #expect(queue.pending.isEmpty)
    }

    @Test func `a failing update holds back its own chat only`() {
        var queue = queue([(1, "a"), (2, "a"), (3, "b")])
        _ = queue.take(10, at: start)
        _ = queue.failed(1, retryAfter: 60, at: start, jitter: 0)
        queue.succeeded(3)
        #expect(queue.take(10, at: start + .seconds(59)).isEmpty)
        #expect(queue.take(10, at: start + .seconds(60)).map(\.id) == [1])
    }

    @Test func `polling confirms what lies before the offset`() {
        var queue = queue([(5, "a"), (6, "a"), (7, "b")])
        #expect(queue.poll(offset: 0, limit: 2) == [5, 6])
        #expect(queue.poll(offset: 7, limit: 100) == [7])
        #expect(queue.poll(offset: 5, limit: 100) == [7])
    }

    @Test func `a negative offset forgets all but the newest`() {
        var queue = queue([(5, "a"), (6, "a"), (7, "b")])
        #expect(queue.poll(offset: -1, limit: 100) == [7])
        #expect(queue.pending.count == 1)
    }
}
