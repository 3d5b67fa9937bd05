/// A failure of the transport. None of them holds the URL, a header or a body, because those hold secrets.
package enum HTTPError: Error, Equatable, Sendable {
    /// Where the time ran out.
    package enum Phase: String, Sendable {
        /// Before the request was issued: in the queue, in name resolution, in the TCP or TLS handshake.
        case connect
        /// The request was sent and no byte came back.
        case firstByte
        /// The answer began and stopped coming.
        case idle
        /// The deadline came while the request was on the wire.
        case total
    }

    /// The request cannot be expressed in HTTP. Nothing was sent.
    case invalidRequest(reason: String)
    /// The host name has no address. Nothing was sent.
    case resolveFailed
    /// No TCP connection. Nothing was sent.
    case connectFailed
    /// The TLS handshake broke off. No request was sent.
    case tlsFailed
    /// The server's certificate is not trusted, or the trust store is unusable. No request was sent.
    case certificateRejected
    /// Out of time. Except in ``Phase/connect`` the server may have acted.
    case timedOut(phase: Phase)
    /// The body grew beyond the request's limit. The server has acted.
    case responseTooLarge(limit: Int)
    /// The connection ended before the answer did. The server may have acted.
    case interrupted(bytesReceived: Int)
    /// The task was cancelled, the stream dropped or the client shut down mid-transfer. The server may have
    /// acted.
    case cancelled
    /// The client had been shut down. Nothing was sent.
    case closed
    /// What came back is not HTTP. The server may have acted.
    case protocolViolation
    /// The body stream of the request threw or ended early. The server saw an incomplete request.
    case uploadFailed
    /// A local file could not be read or written.
    case localFile(errno: Int32)
    /// libcurl failed for a reason of its own, such as lack of memory.
    case internalFailure(code: Int)

    /// Whether the same request can be expected to succeed later, all by itself.
    package var isTransient: Bool {
        switch self {
        case .resolveFailed, .connectFailed, .tlsFailed, .timedOut, .interrupted, .internalFailure: true
        case .invalidRequest, .certificateRejected, .responseTooLarge, .cancelled, .closed,
            .protocolViolation,
            .uploadFailed, .localFile:
            false
        }
    }

    /// Whether the server may have received and acted on the request. When false, sending again is safe.
    package var requestMayHaveBeenSent: Bool {
        switch self {
        case .invalidRequest, .resolveFailed, .connectFailed, .tlsFailed, .certificateRejected, .closed: false
        case .timedOut(let phase): phase != .connect
        case .responseTooLarge, .interrupted, .cancelled, .protocolViolation, .uploadFailed, .localFile,
            .internalFailure:
            true
        }
    }
}
