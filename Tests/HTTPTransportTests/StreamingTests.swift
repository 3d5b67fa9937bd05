import Foundation
import HTTPTransport
import LoopbackHTTP
import Testing

@Suite struct StreamingTests {
    let client = HTTPClient()

    @Test func `chunks are handed over while the answer is still being written`() async throws {
        let (first, second) = (Signal(), Signal())
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Kind: sse\r\n\r\n")
            first.block()
            connection.send("3\r\none\r\n")
            second.block()
            connection.send("3\r\ntwo\r\n0\r\n\r\n")
        }
        let response = try await client.stream(.test("GET", server.url))
        #expect(response.status == 200)
        #expect(response.headers["x-kind"] == "sse")
        var chunks = response.body.makeAsyncIterator()
        first.fire()
        #expect(try await chunks.next() == Array("one".utf8))
        second.fire()
        #expect(try await chunks.next() == Array("two".utf8))
        #expect(try await chunks.next() == nil)
        #expect(try await chunks.next() == nil)
    }

    @Test func `a slow reader holds the server back`() async throws {
        let total = 96 << 20
        let sent = Counter()
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(total)\r\n\r\n")
            let block = [UInt8](repeating: 7, count: 64 << 10)
            while sent.value < total, connection.send(block) { sent.add(block.count) }
        }
        // The pause is no idleness: the limit must not strike while the reader is the slow one.
        let response = try await client.stream(.test("GET", server.url, idleTimeout: .milliseconds(150)))
        try await sent.waitUntilStill()
        #expect(sent.value < total / 2)
        var received = 0
        for try await chunk in response.body { received += chunk.count }
        #expect(received == total)
    }

    @Test func `dropping the response closes the connection`() async throws {
        let closed = Signal()
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
            connection.waitForClose()
            closed.fire()
        }
        do {
            let response = try await client.stream(.test("GET", server.url))
            for try await _ in response.body { break }
        }
        await closed.wait()
    }

    @Test func `cancelling the reading task stops the transfer`() async throws {
        let closed = Signal()
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            connection.waitForClose()
            closed.fire()
        }
        let response = try await client.stream(.test("GET", server.url))
        let task = Task {
            var chunks = response.body.makeAsyncIterator()
            return try await chunks.next()
        }
        task.cancel()
        await #expect(throws: HTTPError.cancelled) { try await task.value }
        await closed.wait()
    }

    @Test func `a stream that is cut throws instead of ending`() async throws {
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
        }
        let response = try await client.stream(.test("POST", server.url, body: .text("x")))
        var received: [UInt8] = []
        await #expect(throws: HTTPError.interrupted(bytesReceived: 3)) {
            for try await chunk in response.body { received += chunk }
        }
        #expect(received == Array("one".utf8))
    }

    @Test func `a stream that stalls ends in the idle phase`() async throws {
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
            connection.waitForClose()
        }
        let response = try await client.stream(.test("GET", server.url, idleTimeout: .milliseconds(200)))
        await #expect(throws: HTTPError.timedOut(phase: .idle)) {
            for try await _ in response.body {}
        }
    }

    @Test func `a stream that never begins fails like any request`() async throws {
        let url = try LoopbackServer.refusingURL()
        await #expect(throws: HTTPError.connectFailed) { try await client.stream(.test("GET", url)) }
    }

    @Test(arguments: [nil, 4 << 20])
    func `a request body is produced no faster than the server reads it`(length: Int?) async throws {
        let (piece, pieces) = (64 << 10, 1600)
        let received = Counter()
        let produced = Counter()
        let heldBackAt = Counter()
        let server = try LoopbackServer { connection in
            let head = connection.readHead()
            produced.blockUntilStill()
            heldBackAt.add(produced.value)
            if head?["transfer-encoding"] == "chunked" {
                while let chunk = connection.readSome() {
                    received.add(chunk.count)
                    if chunk.suffix(5) == Array("0\r\n\r\n".utf8)[...] { break }
                }
            } else if let body = connection.readBytes(Int(head?["content-length"] ?? "") ?? 0) {
                received.add(body.count)
            }
            connection.respond(body: "done")
        }
        let body = ProducedBody(piece: piece, count: (length ?? piece * pieces) / piece, produced: produced)
        let response = try await client.execute(
            .test("POST", server.url, body: .stream(.init(body, length: length))))
        #expect(response.text == "done")
        #expect(received.value >= length ?? piece * pieces)
        if length == nil { #expect(heldBackAt.value < piece * pieces / 2) }
    }

    @Test func `a request body that throws fails the request`() async throws {
        struct Broken: Error {}
        let server = try LoopbackServer { $0.waitForClose() }
        let body = AsyncThrowingStream<[UInt8], any Error> { continuation in
            continuation.yield([1, 2, 3])
            continuation.finish(throwing: Broken())
        }
        await #expect(throws: HTTPError.uploadFailed) {
            try await client.execute(.test("POST", server.url, body: .stream(.init(body))))
        }
    }

    @Test func `a request body shorter than announced fails the request`() async throws {
        let server = try LoopbackServer { $0.waitForClose() }
        let body = AsyncStream<[UInt8]> { continuation in
            continuation.yield([1, 2, 3])
            continuation.finish()
        }
        await #expect(throws: HTTPError.uploadFailed) {
            try await client.execute(.test("POST", server.url, body: .stream(.init(body, length: 10))))
        }
    }

    @Test func `the producer of a request body is cancelled with the transfer`() async throws {
        let (arrived, cancelled) = (Signal(), Signal())
        let server = try LoopbackServer { connection in
            _ = connection.readHead()
            arrived.fire()
            connection.waitForClose()
        }
        let body = AsyncStream<[UInt8]> { continuation in
            continuation.yield([1])
            continuation.onTermination = { _ in cancelled.fire() }
        }
        let task = Task { try await client.execute(.test("POST", server.url, body: .stream(.init(body)))) }
        await arrived.wait()
        task.cancel()
        await cancelled.wait()
        await #expect(throws: HTTPError.cancelled) { try await task.value }
    }
}

/// A body that counts what was asked of it.
private struct ProducedBody: AsyncSequence, AsyncIteratorProtocol, Sendable {
    let piece: Int
    var count: Int
    let produced: Counter

    func makeAsyncIterator() -> ProducedBody { self }

    mutating func next() async throws -> [UInt8]? {
        guard count > 0 else { return nil }
        count -= 1
        produced.add(piece)
        return [UInt8](repeating: 9, count: piece)
    }
}
