/// A complete answer. Any status is a response, never an error.
package struct HTTPResponse: Sendable {
    package let head: HTTPResponseHead
    /// Decoded when the server compressed it.
    package let body: [UInt8]
    package let timings: HTTPTimings

    package var status: Int { head.status }
    package var headers: HTTPHeaders { head.headers }

    package init(head: HTTPResponseHead, body: [UInt8], timings: HTTPTimings = .init()) {
        self.head = head
        self.body = body
        self.timings = timings
    }
}

/// Status and header fields.
package struct HTTPResponseHead: Equatable, Sendable {
    package enum Version: String, Sendable {
        case http10 = "1.0"
        case http11 = "1.1"
        case http2 = "2"
        case http3 = "3"
    }

    package let status: Int
    package let headers: HTTPHeaders
    package let version: Version
    /// Whether the request travelled over a connection that was already open.
    package let reusedConnection: Bool

    package var isSuccess: Bool { (200...299).contains(status) }

    package init(
        status: Int, headers: HTTPHeaders = .init(), version: Version = .http11,
        reusedConnection: Bool = false
    ) {
        self.status = status
        self.headers = headers
        self.version = version
        self.reusedConnection = reusedConnection
    }
}

/// Where the time of a finished transfer went. On a reused connection the first three are zero.
package struct HTTPTimings: Equatable, Sendable {
    /// Name resolution alone.
    package var dns: Duration = .zero
    /// TCP handshake alone.
    package var connect: Duration = .zero
    /// TLS handshake alone.
    package var tls: Duration = .zero
    /// From the start of the transfer to the first byte of the answer.
    package var firstByte: Duration = .zero
    /// From the start of the transfer to its end.
    package var total: Duration = .zero
    /// What the connection has carried towards the server, this transfer and earlier ones; `nil` where the
    /// kernel does not tell.
    package var upload: HTTPUploadReading?

    package init() {}
}

/// The kernel's account of what a connection has sent.
package struct HTTPUploadReading: Equatable, Sendable {
    /// Acknowledged by the other side.
    package var bytes: Int
    /// Time during which there was something to acknowledge; the server's thinking is not in it.
    package var busy: Duration
}

/// The result of ``HTTPClient/download(_:to:)``.
package struct HTTPDownload: Sendable {
    package let head: HTTPResponseHead
    /// Bytes in the file; 0 when the status was not 2xx, in which case no file was made.
    package let bytesWritten: Int
    /// The first 64 KiB of the body of an answer that was not 2xx.
    package let errorBody: [UInt8]
    package let timings: HTTPTimings
}
