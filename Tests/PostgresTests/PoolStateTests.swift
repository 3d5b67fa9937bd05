import Testing

@testable import Postgres

@Suite struct PoolStateTests {
    private let start = ContinuousClock.Instant.now
    private var far: ContinuousClock.Instant { start + .seconds(1000) }

    private func pool(limit: Int = 2) -> PoolState {
        PoolState(
            settings: PoolState.Settings(
                limit: limit, maximumLifetime: .seconds(100), idleTimeout: .seconds(30),
                firstBackoff: .seconds(1), longestBackoff: .seconds(4)))
    }

    /// Everything the pool wants now.
    private func actions(_ pool: inout PoolState, at instant: ContinuousClock.Instant) -> [PoolState.Action] {
        var list: [PoolState.Action] = []
        while let action = pool.nextAction(now: instant) { list.append(action) }
        return list
    }

    @Test func `connections are opened for those who wait, up to the limit`() {
        var pool = pool()
        #expect(actions(&pool, at: start).isEmpty)
        for id in 1...5 { pool.enqueue(UInt64(id), deadline: far) }
        #expect(actions(&pool, at: start) == [.open(slot: 0), .open(slot: 1)])
        pool.opened(slot: 1, now: start, jitter: 0)
        #expect(actions(&pool, at: start) == [.run(1, slot: 1)])
        pool.released(slot: 1, now: start)
        #expect(actions(&pool, at: start) == [.run(2, slot: 1)])
        #expect(pool.statistics.waiting == 3)
    }

    @Test func `one caller after another needs one connection`() {
        var pool = pool()
        pool.enqueue(1, deadline: far)
        #expect(actions(&pool, at: start) == [.open(slot: 0)])
        pool.opened(slot: 0, now: start, jitter: 0)
        _ = actions(&pool, at: start)
        pool.released(slot: 0, now: start)
        pool.enqueue(2, deadline: far)
        #expect(actions(&pool, at: start) == [.run(2, slot: 0)])
        #expect(pool.statistics.open == 1)
    }

    @Test func `a deadline in the queue means exhaustion when others hold the connections`() {
        var pool = pool(limit: 1)
        pool.enqueue(1, deadline: far)
        _ = actions(&pool, at: start)
        pool.opened(slot: 0, now: start, jitter: 0)
        _ = actions(&pool, at: start)
        pool.enqueue(2, deadline: start + .seconds(1))
        pool.enqueue(3, deadline: start + .seconds(9))
        #expect(pool.nextWake == start + .seconds(1))
        #expect(actions(&pool, at: start + .seconds(2)) == [.refuse(2, .poolExhausted)])
        pool.released(slot: 0, now: start + .seconds(2))
        #expect(actions(&pool, at: start + .seconds(2)) == [.run(3, slot: 0)])
    }

