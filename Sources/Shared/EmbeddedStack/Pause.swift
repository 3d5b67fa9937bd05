import Dispatch

/// Waiting that neither occupies a thread nor ends early when the task is cancelled.
enum Pause {
    static func uninterrupted(_ duration: Duration) async {
        let (seconds, attoseconds) = duration.components
        let nanoseconds = Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
        await withCheckedContinuation { waiter in
            DispatchQueue.global().asyncAfter(deadline: .now() + .nanoseconds(nanoseconds)) {
                waiter.resume()
            }
        }
    }
}
