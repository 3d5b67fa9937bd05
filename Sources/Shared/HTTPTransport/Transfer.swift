import CLibcurl
import Foundation

/// One request on its way. Lives on the transfer thread; libcurl's callbacks come in through its address.
@safe
final class Transfer {
    typealias Instant = ContinuousClock.Instant

    let order: TransferOrder
    let easy: EasyHandle
    var timer: TransferTimer
    var upload: UploadSource
    var uploaded = 0
    var sink: ResponseSink
    /// Freed with the transfer; libcurl reads them until the handle is removed.
    var headerList: UnsafeMutablePointer<curl_slist>?
    var mime: OpaquePointer?

    /// Why a callback stopped the transfer; more exact than libcurl's code.
    var failure: HTTPError?
    private(set) var isIssued = false
    private(set) var bytesReceived = 0
    private var isReadingPaused = false
    private var isSendingPaused = false
    private var head = ResponseHeadParser()

    var request: HTTPRequest { order.request }
    var id: TransferTicket.ID { order.ticket.id }

    init(_ order: TransferOrder, easy: EasyHandle) throws(HTTPError) {
        self.order = order
        self.easy = easy
        timer = TransferTimer(
            deadline: order.request.deadline, firstByteTimeout: order.request.firstByteTimeout,
            idleTimeout: order.request.idleTimeout)
        sink = ResponseSink(order.delivery)
        upload = try UploadSource(order.request.body, channel: order.upload)
    }

    deinit {
        unsafe curl_slist_free_all(headerList)
        if let mime = unsafe mime { unsafe curl_mime_free(mime) }
    }

    // MARK: What libcurl reports

    /// The connection stands and the request is about to be written, perhaps for the second time.
    ///
    /// - Returns: False to stop the transfer.
    func willIssue(at now: Instant) -> Bool {
        if isIssued, !request.mayBeSentTwice, uploaded > 0 || upload.length == 0 {
            failure = .interrupted(bytesReceived: 0)
            return false
        }
        isIssued = true
        head = ResponseHeadParser()
        timer.requestIssued(at: now)
        return true
    }

    func provide(_ target: UnsafeMutableRawBufferPointer, at now: Instant) -> UploadChannel.Piece {
        let left = upload.length.map { $0 - uploaded } ?? .max
        guard left > 0 else { return .end }
        let window = unsafe UnsafeMutableRawBufferPointer(rebasing: target.prefix(left))
        let piece = unsafe upload.read(into: window)
        switch piece {
        case .bytes(let count):
            uploaded += count
            timer.sent(at: now)
        case .wait:
            isSendingPaused = true
            timer.setSendingPaused(true, at: now)
        case .failed:
            failure = .uploadFailed
        case .end where upload.length != nil:
            // Fewer bytes than announced would leave the server waiting for the rest.
            failure = .uploadFailed
            return .failed
        case .end:
            break
        }
        return piece
    }

    func rewind(to offset: Int) -> Bool {
        guard request.mayBeSentTwice || uploaded == 0, upload.rewind(to: offset) else {
            failure = .interrupted(bytesReceived: 0)
            return false
        }
        uploaded = offset
        return true
    }

    /// - Returns: False to stop the transfer.
    func receiveHeader(_ line: UnsafeRawBufferPointer, at now: Instant) -> Bool {
        timer.received(at: now)
        switch unsafe head.consume(line) {
        case .more: return true
        case .violation:
            failure = .protocolViolation
            return false
        case .complete(let status, let headers):
            return accept(
                HTTPResponseHead(
                    status: status, headers: headers, version: easy.httpVersion,
                    reusedConnection: easy.long(CURLINFO_NUM_CONNECTS) == 0))
        }
    }

    func receiveBody(_ bytes: UnsafeRawBufferPointer, at now: Instant) -> ResponseSink.Taken {
        timer.received(at: now)
        guard bytesReceived + bytes.count <= request.maximumResponseBytes else {
            failure = .responseTooLarge(limit: request.maximumResponseBytes)
            return .failed(.responseTooLarge(limit: request.maximumResponseBytes))
        }
        let taken = unsafe sink.take(bytes)
        switch taken {
        case .all: bytesReceived += bytes.count
        case .paused:
            isReadingPaused = true
            timer.setReadingPaused(true, at: now)
        case .failed(let error): failure = error
        }
        return taken
    }

    private func accept(_ head: HTTPResponseHead) -> Bool {
        do throws(HTTPError) {
            try sink.begin(head)
            return true
        } catch {
            failure = error
            return false
        }
    }

    // MARK: What the other side of a channel reports

    func resumeReading(at now: Instant) {
        guard isReadingPaused else { return }
        isReadingPaused = false
        timer.setReadingPaused(false, at: now)
        unsafe curl_easy_pause(easy.raw, pauseMask)
    }

    func resumeSending(at now: Instant) {
        guard isSendingPaused else { return }
        isSendingPaused = false
        timer.setSendingPaused(false, at: now)
        unsafe curl_easy_pause(easy.raw, pauseMask)
    }

    /// `curl_easy_pause` sets both directions at once.
    private var pauseMask: Int32 {
        (isReadingPaused ? CURLPAUSE_RECV : 0) | (isSendingPaused ? CURLPAUSE_SEND : 0)
    }

    // MARK: The end

    /// Answers the caller. Called once.
    ///
    /// - Parameter reading: Of the connection, where one was used.
    func finish(_ error: HTTPError?, upload reading: HTTPUploadReading? = nil) {
        upload.close()
        var timings = easy.timings
        timings.upload = reading
        sink.finish(error, timings: timings)
    }
}

extension EasyHandle {
    fileprivate var httpVersion: HTTPResponseHead.Version {
        switch long(CURLINFO_HTTP_VERSION) {
        case Int(CURL_HTTP_VERSION_1_0): .http10
        case Int(CURL_HTTP_VERSION_2_0): .http2
        case Int(CURL_HTTP_VERSION_3): .http3
        default: .http11
        }
    }

    /// libcurl's times are cumulative; ours are per phase.
    fileprivate var timings: HTTPTimings {
        let resolved = microseconds(CURLINFO_NAMELOOKUP_TIME_T)
        let connected = microseconds(CURLINFO_CONNECT_TIME_T)
        let secured = microseconds(CURLINFO_APPCONNECT_TIME_T)
        var timings = HTTPTimings()
        timings.firstByte = microseconds(CURLINFO_STARTTRANSFER_TIME_T)
        timings.total = microseconds(CURLINFO_TOTAL_TIME_T)
        guard long(CURLINFO_NUM_CONNECTS) > 0 else { return timings }
        timings.dns = resolved
        timings.connect = max(.zero, connected - resolved)
        timings.tls = max(.zero, secured - connected)
        return timings
    }
}
