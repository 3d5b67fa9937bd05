import CLibcurl
import Foundation

/// An HTTP client over one libcurl multi handle on one thread of its own.
///
/// Safe to use from any number of tasks; none of them, and no thread of Swift's pool, is blocked while a
/// transfer runs. Connections are kept and shared by all requests. Redirects are not followed and nothing is
/// retried. Cancelling the calling task stops the transfer and closes its connection (or HTTP/2 stream).
package final class HTTPClient: Sendable {
    private static let isLibraryReady = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK

    private let mailbox: Mailbox
    private let configuration: HTTPClientConfiguration

    /// Starts the transfer thread.
    package init(configuration: HTTPClientConfiguration = .init()) {
        self.configuration = configuration
        guard Self.isLibraryReady, let multi = unsafe curl_multi_init(), let share = unsafe curl_share_init()
        else {
            preconditionFailure("libcurl could not be initialized: out of memory or out of file descriptors")
        }
        mailbox = unsafe Mailbox(waking: multi)
        // Both handles move to the new thread; only the mailbox keeps an address, for the wake-up call.
        nonisolated(unsafe) let handles = unsafe (multi, share)
        let thread = Thread { [mailbox] in
            let engine = unsafe TransferEngine(
                multi: handles.0, share: handles.1, mailbox: mailbox, configuration: configuration)
            engine.run()
        }
        thread.name = "http-transport"
        thread.start()
    }

    deinit { mailbox.post(.shutdown(nil)) }

    /// Sends a request and waits for the whole answer. Any status is a response, not an error.
    package func execute(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        try await perform(request, TransferTicket()) { .whole($0) }.get()
    }

    /// Sends a request and returns as soon as the head of the answer is there.
    ///
    /// The deadline and the limits of the request go on to hold while the body is read.
    package func stream(_ request: HTTPRequest) async throws(HTTPError) -> HTTPStreamingResponse {
        let ticket = TransferTicket()
        let channel = ResponseChannel(capacity: configuration.streamBufferBytes) { [mailbox] in
            mailbox.post(.resumeReading(ticket.id))
        }
        let lifetime = TransferLifetime(ticket: ticket, mailbox: mailbox, client: self)
        let head = try await perform(request, ticket) { .stream($0, channel) }.get()
        return HTTPStreamingResponse(
            head: head, body: HTTPResponseBody(channel: channel, lifetime: lifetime))
    }

    /// Sends a request and writes the body of a 2xx answer to a file as it arrives.
    ///
    /// A file that exists is replaced. On any error, and for any other status, no file is left at the path.
    package func download(_ request: HTTPRequest, to path: String) async throws(HTTPError) -> HTTPDownload {
        try await perform(request, TransferTicket()) { .file(path: path, $0) }.get()
    }

    /// Stops every transfer with ``HTTPError/cancelled``, closes all connections and ends the thread. Later
    /// requests fail with ``HTTPError/closed``.
    package func shutdown() async {
        await withCheckedContinuation { continuation in
            if !mailbox.post(.shutdown(continuation)) { continuation.resume() }
        }
    }

    private func perform<Value: Sendable>(
        _ request: HTTPRequest, _ ticket: TransferTicket,
        _ delivery: (TransferOrder.Answer<Value>) -> TransferOrder.Delivery
    ) async -> Result<Value, HTTPError> {
        let mailbox = mailbox
        var upload: UploadChannel?
        if case .stream(let stream) = request.body {
            let channel = UploadChannel(capacity: configuration.streamBufferBytes) {
                mailbox.post(.resumeSending(ticket.id))
            }
            channel.start(stream)
            upload = channel
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let order = TransferOrder(
                    ticket: ticket, request: request, upload: upload, delivery: delivery(continuation))
                if !mailbox.post(.start(order)) {
                    upload?.close()
                    continuation.resume(returning: .failure(.closed))
                }
            }
        } onCancel: {
            ticket.cancel()
            mailbox.post(.cancel(ticket.id))
        }
    }
}
