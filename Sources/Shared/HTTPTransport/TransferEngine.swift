import CLibcurl
import Foundation

/// The one owner of the multi handle: runs on a thread of its own and never leaves it.
///
/// Other threads reach it through the mailbox. A turn of the loop takes the mail, lets libcurl work, answers
/// what has ended, gives up what has taken too long, and sleeps until a socket, a letter or a timer wakes it.
@safe
final class TransferEngine {
    private let multi: UnsafeMutableRawPointer
    private let share: UnsafeMutableRawPointer
    private let mailbox: Mailbox
    private let configuration: HTTPClientConfiguration
    private var transfers: [TransferTicket.ID: Transfer] = [:]
    private var spareHandles: [EasyHandle] = []
    /// No transfer can expire before this instant.
    private var nextCheck: ContinuousClock.Instant?

    private static let maximumSpareHandles = 64
    /// libcurl closes idle connections only when it is called.
    private static let longestSleep = Duration.seconds(10)

    init(
        multi: UnsafeMutableRawPointer, share: UnsafeMutableRawPointer, mailbox: Mailbox,
        configuration: HTTPClientConfiguration
    ) {
        unsafe self.multi = unsafe multi
        unsafe self.share = unsafe share
        self.mailbox = mailbox
        self.configuration = configuration
        unsafe coach_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
        unsafe coach_multi_set_long(
            multi, CURLMOPT_MAX_HOST_CONNECTIONS, configuration.maximumConnectionsPerHost)
        unsafe coach_multi_set_long(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, configuration.maximumConnections)
        unsafe coach_multi_set_long(multi, CURLMOPT_MAXCONNECTS, configuration.maximumConnections)
        unsafe coach_share_tls_sessions(share)
    }

    /// Returns after a shutdown command.
    func run() {
        var farewell: CheckedContinuation<Void, Never>??
        while farewell == nil {
            for command in mailbox.drain() {
                switch command {
                case .start(let order): start(order)
                case .cancel(let id): end(id, .cancelled)
                case .resumeReading(let id): transfers[id]?.resumeReading(at: .now)
                case .resumeSending(let id): transfers[id]?.resumeSending(at: .now)
                case .shutdown(let continuation): farewell = .some(continuation)
                }
            }
            var running: Int32 = 0
            unsafe curl_multi_perform(multi, &running)
            collectFinished()
            let pause = expireOverdue()
            guard farewell == nil else { break }
            unsafe curl_multi_poll(multi, nil, 0, Int32(clamping: pause.wholeMilliseconds), nil)
        }
        close()
        farewell??.resume()
    }

    // MARK: Beginning

    private func start(_ order: TransferOrder) {
        guard !order.ticket.isCancelled else { return refuse(order, .cancelled) }
        guard order.request.deadline > .now else { return refuse(order, .timedOut(phase: .connect)) }
        let raw: UnsafeMutableRawPointer? =
            if let spare = spareHandles.popLast() { unsafe spare.raw } else { unsafe curl_easy_init() }
        guard let raw = unsafe raw else {
            return refuse(order, .internalFailure(code: Int(CURLE_OUT_OF_MEMORY.rawValue)))
        }
        let easy = unsafe EasyHandle(raw: raw)
        let transfer: Transfer
        do throws(HTTPError) {
            transfer = try Transfer(order, easy: easy)
        } catch {
            recycle(easy)
            return refuse(order, error)
        }
        do throws(HTTPError) {
            try unsafe transfer.configure(configuration, share: share)
        } catch {
            recycle(easy)
            return transfer.finish(error)
        }
        guard unsafe curl_multi_add_handle(multi, easy.raw) == CURLM_OK else {
            recycle(easy)
            return transfer.finish(.internalFailure(code: Int(CURLE_FAILED_INIT.rawValue)))
        }
        transfers[transfer.id] = transfer
        let horizon = transfer.timer.horizon(from: .now)
        nextCheck = min(nextCheck ?? horizon, horizon)
    }

    private func refuse(_ order: TransferOrder, _ error: HTTPError) {
        order.upload?.close()
        var sink = ResponseSink(order.delivery)
        sink.finish(error, timings: HTTPTimings())
    }

    // MARK: Ending

    private func collectFinished() {
        var remaining: Int32 = 0
        while let message = unsafe curl_multi_info_read(multi, &remaining) {
            guard unsafe message.pointee.msg == CURLMSG_DONE else { continue }
            let code = unsafe message.pointee.data.result
            var address: UnsafeMutableRawPointer?
            unsafe coach_easy_get_private(message.pointee.easy_handle, &address)
            guard let address = unsafe address else { continue }
            let transfer = unsafe Unmanaged<Transfer>.fromOpaque(address).takeUnretainedValue()
            end(transfer.id, code == CURLE_OK ? nil : HTTPError(code, transfer: transfer))
        }
    }

    /// - Returns: How long nothing will expire.
    private func expireOverdue() -> Duration {
        let now = ContinuousClock.now
        guard let check = nextCheck else { return Self.longestSleep }
        guard check <= now else { return min(check - now, Self.longestSleep) }
        for transfer in transfers.values where transfer.timer.expiry.at <= now {
            end(transfer.id, .timedOut(phase: transfer.timer.expiry.phase))
        }
        nextCheck = transfers.values.map { $0.timer.horizon(from: now) }.min()
        return nextCheck.map { min(max($0 - now, .zero), Self.longestSleep) } ?? Self.longestSleep
    }

    /// Takes the transfer out of libcurl, which stops it, and answers its caller.
    private func end(_ id: TransferTicket.ID, _ error: HTTPError?) {
        guard let transfer = transfers.removeValue(forKey: id) else { return }
        let reading = error == nil ? transfer.easy.uploadReading : nil
        unsafe curl_multi_remove_handle(multi, transfer.easy.raw)
        transfer.finish(error, upload: reading)
        recycle(transfer.easy)
    }

    private func recycle(_ easy: EasyHandle) {
        guard spareHandles.count < Self.maximumSpareHandles else {
            unsafe curl_easy_cleanup(easy.raw)
            return
        }
        unsafe curl_easy_reset(easy.raw)
        spareHandles.append(easy)
    }

    private func close() {
        let letters = mailbox.close()
        for id in Array(transfers.keys) { end(id, .cancelled) }
        for case .start(let order) in letters { refuse(order, .closed) }
        for case .shutdown(let continuation) in letters { continuation?.resume() }
        for easy in spareHandles { unsafe curl_easy_cleanup(easy.raw) }
        spareHandles = []
        unsafe curl_multi_cleanup(multi)
        unsafe curl_share_cleanup(share)
    }
}
