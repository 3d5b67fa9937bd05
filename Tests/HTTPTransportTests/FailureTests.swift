import Foundation
import HTTPTransport
import LoopbackHTTP
import Testing

@Suite struct FailureTests {
    let client = HTTPClient()

    @Test func `nothing listening is connectFailed, and nothing was sent`() async throws {
        let url = try LoopbackServer.refusingURL()
        let error = await #expect(throws: HTTPError.self) { try await client.execute(.test("GET", url)) }
        #expect(error == .connectFailed)
        #expect(error?.requestMayHaveBeenSent == false)
        #expect(error?.isTransient == true)
    }

    @Test func `a name without an address is resolveFailed`() async throws {
        await #expect(throws: HTTPError.resolveFailed) {
            try await client.execute(.test("GET", "http://host.invalid/bot12345:SECRET/x"))
        }
    }

    @Test func `a network that swallows packets ends the connect phase`() async throws {
        let server = try LoopbackServer(backlog: 0, script: nil)
        // The kernel completes a connection or two on its own and drops the handshakes of all later ones.
        let errors = await withTaskGroup(of: HTTPError?.self) { group in
            for _ in 0..<6 {
                group.addTask {
                    do throws(HTTPError) {
                        _ = try await client.execute(
                            .test(
                                "GET", server.url, deadline: .seconds(2), connectTimeout: .milliseconds(300)))
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(errors.contains(.timedOut(phase: .connect)))
        #expect(!errors.contains(nil))
        #expect(!HTTPError.timedOut(phase: .connect).requestMayHaveBeenSent)
    }

    @Test func `a server that takes the request and stays silent ends the first-byte phase`() async throws {
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            connection.waitForClose()
        }
        let error = await #expect(throws: HTTPError.self) {
            try await client.execute(
                .test("POST", server.url, body: .text("x"), firstByteTimeout: .milliseconds(200)))
        }
        #expect(error == .timedOut(phase: .firstByte))
        #expect(error?.requestMayHaveBeenSent == true)
    }

    @Test func `a server that stalls after the headers ends the idle phase`() async throws {
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
            connection.waitForClose()
        }
        await #expect(throws: HTTPError.timedOut(phase: .idle)) {
            try await client.execute(
                .test("GET", server.url, firstByteTimeout: .seconds(30), idleTimeout: .milliseconds(200)))
        }
    }

    @Test func `a trickle keeps the idle limit quiet but not the deadline`() async throws {
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            while connection.send([0x61]) { usleep(20_000) }
        }
        await #expect(throws: HTTPError.timedOut(phase: .total)) {
            try await client.execute(
                .test("GET", server.url, deadline: .milliseconds(700), idleTimeout: .milliseconds(500)))
        }
    }

    @Test func `a deadline in the past sends nothing`() async throws {
        let server = try LoopbackServer { _ = $0.readRequest() }
        let error = await #expect(throws: HTTPError.self) {
            try await client.execute(.test("GET", server.url, deadline: .seconds(-1)))
        }
        #expect(error == .timedOut(phase: .connect))
        #expect(server.connectionCount == 0)
    }

    @Test func `fewer bytes than announced are an interruption`() async throws {
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")
        }
        await #expect(throws: HTTPError.interrupted(bytesReceived: 5)) {
            try await client.execute(.test("POST", server.url, body: .text("x")))
        }
    }

    @Test func `a chunked body without its end is an interruption`() async throws {
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
        }
        await #expect(throws: HTTPError.interrupted(bytesReceived: 5)) {
            try await client.execute(.test("POST", server.url, body: .text("x")))
        }
    }

    @Test func `bytes beyond the announced length are not taken for the next answer`() async throws {
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\noneHTTP/1.1 200 OK\r\n\r\nforged")
            connection.waitForClose()
        }
        for _ in 0..<3 {
            let response = try await client.execute(.test("GET", server.url))
            #expect(response.text == "one")
        }
    }

    @Test func `a reset in the middle of the body is an interruption`() async throws {
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart")
            connection.reset()
        }
        let error = await #expect(throws: HTTPError.self) {
            try await client.execute(.test("POST", server.url, body: .text("x")))
        }
        // A reset may overtake the bytes before it.
        #expect(error == .interrupted(bytesReceived: 4) || error == .interrupted(bytesReceived: 0))
        #expect(error?.requestMayHaveBeenSent == true)
    }

    @Test(arguments: ["SSH-2.0-OpenSSH_9\r\n", "HTTP/1.1 banana\r\n\r\n"])
    func `an answer that is not HTTP is a protocol violation`(answer: String) async throws {
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            connection.send(answer)
        }
        await #expect(throws: HTTPError.protocolViolation) {
            try await client.execute(.test("POST", server.url, body: .text("x")))
        }
    }

    @Test func `endless headers are a protocol violation`() async throws {
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\n")
            let line = Array("X: \(String(repeating: "y", count: 1000))\r\n".utf8)
            while connection.send(line) {}
        }
        await #expect(throws: HTTPError.protocolViolation) {
            try await client.execute(.test("POST", server.url, body: .text("x")))
        }
    }

    @Test(arguments: [true, false])
    func `a body over the limit is stopped, announced or not`(announced: Bool) async throws {
        let closed = Signal()
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            connection.send(
                announced
                    ? "HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n"
                    : "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
            while connection.send([UInt8](repeating: 0x61, count: 10_000)) {}
            closed.fire()
        }
        await #expect(throws: HTTPError.responseTooLarge(limit: 50_000)) {
            try await client.execute(.test("GET", server.url, maximumResponseBytes: 50_000))
        }
        await closed.wait()
    }

    @Test func `TLS spoken to a cleartext server is tlsFailed`() async throws {
        let server = try LoopbackServer { connection in
            connection.send("HTTP/1.1 400 Bad Request\r\n\r\n")
            connection.waitForClose()
        }
        let url = server.url.replacingOccurrences(of: "http:", with: "https:")
        await #expect(throws: HTTPError.tlsFailed) { try await client.execute(.test("GET", url)) }
    }

    @Test func `no error carries the secret of its URL, header or body`() async throws {
        let secret = "SECRET"
        let silent = try LoopbackServer { connection in
            _ = connection.readRequest()
            connection.reset()
        }
        let urls = [
            try LoopbackServer.refusingURL() + "/\(secret)", silent.url + "/\(secret)", "ftp://\(secret)",
            "http://a b/\(secret)",
        ]
        for url in urls {
            let error = await #expect(throws: HTTPError.self) {
                try await client.execute(
                    .test("POST", url, headers: [("Authorization", secret)], body: .text(secret)))
            }
            #expect(!String(reflecting: error).contains(secret))
        }
    }
}
