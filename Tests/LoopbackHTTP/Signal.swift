import Foundation
import Synchronization

/// Lets a server thread and a test wait for each other's events.
package final class Signal: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    package init() { (stream, continuation) = AsyncStream.makeStream() }

    package func fire() {
        semaphore.signal()
        continuation.yield()
    }

    /// For threads of the server.
    package func block() { semaphore.wait() }

    /// For tests.
    package func wait() async {
        for await _ in stream { return }
    }
}

/// A counter that threads add to and tests watch.
package final class Counter: Sendable {
    private let total = Mutex(0)

    package init() {}

    package var value: Int { total.withLock { $0 } }

    @discardableResult
    package func add(_ amount: Int = 1) -> Int {
        total.withLock {
            $0 += amount
            return $0
        }
    }

    /// Returns once the count has stopped growing: whoever counts is held back. For threads of the server.
    package func blockUntilStill() {
        var last = -1
        while value != last || last == 0 {
            last = value
            usleep(100_000)
        }
    }

    /// The same for tests.
    package func waitUntilStill() async throws {
        var last = -1
        while value != last || last == 0 {
            last = value
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}
