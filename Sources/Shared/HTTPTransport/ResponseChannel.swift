import Synchronization

/// Carries a body from the transfer thread to one reading task, with a bound on what lies between.
final class ResponseChannel: Sendable {
    typealias Element = Result<[UInt8]?, HTTPError>

    private struct State {
        var buffer: [UInt8] = []
        var isWriterPaused = false
        var end: Result<Void, HTTPError>?
        var reader: CheckedContinuation<Element, Never>?
    }

    private let state = Mutex(State())
    private let capacity: Int
    private let resumeWriter: @Sendable () -> Void

    init(capacity: Int, resumeWriter: @escaping @Sendable () -> Void) {
        self.capacity = capacity
        self.resumeWriter = resumeWriter
    }

    /// Called on the transfer thread.
    ///
    /// - Returns: False when the reader is behind; nothing was taken and the writer has to pause until it is
    ///   resumed.
    func offer(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let (taken, reader) = state.withLock { state -> (Bool, CheckedContinuation<Element, Never>?) in
            if let reader = state.reader {
                state.reader = nil
                return (true, reader)
            }
            // An empty buffer takes a chunk of any size, or a small capacity would pause for ever.
            guard state.buffer.isEmpty || state.buffer.count + bytes.count <= capacity else {
                state.isWriterPaused = true
                return (false, nil)
            }
            unsafe state.buffer.append(contentsOf: bytes)
            return (true, nil)
        }
        reader?.resume(returning: .success(unsafe Array(bytes)))
        return taken
    }

    /// Called on the transfer thread, once. What is buffered can still be read.
    func finish(_ end: Result<Void, HTTPError>) {
        let reader = state.withLock { state in
            state.end = end
            let reader = state.reader
            state.reader = nil
            return reader
        }
        reader?.resume(returning: end.map { nil })
    }

    /// Everything received since the last call; nil after the last byte.
    func next() async -> Element {
        await withCheckedContinuation { continuation in
            enum Step {
                case wait
                case answer(Element, resume: Bool)
            }
            let step: Step = state.withLock { state in
                if !state.buffer.isEmpty {
                    let bytes = state.buffer
                    state.buffer = []
                    let resume = state.isWriterPaused
                    state.isWriterPaused = false
                    return .answer(.success(bytes), resume: resume)
                }
                if let end = state.end { return .answer(end.map { nil }, resume: false) }
                precondition(state.reader == nil, "a response body has one reader at a time")
                state.reader = continuation
                return .wait
            }
            if case .answer(let element, let resume) = step {
                if resume { resumeWriter() }
                continuation.resume(returning: element)
            }
        }
    }
}
