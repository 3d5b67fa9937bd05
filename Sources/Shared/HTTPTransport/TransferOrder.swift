import Synchronization

/// Names one transfer across threads and remembers that it is no longer wanted.
final class TransferTicket: Sendable {
    typealias ID = UInt64

    private static let lastID = Atomic<ID>(0)

    let id: ID
    private let cancelled = Atomic<Bool>(false)

    init() {
        id = Self.lastID.wrappingAdd(1, ordering: .relaxed).newValue
    }

    var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

    /// A cancellation can reach the mailbox before the order it belongs to, hence the flag.
    func cancel() { cancelled.store(true, ordering: .releasing) }
}

/// What a caller hands to the transfer thread. The thread answers exactly once through the delivery.
struct TransferOrder: Sendable {
    typealias Answer<Value: Sendable> = CheckedContinuation<Result<Value, HTTPError>, Never>

    enum Delivery: Sendable {
        case whole(Answer<HTTPResponse>)
        /// Answered when the head is complete; the body goes through the channel.
        case stream(Answer<HTTPResponseHead>, ResponseChannel)
        case file(path: String, Answer<HTTPDownload>)
    }

    let ticket: TransferTicket
    let request: HTTPRequest
    let upload: UploadChannel?
    let delivery: Delivery
}
