import Foundation

/// The server's end of one HTTP/1.1 connection; used by one thread only.
final class WireConnection {
    /// Larger requests are cut off: no vendor takes them either.
    private static let maximumBodyBytes = 64 << 20
    /// POLLRDHUP of poll(2), "the peer closed its writing half"; Glibc's module leaves it out.
    private static let peerHungUp: Int16 = 0x2000

    private let descriptor: Int32
    private var pending: [UInt8] = []
    private var isOpen = true

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        var one: Int32 = 1
        setsockopt(
            descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    }

    // MARK: Reading

    /// The next request with its whole body; `nil` when the client is gone or does not speak HTTP/1.1.
    func readRequest() -> WireRequest? {
        guard let line = readLine() else { return nil }
        let words = line.split(separator: " ").map(String.init)
        guard words.count == 3, words[2].hasPrefix("HTTP/1.") else { return nil }
        var request = WireRequest(method: words[0], target: words[1])
        while true {
            guard let line = readLine() else { return nil }
            if line.isEmpty { break }
            guard let colon = line.firstIndex(of: ":") else { return nil }
            request.headers.append(
                (
                    String(line[..<colon]),
                    line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
                )
            )
        }
        // libcurl asks before it sends a large body.
        if request["expect"]?.lowercased() == "100-continue" {
            guard send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)) else { return nil }
        }
        guard let body = readBody(of: request) else { return nil }
        request.body = body
        return request
    }

    private func readBody(of request: WireRequest) -> [UInt8]? {
        guard request["transfer-encoding"]?.lowercased() != "chunked" else { return readChunks() }
        guard let text = request["content-length"] else { return [] }
        guard let count = Int(text), count >= 0, count <= Self.maximumBodyBytes else { return nil }
        return readBytes(count)
    }

    private func readChunks() -> [UInt8]? {
        var body: [UInt8] = []
        while true {
            guard let line = readLine(), let size = line.split(separator: ";").first,
                let count = Int(size, radix: 16), count >= 0,
                body.count + count <= Self.maximumBodyBytes, let chunk = readBytes(count), readLine() != nil
            else { return nil }
            guard count > 0 else { return body }
            body += chunk
        }
    }

    private func readBytes(_ count: Int) -> [UInt8]? {
        while pending.count < count { guard fill() else { return nil } }
        defer { pending.removeFirst(count) }
        return Array(pending[..<count])
    }

    private func readLine() -> String? {
        while true {
            if let end = pending.firstIndex(of: 0x0A) {
                var line = Array(pending[..<end])
                pending.removeFirst(end + 1)
                if line.last == 0x0D { line.removeLast() }
                return String(decoding: line, as: UTF8.self)
            }
            guard pending.count < 256 << 10, fill() else { return nil }
        }
    }

    private func fill() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            pending += buffer[..<count]
            return true
        }
    }

    // MARK: Writing

    /// - Returns: `false` when the client is gone.
    @discardableResult
    func send(_ bytes: some Collection<UInt8>) -> Bool {
        let bytes = Array(bytes)
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes {
                Foundation.send(
                    descriptor, $0.baseAddress?.advanced(by: offset), $0.count - offset, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            offset += count
        }
        return true
    }

    // MARK: Ending

    /// Returns when the client has given up, or when the server stops.
    func waitForClose() {
        while fill() { pending = [] }
    }

    /// Waits, but no longer than the client does.
    ///
    /// - Returns: `false` when the client is gone.
    func pause(_ duration: Duration) -> Bool {
        let milliseconds = duration / .milliseconds(1)
        var watched = pollfd(fd: descriptor, events: Self.peerHungUp, revents: 0)
        let limit = Int32(min(max(milliseconds, 0), Double(Int32.max)))
        return poll(&watched, 1, limit) == 0
    }

    /// Ends with RST instead of FIN.
    func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    func close() {
        guard isOpen else { return }
        isOpen = false
        Foundation.close(descriptor)
    }
}
