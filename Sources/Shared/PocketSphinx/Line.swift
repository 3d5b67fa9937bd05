import Synchronization

/// Things lent out one at a time; who finds none waits in order of arrival.
final class Line<Element: Sendable>: Sendable {
    private struct Waiter {
        let id: UInt64
        let continuation: CheckedContinuation<Element?, Never>
    }

    private enum Answer { case now(Element?), later }

    private struct State {
        var free: [Element]
        var waiters: [Waiter] = []
        var lastID: UInt64 = 0
    }

    private let state: Mutex<State>

    init(_ elements: [Element]) { state = Mutex(State(free: elements)) }

    /// Takes a free element or waits for one; `nil` when cancelled or when the deadline comes first.
    func take(before deadline: ContinuousClock.Instant?) async -> Element? {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        let alarm = deadline.map { deadline in
            Task { [weak self] in
                try? await Task.sleep(until: deadline, clock: .continuous)
                self?.giveUp(id)
            }
        }
        defer { alarm?.cancel() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in wait(id, continuation, deadline) }
        } onCancel: {
            giveUp(id)
        }
    }

    /// Returns an element; the longest waiting task gets it.
    func give(back element: Element) {
        let next: Waiter? = state.withLock { state in
            guard !state.waiters.isEmpty else {
                state.free.append(element)
                return nil
            }
            return state.waiters.removeFirst()
        }
        next?.continuation.resume(returning: element)
    }

    private func wait(
        _ id: UInt64, _ continuation: CheckedContinuation<Element?, Never>,
        _ deadline: ContinuousClock.Instant?
    ) {
        let answer: Answer = state.withLock { state in
            // Looked at under the lock: cancellation and the alarm run `giveUp` before or after, never between.
            if Task.isCancelled || deadline.map({ $0 <= .now }) == true { return .now(nil) }
            if let element = state.free.popLast() { return .now(element) }
            state.waiters.append(Waiter(id: id, continuation: continuation))
            return .later
        }
        if case .now(let element) = answer { continuation.resume(returning: element) }
    }

    private func giveUp(_ id: UInt64) {
        let waiter: Waiter? = state.withLock { state in
            guard let index = state.waiters.firstIndex(where: { $0.id == id }) else { return nil }
            return state.waiters.remove(at: index)
        }
        waiter?.continuation.resume(returning: nil)
    }
}
