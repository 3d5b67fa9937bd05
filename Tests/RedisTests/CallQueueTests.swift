import Testing

@testable import Redis

@Suite struct CallQueueTests {
    private let start = ContinuousClock.now

    private func call(
        _ count: Int = 1, timeout: Duration = .seconds(1), isPatient: Bool = false, isBlocking: Bool = false
    ) -> RedisCall {
        RedisCall(
            Array(repeating: RedisCommand("PING"), count: count), timeout: timeout, isPatient: isPatient,
            isBlocking: isBlocking, now: start)
    }

    private func outcome(of call: RedisCall) async -> RedisCall.Outcome {
        await call.outcome {}
    }

    private func write(_ queue: inout CallQueue) -> Int {
        var written = 0
        while queue.takeForWriting(now: start) != nil { written += 1 }
        return written
    }

    // The macros want functions, not mutating methods.
    private func receive(_ value: RedisValue, from queue: inout CallQueue, at now: ContinuousClock.Instant)
        -> Bool
    {
        queue.receive(value, now: now)
    }

    private func expire(
        _ queue: inout CallQueue, at now: ContinuousClock.Instant, obstacle: RedisError? = nil
    ) -> Int {
        queue.expire(now: now, obstacle: obstacle)
    }

    private func retired(_ queue: inout CallQueue) -> CallQueue.Retired {
        queue.takeRetired()
    }

