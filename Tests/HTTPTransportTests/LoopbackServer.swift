import Foundation

/// A raw-socket HTTP/1.1 server on 127.0.0.1 whose misbehavior is written out by each test.
///
/// Every connection gets a thread that runs the script; when the script returns, the connection is closed.
/// The listener stays open until the test process ends: a test names its server for the last time before the
/// request is sent.
final class LoopbackServer: Sendable {
    typealias Script = @Sendable (Connection) -> Void

    let port: UInt16
    private let listener: Int32
    private let accepted = Counter()

    var url: String { "http://127.0.0.1:\(port)" }
    /// Connections accepted so far.
    var connectionCount: Int { accepted.value }

    /// - Parameter backlog: Connections the kernel completes before `accept`; with `script` nil nothing is ever
    ///   accepted.
    init(backlog: Int32 = 256, script: Script?) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(descriptor, raw, size) == 0 && listen(descriptor, backlog) == 0
                    && getsockname(descriptor, raw, &size) == 0
            }
        }
        guard isBound else { throw POSIXError(.EADDRNOTAVAIL) }
        port = UInt16(bigEndian: address.sin_port)
        guard let script else { return }
        let thread = Thread { [accepted] in
            while true {
                let client = accept(descriptor, nil, nil)
                guard client >= 0 else { return }
                accepted.add()
                let worker = Thread {
                    let connection = Connection(client)
                    script(connection)
                    connection.close()
                }
                worker.start()
            }
        }
        thread.start()
    }

    /// A port on which nothing listens.
    static func refusingURL() throws -> String {
        let server = try LoopbackServer(script: nil)
        close(server.listener)
        return server.url
    }
}

/// The server's end of one connection.
final class Connection {
    private let descriptor: Int32
    private var pending: [UInt8] = []
    private var isOpen = true

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    }

    func send(_ text: String) { send(Array(text.utf8)) }

    /// - Returns: False when the client is gone.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
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

    func respond(_ status: String = "200 OK", headers: [String] = [], body: String = "") {
        let head = (["HTTP/1.1 \(status)", "Content-Length: \(body.utf8.count)"] + headers).joined(
            separator: "\r\n")
        send(head + "\r\n\r\n" + body)
    }

    /// The next request with its whole body; nil when the client closed the connection.
    func readRequest() -> ReceivedRequest? {
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

    func readHead() -> ReceivedRequest? {
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

    func readBytes(_ count: Int) -> [UInt8]? {
        while pending.count < count { guard fill() else { return nil } }
        defer { pending.removeFirst(count) }
        return Array(pending[..<count])
    }

    /// Some bytes, at most 64 KiB; nil at the end.
    func readSome() -> [UInt8]? {
        if pending.isEmpty { guard fill() else { return nil } }
        defer { pending = [] }
        return pending
    }

    /// Blocks until the client closes or resets the connection.
    func waitForClose() {
        while fill() { pending = [] }
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

struct ReceivedRequest: Sendable {
    let method: String
    let target: String
    /// Names in lower case.
    var headers: [(String, String)] = []
    var body: [UInt8] = []

    subscript(name: String) -> String? { headers.first { $0.0 == name }?.1 }
    var text: String { String(decoding: body, as: UTF8.self) }
}
