import Dispatch
import Synchronization

/// A fixed number of threads for blocking signal processing, apart from Swift's shared pool.
///
/// Each is a private serial queue; work waits here in arrival order, not inside Dispatch, so that
/// cancelled work leaves the line at once and the number of threads can never grow.
final class DSPThreads: Sendable {
    private struct Waiting {
        let id: UInt64
        let run: @Sendable () -> Void
        let abandon: @Sendable () -> Void
    }

    private struct State {
        var idle: [Int]
        var line: [Waiting] = []
        var lastID: UInt64 = 0
    }

    private let queues: [DispatchQueue]
    private let state: Mutex<State>

    init(count: Int) {
        let count = max(1, count)
        queues = (0..<count).map { DispatchQueue(label: "coach.audio.\($0)", qos: .userInitiated) }
        state = Mutex(State(idle: Array(queues.indices)))
    }

    /// Runs `body` on the next free thread.
    ///
    /// Cancelling the task takes waiting work out of the line; running work must notice `control`.
    func run<Value: Sendable>(
        control: RunControl, _ body: @escaping @Sendable () throws(AudioError) -> Value
    ) async throws(AudioError) -> Value {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        let result: Result<Value, AudioError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let work = Waiting(
                    id: id, run: { continuation.resume(returning: Result(catching: body)) },
                    abandon: { continuation.resume(returning: .failure(.cancelled)) })
                if Task.isCancelled { work.abandon() } else { enqueue(work) }
            }
        } onCancel: {
            control.cancel()
            withdraw(id)
        }
        return try result.get()
    }

    private func enqueue(_ work: Waiting) {
        let free: Int? = state.withLock { state in
            if let index = state.idle.popLast() { return index }
            state.line.append(work)
            return nil
        }
        guard let free else { return }
        queues[free].async { self.drain(from: work, on: free) }
    }

    private func drain(from first: Waiting, on index: Int) {
        var next: Waiting? = first
        while let work = next {
            work.run()
            next = state.withLock { state in
                if state.line.isEmpty {
                    state.idle.append(index)
                    return nil
                }
                return state.line.removeFirst()
            }
        }
    }

    private func withdraw(_ id: UInt64) {
        let found: Waiting? = state.withLock { state in
            guard let index = state.line.firstIndex(where: { $0.id == id }) else { return nil }
            return state.line.remove(at: index)
        }
        found?.abandon()
    }
}
