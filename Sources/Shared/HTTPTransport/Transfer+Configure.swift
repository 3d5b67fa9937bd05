import CLibcurl
import Foundation

extension Transfer {
    /// Turns the request into options of the easy handle.
    func configure(_ configuration: HTTPClientConfiguration, share: UnsafeMutableRawPointer) throws(HTTPError)
    {
        try validate()
        let address = unsafe Unmanaged.passUnretained(self).toOpaque()
        try EasyHandle.check(unsafe coach_easy_set_pointer(easy.raw, CURLOPT_PRIVATE, address))
        try EasyHandle.check(unsafe coach_easy_set_share(easy.raw, share))
        try EasyHandle.check(unsafe coach_easy_allow_only_http(easy.raw))
        // Joining libcurl's resolver thread would stop every other transfer while one name server is silent.
        try EasyHandle.check(unsafe coach_easy_never_join_resolver(easy.raw))
        try easy.set(CURLOPT_NOSIGNAL, true)
        try easy.set(CURLOPT_FOLLOWLOCATION, false)
        try easy.set(CURLOPT_URL, request.url)
        try easy.set(CURLOPT_PROXY, configuration.proxy ?? "")
        try easy.set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds: request.connectTimeout)
        try easy.set(CURLOPT_DNS_CACHE_TIMEOUT, Int(configuration.dnsCacheTime.components.seconds))
        try easy.set(CURLOPT_MAXAGE_CONN, Int(configuration.maximumIdleTime.components.seconds))
        try easy.set(CURLOPT_TCP_KEEPALIVE, true)
        try easy.set(CURLOPT_TCP_KEEPIDLE, 20)
        try easy.set(CURLOPT_TCP_KEEPINTVL, 10)
        try setVersion(configuration.version)
        if let path = configuration.certificateBundlePath { try easy.set(CURLOPT_CAINFO, path) }
        if case .whole = order.delivery { try easy.set(CURLOPT_ACCEPT_ENCODING, "gzip, deflate") }
        try unsafe setMethodAndBody(address)
        try setHeaders(userAgent: configuration.userAgent)
        try unsafe setCallbacks(address, configuration)
    }

    private func setVersion(_ version: HTTPClientConfiguration.Version) throws(HTTPError) {
        let value =
            switch version {
            case .automatic: Int(CURL_HTTP_VERSION_2TLS)
            case .http1Only: Int(CURL_HTTP_VERSION_1_1)
            case .http2PriorKnowledge: Int(CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE)
            }
        try easy.set(CURLOPT_HTTP_VERSION, value)
    }

    private func setMethodAndBody(_ address: UnsafeMutableRawPointer) throws(HTTPError) {
        if case .multipart(let parts) = request.body {
            try setMultipart(parts)
        } else if request.method == "HEAD" {
            try easy.set(CURLOPT_NOBODY, true)
        } else if case .none = request.body, !["POST", "PUT", "PATCH"].contains(request.method) {
            try easy.set(CURLOPT_HTTPGET, true)
        } else {
            try easy.set(CURLOPT_UPLOAD, true)
            try easy.set(CURLOPT_INFILESIZE_LARGE, offset: upload.length ?? -1)
            try EasyHandle.check(unsafe coach_easy_set_read(easy.raw, onRead, address))
            try EasyHandle.check(unsafe coach_easy_set_seek(easy.raw, onSeek, address))
        }
        try easy.set(CURLOPT_CUSTOMREQUEST, request.method)
    }

    private func setMultipart(_ parts: [MultipartPart]) throws(HTTPError) {
        guard let form = unsafe curl_mime_init(easy.raw) else {
            throw .internalFailure(code: Int(CURLE_OUT_OF_MEMORY.rawValue))
        }
        unsafe mime = unsafe form
        for part in parts {
            guard let item = unsafe curl_mime_addpart(form) else {
                throw .internalFailure(code: Int(CURLE_OUT_OF_MEMORY.rawValue))
            }
            try EasyHandle.check(unsafe curl_mime_name(item, part.name))
            switch part.content {
            case .bytes(let bytes):
                let code = unsafe bytes.withUnsafeBytes { buffer in
                    // libcurl takes nil for "no data at all", not for an empty part.
                    guard let start = buffer.baseAddress else { return unsafe curl_mime_data(item, "", 0) }
                    return unsafe curl_mime_data(
                        item, start.assumingMemoryBound(to: CChar.self), buffer.count)
                }
                try EasyHandle.check(code)
            case .file(let path):
                guard unsafe access(path, R_OK) == 0 else { throw .localFile(errno: errno) }
                try EasyHandle.check(unsafe curl_mime_filedata(item, path))
            }
            // libcurl would otherwise announce the name the file has on this machine.
            try EasyHandle.check(unsafe curl_mime_filename(item, part.filename))
            if let type = part.contentType { try EasyHandle.check(unsafe curl_mime_type(item, type)) }
        }
        try EasyHandle.check(unsafe coach_easy_set_mime(easy.raw, form))
    }

    private func setHeaders(userAgent: String) throws(HTTPError) {
        // Waiting for "100 Continue" costs a round trip, and many servers never send it.
        var lines = ["Expect:"]
        // libcurl takes "Name;" for a field without a value; "Name:" would remove the field.
        lines += request.headers.map { $1.isEmpty ? "\($0);" : "\($0): \($1)" }
        if HTTPHeaders(request.headers)["User-Agent"] == nil { lines.append("User-Agent: \(userAgent)") }
        for line in lines {
            guard let list = unsafe curl_slist_append(headerList, line) else {
                throw .internalFailure(code: Int(CURLE_OUT_OF_MEMORY.rawValue))
            }
            unsafe headerList = unsafe list
        }
        try EasyHandle.check(unsafe coach_easy_set_headers(easy.raw, headerList))
    }

    private func setCallbacks(
        _ address: UnsafeMutableRawPointer, _ configuration: HTTPClientConfiguration
    ) throws(HTTPError) {
        try EasyHandle.check(unsafe coach_easy_set_write(easy.raw, onWrite, address))
        try EasyHandle.check(unsafe coach_easy_set_header(easy.raw, onHeader, address))
        try EasyHandle.check(unsafe coach_easy_set_prerequest(easy.raw, onIssue, address))
        if case .multipart = request.body, request.firstByteTimeout != nil {
            try easy.set(CURLOPT_NOPROGRESS, false)
            try EasyHandle.check(unsafe coach_easy_set_progress(easy.raw, onProgress, address))
        }
        let limit = configuration.unacknowledgedDataTimeout.wholeMilliseconds
        try EasyHandle.check(unsafe coach_easy_set_socket_options(easy.raw, onSocket))
        let encoded = unsafe UnsafeMutableRawPointer(bitPattern: Int(clamping: limit))
        try EasyHandle.check(unsafe coach_easy_set_pointer(easy.raw, CURLOPT_SOCKOPTDATA, encoded))
    }

    /// libcurl would pass line breaks through, and a header value from a user could then forge a request.
    private func validate() throws(HTTPError) {
        let isPlain: (String) -> Bool = { text in text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } }
        guard isPlain(request.url) else { throw .invalidRequest(reason: "URL is not percent-encoded ASCII") }
        let scheme = request.url.prefix { $0 != ":" }.lowercased()
        guard ["http", "https"].contains(scheme) else {
            throw .invalidRequest(reason: "URL scheme is neither http nor https")
        }
        guard !request.method.isEmpty, request.method.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) else {
            throw .invalidRequest(reason: "method is not upper-case ASCII")
        }
        for (name, value) in request.headers {
            guard !name.isEmpty, isPlain(name), !name.utf8.contains(0x3A) else {
                throw .invalidRequest(reason: "header name is not a token")
            }
            guard !value.utf8.contains(where: { $0 == 0x0D || $0 == 0x0A || $0 == 0 }) else {
                throw .invalidRequest(reason: "header value contains a line break")
            }
        }
    }
}