    @Test func `answers go to the callers in order, as many as they asked for`() async {
        var queue = CallQueue(patience: .seconds(1))
        let (one, two) = (call(1), call(2))
        queue.enqueue(one)
        queue.enqueue(two)
        #expect(write(&queue) == 2)
        for number in 1...3 { #expect(receive(.integer(Int64(number)), from: &queue, at: start)) }
        #expect(await outcome(of: one) == .success([.integer(1)]))
        #expect(await outcome(of: two) == .success([.integer(2), .integer(3)]))
        #expect(retired(&queue).commands == 3)
        #expect(retired(&queue) == CallQueue.Retired())
    }

    @Test func `an answer that nobody asked for is noticed`() {
        var queue = CallQueue(patience: .seconds(1))
        #expect(!receive(.null, from: &queue, at: start))
        queue.enqueue(call())
        #expect(!receive(.null, from: &queue, at: start))
    }

    @Test func `a caller who left is not written, one who leaves later has the answer swallowed`() async {
        var queue = CallQueue(patience: .seconds(1))
        let (early, late, last) = (call(), call(), call())
        for call in [early, late, last] { queue.enqueue(call) }
        early.answer { .failure(.cancelled(sent: $0)) }
        #expect(await outcome(of: early) == .failure(.cancelled(sent: false)))
        #expect(write(&queue) == 2)
        late.answer { .failure(.cancelled(sent: $0)) }
        #expect(await outcome(of: late) == .failure(.cancelled(sent: true)))
        #expect(receive(.integer(1), from: &queue, at: start))
        #expect(receive(.integer(2), from: &queue, at: start))
        #expect(await outcome(of: last) == .success([.integer(2)]))
        #expect(retired(&queue).commands == 3)
    }

    @Test func `each call expires at its own deadline, sent or not`() async {
        var queue = CallQueue(patience: .seconds(10))
        let (long, short, unsent) = (
            call(timeout: .seconds(3)), call(timeout: .seconds(1)), call(timeout: .seconds(2))
        )
        queue.enqueue(long)
        queue.enqueue(short)
        #expect(write(&queue) == 2)
        queue.enqueue(unsent)
        #expect(queue.nextEvent == start + .seconds(1))
        #expect(expire(&queue, at: start + .milliseconds(999)) == 0)
        #expect(expire(&queue, at: start + .seconds(1)) == 1)
        #expect(await outcome(of: short) == .failure(.timedOut(after: .seconds(1), sent: true)))
        #expect(queue.nextEvent == start + .seconds(2))
        #expect(expire(&queue, at: start + .seconds(2)) == 1)
        #expect(await outcome(of: unsent) == .failure(.timedOut(after: .seconds(2), sent: false)))
        #expect(expire(&queue, at: start + .seconds(5)) == 1)
        #expect(queue.nextEvent == start + .seconds(10))
    }

    @Test func `a patient call that could not be sent learns why`() async {
        var queue = CallQueue(patience: .seconds(10))
        let (sent, unsent) = (call(), call(isPatient: true))
        queue.enqueue(sent)
        #expect(write(&queue) == 1)
        queue.enqueue(unsent)
        #expect(expire(&queue, at: start + .seconds(1), obstacle: .unavailable(reason: "x")) == 2)
        #expect(await outcome(of: sent) == .failure(.timedOut(after: .seconds(1), sent: true)))
        #expect(await outcome(of: unsent) == .failure(.unavailable(reason: "x")))
    }

    @Test func `the connection is given up when the head of the line stays without an answer`() {
        var queue = CallQueue(patience: .seconds(5))
        queue.enqueue(call(timeout: .seconds(1)))
        queue.enqueue(call(timeout: .seconds(30)))
        #expect(write(&queue) == 2)
        #expect(expire(&queue, at: start + .seconds(1)) == 1)
        #expect(queue.silence(now: start + .milliseconds(4999)) == nil)
        #expect(queue.silence(now: start + .seconds(5)) != nil)
        // An answer proves life; the next in line may take its own time.
        #expect(receive(.null, from: &queue, at: start + .seconds(5)))
        #expect(queue.silence(now: start + .seconds(34)) == nil)
        #expect(queue.silence(now: start + .seconds(35)) != nil)
    }

    @Test func `a blocking call whose caller left gives the connection up at once`() {
        var queue = CallQueue(patience: .seconds(5))
        let blocking = call(timeout: .seconds(30), isBlocking: true)
        queue.enqueue(blocking)
        #expect(write(&queue) == 1)
        #expect(queue.silence(now: start) == nil)
        blocking.answer(.failure(.cancelled(sent: true)))
        #expect(queue.silence(now: start) != nil)
    }

    @Test func `a loss answers what was written; waiting calls fail unless they are patient`() async {
        var queue = CallQueue(patience: .seconds(1))
        let (written, hasty, patient) = (call(), call(), call(isPatient: true))
        queue.enqueue(written)
        #expect(write(&queue) == 1)
        queue.enqueue(hasty)
        queue.enqueue(patient)
        queue.failWritten(.disconnected(reason: "x"))
        #expect(await outcome(of: written) == .failure(.disconnected(reason: "x")))
        #expect(!hasty.isAnswered)
        queue.failWaiting(.unavailable(reason: "y"))
        #expect(await outcome(of: hasty) == .failure(.unavailable(reason: "y")))
        #expect(!patient.isAnswered)
        queue.failWaiting(.closed, all: true)
        #expect(await outcome(of: patient) == .failure(.closed))
        #expect(retired(&queue).commands == 3)
        #expect(!queue.hasWaiting && !queue.hasWritten)
    }

    @Test func `a queue keeps its order over any mix of additions and removals`() {
        var queue = FIFO<Int>()
        var (next, expected) = (0, 0)
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            for _ in 0..<Int.random(in: 0...20, using: &generator) {
                queue.append(next)
                next += 1
            }
            for _ in 0..<Int.random(in: 0...20, using: &generator) {
                if let element = queue.popFirst() {
                    #expect(element == expected)
                    expected += 1
                }
            }
        }
        while let element = queue.popFirst() {
            #expect(element == expected)
            expected += 1
        }
        #expect(expected == next && queue.isEmpty)
    }

    @Test func `attempts to connect slow down to two seconds and start afresh after success`() {
        var schedule = ReconnectSchedule()
        var generator = SystemRandomNumberGenerator()
        for attempt in 0..<40 {
            let whole = min(Duration.milliseconds(50) * (1 << min(attempt, 10)), .seconds(2))
            let pause = schedule.afterFailure(using: &generator)
            #expect(pause <= whole && pause >= whole * 0.499)
        }
        schedule.succeeded()
        #expect(schedule.afterFailure(using: &generator) <= .milliseconds(50))
    }
}