    @Test func `a deadline without any connection means that the server was not reached`() {
        var pool = pool()
        pool.enqueue(1, deadline: start + .seconds(1))
        _ = actions(&pool, at: start)
        #expect(
            actions(&pool, at: start + .seconds(1)) == [
                .refuse(1, .connectionFailed(reason: "no answer within the deadline"))
            ])
    }

    @Test func `while the server is down callers fail at once and one probe is sent after the pause`() {
        var pool = pool()
        pool.enqueue(1, deadline: far)
        pool.enqueue(2, deadline: far)
        #expect(actions(&pool, at: start) == [.open(slot: 0), .open(slot: 1)])
        pool.openFailed(slot: 0, reason: "refused", now: start, jitter: 1)
        // The second attempt may still succeed.
        #expect(actions(&pool, at: start).isEmpty)
        pool.openFailed(slot: 1, reason: "refused", now: start, jitter: 1)
        let refused = PostgresError.connectionFailed(reason: "refused")
        #expect(actions(&pool, at: start) == [.refuse(1, refused), .refuse(2, refused)])
        pool.enqueue(3, deadline: far)
        #expect(actions(&pool, at: start + .seconds(1)) == [.refuse(3, refused)])
        pool.enqueue(4, deadline: far)
        pool.enqueue(5, deadline: far)
        #expect(actions(&pool, at: start + .seconds(2)) == [.open(slot: 0)])
        pool.opened(slot: 0, now: start + .seconds(2), jitter: 0)
        #expect(actions(&pool, at: start + .seconds(2)) == [.run(4, slot: 0), .open(slot: 1)])
    }

    @Test func `pauses double up to the longest`() {
        var pool = pool(limit: 1)
        var now = start
        for expected in [1.0, 2, 4, 4] {
            pool.enqueue(1, deadline: far)
            #expect(actions(&pool, at: now) == [.open(slot: 0)])
            pool.openFailed(slot: 0, reason: "", now: now, jitter: 1)
            _ = actions(&pool, at: now)
            pool.enqueue(2, deadline: far)
            #expect(actions(&pool, at: now + .seconds(expected - 0.01)).count == 1)
            now += .seconds(expected)
        }
    }

    @Test func `growth that fails leaves the waiters to the open connections`() {
        var pool = pool()
        pool.enqueue(1, deadline: far)
        _ = actions(&pool, at: start)
        pool.opened(slot: 0, now: start, jitter: 0)
        _ = actions(&pool, at: start)
        pool.enqueue(2, deadline: far)
        #expect(actions(&pool, at: start) == [.open(slot: 1)])
        pool.openFailed(slot: 1, reason: "too many connections", now: start, jitter: 0)
        #expect(actions(&pool, at: start).isEmpty)
        #expect(pool.nextWake == start + .seconds(0.5))
        #expect(actions(&pool, at: start + .seconds(0.5)) == [.open(slot: 1)])
    }

    @Test func `old and unused connections are closed`() {
        var pool = pool()
        pool.enqueue(1, deadline: far)
        _ = actions(&pool, at: start)
        pool.opened(slot: 0, now: start, jitter: 1)
        _ = actions(&pool, at: start)
        pool.released(slot: 0, now: start + .seconds(10))
        #expect(pool.nextWake == start + .seconds(40))
        #expect(actions(&pool, at: start + .seconds(39)).isEmpty)
        #expect(actions(&pool, at: start + .seconds(40)) == [.close(slot: 0)])
        #expect(pool.statistics.open == 0)
    }

    @Test func `a connection past its life is replaced before it is used`() {
        var pool = pool(limit: 1)
        pool.enqueue(1, deadline: far)
        _ = actions(&pool, at: start)
        pool.opened(slot: 0, now: start, jitter: 1)
        _ = actions(&pool, at: start)
        pool.released(slot: 0, now: start + .seconds(89))
        pool.enqueue(2, deadline: far)
        #expect(actions(&pool, at: start + .seconds(90)) == [.close(slot: 0), .open(slot: 0)])
    }

    @Test func `a call put back goes first`() {
        var pool = pool(limit: 1)
        pool.enqueue(1, deadline: far)
        pool.enqueue(2, deadline: far)
        _ = actions(&pool, at: start)
        pool.opened(slot: 0, now: start, jitter: 0)
        #expect(actions(&pool, at: start) == [.run(1, slot: 0)])
        pool.lost(slot: 0)
        pool.enqueueAgain(1, deadline: far)
        _ = actions(&pool, at: start)
        pool.opened(slot: 0, now: start, jitter: 0)
        #expect(actions(&pool, at: start) == [.run(1, slot: 0)])
    }

    @Test func `draining serves those who wait and closes what is idle`() {
        var pool = pool(limit: 1)
        pool.enqueue(1, deadline: far)
        pool.enqueue(2, deadline: far)
        _ = actions(&pool, at: start)
        pool.opened(slot: 0, now: start, jitter: 0)
        _ = actions(&pool, at: start)
        pool.drain()
        #expect(!pool.isFinished)
        pool.released(slot: 0, now: start)
        #expect(actions(&pool, at: start) == [.run(2, slot: 0)])
        pool.released(slot: 0, now: start)
        #expect(actions(&pool, at: start) == [.close(slot: 0)])
        #expect(pool.isFinished)
    }

    @Test func `a withdrawn call is not served`() {
        var pool = pool(limit: 1)
        pool.enqueue(1, deadline: far)
        pool.enqueue(2, deadline: far)
        _ = actions(&pool, at: start)
        let withdrawals = [pool.withdraw(1), pool.withdraw(1)]
        #expect(withdrawals == [true, false])
        pool.opened(slot: 0, now: start, jitter: 0)
        #expect(actions(&pool, at: start) == [.run(2, slot: 0)])
    }

    @Test func `a seeded storm of events never exceeds the limit and loses nobody`() {
        var generator = SplitMix(state: 42)
        var pool = pool(limit: 3)
        var now = start
        var busy: [Int: UInt64] = [:]
        var opening: Set<Int> = []
        var outstanding: Set<UInt64> = []
        var issued: UInt64 = 0
        for step in 0..<20_000 {
            now += .milliseconds(Int.random(in: 0...200, using: &generator))
            let mayAdd = step < 19_000
            switch Int.random(in: 0..<5, using: &generator) {
            case 0, 1:
                guard mayAdd else { break }
                issued += 1
                outstanding.insert(issued)
                pool.enqueue(
                    issued, deadline: now + .milliseconds(Int.random(in: 1...2000, using: &generator)))
            case 2:
                if let slot = opening.randomElement(using: &generator) {
                    opening.remove(slot)
                    if Bool.random(using: &generator) {
                        pool.opened(slot: slot, now: now, jitter: 0.5)
                    } else {
                        pool.openFailed(slot: slot, reason: "x", now: now, jitter: 0.5)
                    }
                }
            case 3:
                if let (slot, id) = busy.randomElement(using: &generator) {
                    busy[slot] = nil
                    outstanding.remove(id)
                    pool.released(slot: slot, now: now)
                }
            default:
                if let (slot, id) = busy.randomElement(using: &generator) {
                    busy[slot] = nil
                    pool.lost(slot: slot)
                    pool.enqueueAgain(id, deadline: now + .seconds(1))
                }
            }
            for action in actions(&pool, at: now) {
                switch action {
                case .run(let id, let slot):
                    #expect(outstanding.contains(id) && busy[slot] == nil)
                    busy[slot] = id
                case .open(let slot):
                    #expect(!opening.contains(slot) && busy[slot] == nil)
                    opening.insert(slot)
                case .close(let slot):
                    #expect(busy[slot] == nil)
                case .refuse(let id, _):
                    let known = outstanding.remove(id) != nil
                    #expect(known)
                }
            }
            #expect(pool.statistics.open + pool.statistics.opening <= 3)
            #expect(pool.statistics.waiting + busy.count == outstanding.count)
            // Whoever waits has a wake-up to look forward to, and it is not in the past.
            if !outstanding.isEmpty, busy.isEmpty, opening.isEmpty { #expect(pool.nextWake != nil) }
        }
    }
}

/// A reproducible random sequence: Steele, Lea and Flood, "Fast splittable pseudorandom number generators".
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
