import Foundation

/// Where the body of an answer goes, and who gets the answer. Lives on the transfer thread.
struct ResponseSink {
    enum Taken {
        case all
        /// The reader is behind; offer the same bytes again after it has caught up.
        case paused
        case failed(HTTPError)
    }

    private enum Target {
        case memory
        case channel(ResponseChannel)
        case file(path: String, descriptor: Int32)
        /// The body of a refused download.
        case excerpt
    }

    private static let excerptBytes = 64 << 10

    private let delivery: TransferOrder.Delivery
    private var target = Target.memory
    private var head: HTTPResponseHead?
    private var body: [UInt8] = []
    private var written = 0

    init(_ delivery: TransferOrder.Delivery) {
        self.delivery = delivery
    }

    mutating func begin(_ head: HTTPResponseHead) throws(HTTPError) {
        self.head = head
        switch delivery {
        case .whole:
            target = .memory
        case .stream(let answer, let channel):
            target = .channel(channel)
            answer.resume(returning: .success(head))
        case .file(let path, _):
            guard head.isSuccess else {
                target = .excerpt
                return
            }
            let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw .localFile(errno: errno) }
            target = .file(path: path, descriptor: descriptor)
        }
    }

    mutating func take(_ bytes: UnsafeRawBufferPointer) -> Taken {
        switch target {
        case .memory:
            unsafe body.append(contentsOf: bytes)
        case .excerpt:
            unsafe body.append(contentsOf: bytes.prefix(Self.excerptBytes - body.count))
        case .channel(let channel):
            return unsafe channel.offer(bytes) ? .all : .paused
        case .file(_, let descriptor):
            var offset = 0
            while offset < bytes.count {
                let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[offset...])
                let count = unsafe write(descriptor, rest.baseAddress, rest.count)
                guard count >= 0 || errno == EINTR else { return .failed(.localFile(errno: errno)) }
                offset += max(0, count)
            }
            written += bytes.count
        }
        return .all
    }

    mutating func finish(_ error: HTTPError?, timings: HTTPTimings) {
        let error = closeFile(error)
        // A transfer that succeeded without a head is a libcurl we do not know.
        let head =
            head.map { error.map(Result.failure) ?? .success($0) } ?? .failure(error ?? .protocolViolation)
        switch delivery {
        case .whole(let answer):
            answer.resume(returning: head.map { HTTPResponse(head: $0, body: body, timings: timings) })
        case .stream(let answer, let channel):
            if self.head == nil { answer.resume(returning: head) }
            channel.finish(head.map { _ in })
        case .file(_, let answer):
            answer.resume(
                returning: head.map {
                    HTTPDownload(head: $0, bytesWritten: written, errorBody: body, timings: timings)
                })
        }
    }

    /// A file that is not whole is not left behind.
    private func closeFile(_ error: HTTPError?) -> HTTPError? {
        guard case .file(let path, let descriptor) = target else { return error }
        let closed = close(descriptor)
        let failure = error ?? (closed == 0 ? nil : .localFile(errno: errno))
        if failure != nil { unsafe unlink(path) }
        return failure
    }
}
