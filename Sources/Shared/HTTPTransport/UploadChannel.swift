import Synchronization

/// Carries a request body from a producing task to the transfer thread, with a bound on what lies between.
final class UploadChannel: Sendable {
    enum Piece {
        case bytes(Int)
        /// Nothing at the moment; `resumeReader` will be called.
        case wait
        case end
        case failed
    }

    private struct State {
        var buffer: [UInt8] = []
        var offset = 0
        var isReaderPaused = false
        var isEnded = false
        var hasFailed = false
        var isClosed = false
        var producer: CheckedContinuation<Void, Never>?
        var pump: Task<Void, Never>?

        var pending: Int { buffer.count - offset }
    }

    private let state = Mutex(State())
    private let capacity: Int
    private let resumeReader: @Sendable () -> Void

    init(capacity: Int, resumeReader: @escaping @Sendable () -> Void) {
        self.capacity = capacity
        self.resumeReader = resumeReader
    }

    /// Starts the task that iterates the caller's sequence.
    func start(_ stream: HTTPUploadStream) {
        let pump = Task {
            do {
                try await stream.produce { try await self.send($0) }
                self.end(failed: false)
            } catch {
                self.end(failed: true)
            }
        }
        let isClosed = state.withLock { state in
            state.pump = pump
            return state.isClosed
        }
        if isClosed { pump.cancel() }
    }

    /// Fills the buffer of the transfer thread.
    func read(into target: UnsafeMutableRawBufferPointer) -> Piece {
        let (piece, producer) = state.withLock { state -> (Piece, CheckedContinuation<Void, Never>?) in
            guard !state.hasFailed else { return (.failed, nil) }
            guard state.pending > 0 else {
                guard state.isEnded else {
                    state.isReaderPaused = true
                    return (.wait, nil)
                }
                return (.end, nil)
            }
            let count = min(state.pending, target.count)
            unsafe state.buffer.withUnsafeBytes { source in
                unsafe target.copyMemory(from: .init(rebasing: source[state.offset..<state.offset + count]))
            }
            state.offset += count
            guard state.pending == 0 else { return (.bytes(count), nil) }
            state.buffer.removeAll(keepingCapacity: true)
            state.offset = 0
            let producer = state.producer
            state.producer = nil
            return (.bytes(count), producer)
        }
        producer?.resume()
        return piece
    }

    /// The transfer is over: whatever the producer still does is in vain.
    func close() {
        let (pump, producer) = state.withLock { state in
            state.isClosed = true
            state.buffer = []
            state.offset = 0
            defer {
                state.pump = nil
                state.producer = nil
            }
            return (state.pump, state.producer)
        }
        pump?.cancel()
        producer?.resume()
    }

    private func send(_ chunk: [UInt8]) async throws {
        let (isClosed, wake, isFull) = state.withLock { state in
            guard !state.isClosed else { return (true, false, false) }
            state.buffer.append(contentsOf: chunk)
            let wake = state.isReaderPaused && !chunk.isEmpty
            if wake { state.isReaderPaused = false }
            return (false, wake, state.pending >= capacity)
        }
        if isClosed { throw CancellationError() }
        if wake { resumeReader() }
        if isFull {
            await withCheckedContinuation { continuation in
                let isWaiting = state.withLock { state in
                    guard !state.isClosed, state.pending >= capacity else { return false }
                    state.producer = continuation
                    return true
                }
                if !isWaiting { continuation.resume() }
            }
        }
    }

    private func end(failed: Bool) {
        let wake = state.withLock { state in
            state.isEnded = true
            state.hasFailed = failed
            defer { state.isReaderPaused = false }
            return state.isReaderPaused
        }
        if wake { resumeReader() }
    }
}
