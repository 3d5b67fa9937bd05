import CLibcurl

extension HTTPError {
    /// Translates libcurl's verdict; what a callback of ours already knew is more exact and comes first.
    init(_ code: CURLcode, transfer: Transfer) {
        if let failure = transfer.failure {
            self = failure
            return
        }
        switch code {
        case CURLE_URL_MALFORMAT:
            self = .invalidRequest(reason: "URL is malformed")
        case CURLE_UNSUPPORTED_PROTOCOL:
            // libcurl reuses this code for an answer that is not HTTP/1 or later.
            self =
                transfer.isIssued ? .protocolViolation : .invalidRequest(reason: "URL scheme is not allowed")
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            self = .resolveFailed
        case CURLE_COULDNT_CONNECT:
            self = .connectFailed
        case CURLE_OPERATION_TIMEDOUT:
            self = .timedOut(phase: transfer.isIssued ? .total : .connect)
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_CRL_BADFILE, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_PINNEDPUBKEYNOTMATCH:
            self = .certificateRejected
        case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_USE_SSL_FAILED,
            CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_ENGINE_INITFAILED:
            self = transfer.isIssued ? .interrupted(bytesReceived: transfer.bytesReceived) : .tlsFailed
        case CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING:
            self = .protocolViolation
        case CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_HTTP2,
            CURLE_HTTP2_STREAM, CURLE_SEND_FAIL_REWIND:
            // Before the request is issued these can only come out of the handshake.
            self = transfer.isIssued ? .interrupted(bytesReceived: transfer.bytesReceived) : .connectFailed
        case CURLE_READ_ERROR:
            self = .uploadFailed
        default:
            self = .internalFailure(code: Int(code.rawValue))
        }
    }
}
