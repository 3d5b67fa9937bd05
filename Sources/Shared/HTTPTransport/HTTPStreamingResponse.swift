/// An answer whose body is still arriving.
///
/// Reading slower than the server sends pauses the transfer. Dropping the response, the body and its iterator
/// stops it and closes the connection.
package struct HTTPStreamingResponse: Sendable {
    package let head: HTTPResponseHead
    package let body: HTTPResponseBody

    package var status: Int { head.status }
    package var headers: HTTPHeaders { head.headers }
}

/// The chunks of a body as they come; chunk boundaries mean nothing.
///
/// One iterator reads it, once. It throws ``HTTPError`` when the body does not end properly: a caller never
/// takes a truncated body for a complete one.
package struct HTTPResponseBody: AsyncSequence, Sendable {
    package typealias Element = [UInt8]

    let channel: ResponseChannel
    let lifetime: TransferLifetime

    package func makeAsyncIterator() -> Iterator {
        Iterator(channel: channel, lifetime: lifetime)
    }

    package struct Iterator: AsyncIteratorProtocol {
        let channel: ResponseChannel
        let lifetime: TransferLifetime

        package mutating func next() async throws(HTTPError) -> [UInt8]? {
            try await next(isolation: nil)
        }

        /// - Throws: ``HTTPError/cancelled`` when the task is cancelled; the transfer is stopped then.
        package mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(HTTPError) -> [UInt8]? {
            let (channel, lifetime) = (channel, lifetime)
            return try await withTaskCancellationHandler {
                await channel.next()
            } onCancel: {
                lifetime.cancel()
            }.get()
        }
    }
}

/// Stops a transfer when nobody holds its response any more.
final class TransferLifetime: Sendable {
    private let ticket: TransferTicket
    private let mailbox: Mailbox
    /// The client would otherwise shut down under a response that outlives it.
    private let client: HTTPClient

    init(ticket: TransferTicket, mailbox: Mailbox, client: HTTPClient) {
        self.ticket = ticket
        self.mailbox = mailbox
        self.client = client
    }

    func cancel() {
        ticket.cancel()
        mailbox.post(.cancel(ticket.id))
    }

    deinit { cancel() }
}
