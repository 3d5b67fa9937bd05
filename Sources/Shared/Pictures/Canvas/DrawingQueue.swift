import Dispatch

/// Where pictures are drawn: one at a time, on a thread of its own, never on Swift's shared pool.
enum DrawingQueue {
    private static let queue = DispatchQueue(label: "coach.pictures")

    /// Runs a drawing to its end; cancelling the caller does not stop it, because it takes milliseconds.
    static func draw<Result: Sendable>(
        _ body: @escaping @Sendable () throws(PictureError) -> Result
    ) async throws(PictureError) -> Result {
        try await withCheckedContinuation { continuation in
            queue.async {
                continuation.resume(
                    returning: Swift.Result { () throws(PictureError) in try body() })
            }
        }.get()
    }
}
