import Foundation

/// The server's end of one connection.
package final class Connection {
    private let descriptor: Int32
    private var pending: [UInt8] = []
    private var isOpen = true

    package init(_ descriptor: Int32) {
        self.descriptor = descriptor
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    }

    package func send(_ text: String) { send(Array(text.utf8)) }

    /// - Returns: False when the client is gone.
    @discardableResult
    package func send(_ bytes: [UInt8]) -> Bool {
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes {
                Foundation.send(
                    descriptor, $0.baseAddress?.advanced(by: offset), $0.count - offset, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            offset += count
        }
        return true
    }

    package func respond(_ status: String = "200 OK", headers: [String] = [], body: String = "") {
        let head = (["HTTP/1.1 \(status)", "Content-Length: \(body.utf8.count)"] + headers).joined(
            separator: "\r\n")
        send(head + "\r\n\r\n" + body)
    }

    /// The next request with its whole body; nil when the client closed the connection.
    package func readRequest() -> ReceivedRequest? {
        guard var request = readHead() else { return nil }
        if request["transfer-encoding"]?.lowercased() == "chunked" {
            while let line = readLine(), let count = Int(line, radix: 16), let chunk = readBytes(count),
                readLine() != nil
            {
                guard count > 0 else { return request }
                request.body += chunk
            }
            return nil
        }
        guard let body = readBytes(request["content-length"].flatMap { Int($0) } ?? 0) else { return nil }
        request.body = body
        return request
    }

    package func readHead() -> ReceivedRequest? {
        guard let line = readLine() else { return nil }
        let words = line.split(separator: " ").map(String.init)
        var request = ReceivedRequest(method: words[0], target: words[1])
        while let line = readLine() {
            guard !line.isEmpty else { return request }
            let parts = line.split(separator: ":", maxSplits: 1).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            request.headers.append((parts[0].lowercased(), parts.count > 1 ? parts[1] : ""))
        }
        return nil
    }

    package func readBytes(_ count: Int) -> [UInt8]? {
        while pending.count < count { guard fill() else { return nil } }
        defer { pending.removeFirst(count) }
        return Array(pending[..<count])
    }

    /// Some bytes, at most 64 KiB; nil at the end.
    package func readSome() -> [UInt8]? {
        if pending.isEmpty { guard fill() else { return nil } }
        defer { pending = [] }
        return pending
    }

    /// Blocks until the client closes or resets the connection.
    package func waitForClose() {
        while fill() { pending = [] }
    }

    /// Ends with RST instead of FIN.
    package func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    package func close() {
        guard isOpen else { return }
        isOpen = false
        Foundation.close(descriptor)
    }

    private func readLine() -> String? {
        while true {
            if let end = pending.firstIndex(of: 0x0A) {
                var line = Array(pending[..<end])
                pending.removeFirst(end + 1)
                if line.last == 0x0D { line.removeLast() }
                return String(decoding: line, as: UTF8.self)
            }
            guard fill() else { return nil }
        }
    }

    private func fill() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return false }
        pending += buffer[..<count]
        return true
    }
}
