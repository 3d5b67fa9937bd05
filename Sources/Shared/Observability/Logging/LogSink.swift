import Dispatch
import Synchronization

/// Writes whole log lines to a file descriptor, in the order in which they were appended.
///
/// ``append(_:)`` only copies bytes under a lock; a private queue does the blocking writes, so that a slow
/// reader of standard error never stops a worker. When the reader stands still, memory is bounded: lines
/// beyond ``capacityBytes`` are dropped, counted, and the gap is announced in the log once it can be
/// written again.
final class LogSink: Sendable {
    private struct State {
        var pending: [UInt8] = []
        var isDraining = false
        var droppedLines = 0
    }

    /// Bytes that may wait for the descriptor.
    private let capacityBytes: Int
    private let write: @Sendable ([UInt8]) -> Void
    private let announceGap: @Sendable (_ droppedLines: Int) -> [UInt8]
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "coach.log")

    /// - Parameters:
    ///   - capacityBytes: Bytes that may wait before lines are dropped.
    ///   - announceGap: The line to write after `droppedLines` were dropped.
    ///   - write: Writes all the bytes, blocking; called on one private queue, never concurrently.
    init(
        capacityBytes: Int = 4 << 20, announceGap: @escaping @Sendable (_ droppedLines: Int) -> [UInt8],
        write: @escaping @Sendable ([UInt8]) -> Void
    ) {
        self.capacityBytes = capacityBytes
        self.announceGap = announceGap
        self.write = write
    }

    /// Lines dropped since the last announced gap.
    var droppedLines: Int { state.withLock(\.droppedLines) }

    /// Takes one line, already ended by a line feed. Never blocks on the descriptor.
    func append(_ line: [UInt8]) {
        let mustStart = state.withLock { state in
            guard state.pending.count + line.count <= capacityBytes else {
                state.droppedLines += 1
                return false
            }
            state.pending.append(contentsOf: line)
            defer { state.isDraining = true }
            return !state.isDraining
        }
        if mustStart { queue.async { self.drain() } }
    }

    /// Waits until every line appended before the call is written, at most `limit`.
    ///
    /// - Returns: Whether all was written in time.
    @discardableResult
    func flush(limit: DispatchTimeInterval = .seconds(2)) -> Bool {
        let done = DispatchSemaphore(value: 0)
        queue.async {
            self.drain()
            done.signal()
        }
        return done.wait(timeout: .now() + limit) == .success
    }

    private func drain() {
        while let batch = takeBatch() {
            write(batch.dropped > 0 ? batch.bytes + announceGap(batch.dropped) : batch.bytes)
        }
    }

    private func takeBatch() -> (bytes: [UInt8], dropped: Int)? {
        state.withLock { state in
            guard !state.pending.isEmpty || state.droppedLines > 0 else {
                state.isDraining = false
                return nil
            }
            let batch = (state.pending, state.droppedLines)
            state.pending = []
            state.droppedLines = 0
            return batch
        }
    }
}
