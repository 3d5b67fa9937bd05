/// What will go wrong with the coming requests; decided by order of arrival and nothing else.
struct FaultScript: Sendable {
    /// `nil` in the queue lets one request through.
    private var queue: [Fault?] = []
    private var standing: Fault?

    /// Adds to the end of the queue, which goes before what stands.
    mutating func enqueue(_ faults: [Fault?]) { queue += faults }

    /// Applies to every request for which nothing is queued.
    mutating func stand(_ fault: Fault?) { standing = fault }

    mutating func clear() { self = FaultScript() }

    /// The fate of the next request.
    mutating func next() -> Fault? { queue.isEmpty ? standing : queue.removeFirst() }
}
