import CLibcurl
import CLinux

/// One libcurl easy handle. Used on the transfer thread only; options keep libcurl's own names.
@safe
struct EasyHandle {
    let raw: UnsafeMutableRawPointer

    func set(_ option: CURLoption, _ value: Int) throws(HTTPError) {
        try Self.check(unsafe coach_easy_set_long(raw, option, value))
    }

    func set(_ option: CURLoption, _ value: Bool) throws(HTTPError) {
        try set(option, value ? 1 : 0)
    }

    /// libcurl copies the string.
    func set(_ option: CURLoption, _ value: String) throws(HTTPError) {
        try Self.check(unsafe coach_easy_set_string(raw, option, value))
    }

    func set(_ option: CURLoption, offset: Int) throws(HTTPError) {
        try Self.check(unsafe coach_easy_set_offset(raw, option, curl_off_t(offset)))
    }

    /// libcurl counts in whole milliseconds and takes 0 for "no limit".
    func set(_ option: CURLoption, milliseconds value: Duration) throws(HTTPError) {
        try set(option, max(1, Int(clamping: value.wholeMilliseconds)))
    }

    func long(_ info: CURLINFO) -> Int {
        var value = 0
        return unsafe coach_easy_get_long(raw, info, &value) == CURLE_OK ? value : 0
    }

    func microseconds(_ info: CURLINFO) -> Duration {
        var value: curl_off_t = 0
        return unsafe coach_easy_get_offset(raw, info, &value) == CURLE_OK ? .microseconds(value) : .zero
    }

    /// To be asked after the transfer, before the handle leaves its multi handle.
    var uploadReading: HTTPUploadReading? {
        var socket = curl_socket_t()
        var bytes: UInt64 = 0
        var busy: UInt64 = 0
        guard unsafe coach_easy_get_socket(raw, &socket) == CURLE_OK, socket >= 0,
            unsafe coach_tcp_sent(socket, &bytes, &busy) == 0
        else { return nil }
        return HTTPUploadReading(bytes: Int(clamping: bytes), busy: .microseconds(Int64(clamping: busy)))
    }

    static func check(_ code: CURLcode) throws(HTTPError) {
        guard code == CURLE_OK else { throw .internalFailure(code: Int(code.rawValue)) }
    }
}

extension Duration {
    /// Rounded up, so that a wait never ends just before its time.
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        guard seconds < 1 << 40 else { return 1 << 50 }
        return seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}
