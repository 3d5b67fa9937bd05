import Dispatch
import Synchronization
import Testing

@testable import AudioEngine

@Suite struct SchedulingTests {
    /// Counts how many pieces of work run at once.
    private final class Crowd: Sendable {
        private let state = Mutex((now: 0, most: 0))
        var most: Int { state.withLock { $0.most } }

        func enter() { state.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) } }
        func leave() { state.withLock { $0.now -= 1 } }
    }

    @Test func `no more work runs at once than there are threads`() async throws {
        let threads = DSPThreads(count: 3)
        let crowd = Crowd()
        try await withThrowingTaskGroup(of: Int.self) { (group) async throws in
            for index in 0..<60 {
                group.addTask {
                    try await threads.run(control: RunControl(limit: .seconds(60))) {
                        crowd.enter()
                        defer { crowd.leave() }
                        return index
                    }
                }
            }
            #expect(try await group.reduce(0, +) == 1_770)
        }
        #expect(crowd.most <= 3)
    }

    @Test func `cancelled work leaves the line before a thread is free`() async throws {
        let threads = DSPThreads(count: 1)
        let started = AsyncStream.makeStream(of: Void.self)
        let release = DispatchSemaphore(value: 0)
        let running = Task {
            try await threads.run(control: RunControl(limit: .seconds(60))) {
                started.continuation.yield()
                release.wait()
            }
        }
        for await _ in started.stream { break }
        let waiting = Task { try await threads.run(control: RunControl(limit: .seconds(60))) { 1 } }
        waiting.cancel()
        await #expect(throws: AudioError.cancelled) { try await waiting.value }
        release.signal()
        try await running.value
        #expect(try await threads.run(control: RunControl(limit: .seconds(60))) { 2 } == 2)
    }

    @Test func `errors come out as they are`() async {
        let threads = DSPThreads(count: 1)
        await #expect(throws: AudioError.damaged) {
            try await threads.run(control: RunControl(limit: .seconds(60))) { () throws(AudioError) -> Int in
                throw .damaged
            }
        }
    }
}
