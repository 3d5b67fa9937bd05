import Dispatch

/// Runs an actor's jobs on one private queue.
final class QueueExecutor: SerialExecutor {
    private let queue: DispatchQueue

    init(label: String) { queue = DispatchQueue(label: label, qos: .userInitiated) }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    /// One element per interval, from a timer that needs no thread of the shared pool; ends with its reader.
    ///
    /// Ticks that nobody took in time are one.
    func ticks(every interval: Duration) -> AsyncStream<Void> {
        let (stream, ticks) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        tick(ticks, every: interval)
        return stream
    }

    private func tick(_ ticks: AsyncStream<Void>.Continuation, every interval: Duration) {
        queue.asyncAfter(deadline: .now() + .nanoseconds(Int(interval / .nanoseconds(1)))) {
            if case .terminated = ticks.yield() { return }
            self.tick(ticks, every: interval)
        }
    }
}
