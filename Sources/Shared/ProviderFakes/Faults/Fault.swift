/// How one request goes wrong.
package enum Fault: Hashable, Sendable {
    // The vendor refuses, in its own error shape.

    /// 429 that a wait heals.
    case rateLimited(RetryAdvice = .none)
    /// 429 (or what the vendor uses instead) that no wait heals: the account has no money left.
    case quotaExhausted
    case unauthorized
    /// 500.
    case serverError
    /// 503 at OpenAI, 529 at Anthropic.
    case overloaded
    /// 502 with a proxy's HTML page.
    case badGateway

    // The vendor answers 200, and the answer is of no use.

    /// JSON that ends in the middle; the HTTP message itself is complete.
    case truncatedJSON
    /// JSON of another shape than was asked for.
    case wrongSchema
    /// A well-formed answer that quotes what nobody said.
    case inventedQuote
    case emptyBody
    /// A page of HTML with status 200, as a captive portal or a maintenance page sends it.
    case wrongContentType
    /// The usual answer with bytes in its middle that are no UTF-8.
    case invalidUTF8
    /// The model declines. A recogniser hears nothing.
    case refusal
    /// The model ran into its token limit: the text is cut.
    case outOfTokens
    /// A stream that begins well and then reports an error; without a stream, ``overloaded``.
    case errorMidStream
    /// Far more bytes than any real answer has, before its end.
    case hugeBody(bytes: Int)

    // The connection fails.

    /// The usual answer after a wait.
    case slow(Duration)
    /// The usual answer, a few bytes at a time.
    case trickle(bytes: Int, every: Duration)
    /// Silence until the client gives up.
    case silence
    /// Half of the answer, then silence until the client gives up.
    case stall
    /// Closed before the first byte.
    case hangUp
    /// Half of the answer, then FIN.
    case cutOff
    /// Half of the answer, then RST.
    case reset
}
