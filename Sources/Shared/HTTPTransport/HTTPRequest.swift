/// One HTTP request, sent exactly once as far as the wire allows.
///
/// There is no retry in this module. libcurl itself may send a request a second time when a kept-alive
/// connection turns out to have been closed by the server before any answer; that is allowed only when
/// ``mayBeSentTwice`` says so.
package struct HTTPRequest: Sendable {
    /// `GET`, `POST`, … in upper case.
    package var method: String
    /// Absolute `http` or `https` URL, already percent-encoded. It may hold a secret, so no error repeats it.
    package var url: String
    /// Sent in this order. A value may not contain CR, LF or NUL.
    package var headers: [(String, String)]
    package var body: HTTPBody
    /// The instant at which the whole transfer is given up, reading of the body included.
    package var deadline: ContinuousClock.Instant
    /// Limit for name resolution, TCP and TLS together. Not used when a connection is reused.
    package var connectTimeout: Duration
    /// Limit from the last byte sent to the first byte of the answer. Upload progress restarts it.
    package var firstByteTimeout: Duration?
    /// Limit between two received bytes. Time during which the reader itself holds the transfer back is not
    /// counted.
    package var idleTimeout: Duration?
    /// Decoded bytes of body above which the transfer is stopped with ``HTTPError/responseTooLarge(limit:)``.
    package var maximumResponseBytes: Int
    /// Whether the server may see this request twice. By default true for the methods that HTTP defines as
    /// idempotent.
    package var mayBeSentTwice: Bool

    package init(
        method: String = "GET", url: String, headers: [(String, String)] = [], body: HTTPBody = .none,
        deadline: ContinuousClock.Instant, connectTimeout: Duration = .seconds(2),
        firstByteTimeout: Duration? = nil, idleTimeout: Duration? = nil,
        maximumResponseBytes: Int = 8 << 20, mayBeSentTwice: Bool? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.deadline = deadline
        self.connectTimeout = connectTimeout
        self.firstByteTimeout = firstByteTimeout
        self.idleTimeout = idleTimeout
        self.maximumResponseBytes = maximumResponseBytes
        self.mayBeSentTwice = mayBeSentTwice ?? !["POST", "PATCH"].contains(method)
    }
}
