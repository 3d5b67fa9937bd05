import Dispatch
import Synchronization

/// Cancels a task from inside its second chunk.
final class CancellationProbe: Sendable {
    private let chunks = Atomic(0)
    private let action = Mutex<(@Sendable () -> Void)?>(nil)
    private let armed = DispatchSemaphore(value: 0)

    var count: Int { chunks.load(ordering: .relaxed) }

    func arm(_ cancel: @escaping @Sendable () -> Void) {
        action.withLock { $0 = cancel }
        armed.signal()
    }

    /// Called on a DSP thread; waits there until the task to cancel is known.
    func chunkHeard() {
        let (_, heard) = chunks.add(1, ordering: .relaxed)
        guard heard == 2 else { return }
        armed.wait()
        action.withLock { $0 }?()
    }
}
