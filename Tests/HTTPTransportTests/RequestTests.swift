import Foundation
import HTTPTransport
import LoopbackHTTP
import Synchronization
import Testing

@Suite struct RequestTests {
    let client = HTTPClient()

    @Test func `status, headers and body come back`() async throws {
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            connection.respond("201 Created", headers: ["X-One: a", "x-one: b", "X-Empty:"], body: "hello")
        }
        let response = try await client.execute(.test("GET", server.url + "/path?q=1"))
        #expect(response.status == 201)
        #expect(response.text == "hello")
        #expect(response.headers["X-ONE"] == "a")
        #expect(response.headers.values(of: "x-one") == ["a", "b"])
        #expect(response.headers["x-empty"] == "")
        #expect(response.headers["x-none"] == nil)
        #expect(response.head.version == .http11)
        #expect(!response.head.reusedConnection)
        #expect(response.timings.total >= response.timings.firstByte)
    }

    @Test func `the kernel's account of an upload comes with the answer, and goes on with the connection`()
        async throws
    {
        let server = try LoopbackServer { connection in
            while connection.readRequest() != nil { connection.respond(body: "ok") }
        }
        let body = HTTPBody.bytes([UInt8](repeating: 7, count: 200_000))
        let first = try await client.execute(.test("POST", server.url, body: body))
        let sent = try #require(first.timings.upload)
        // Its time is counted in ticks of the kernel, of which loopback may need less than one.
        #expect(sent.bytes >= 200_000)
        let second = try await client.execute(.test("POST", server.url, body: body))
        #expect(second.head.reusedConnection)
        #expect(try #require(second.timings.upload).bytes >= 400_000)
    }

    @Test func `an HTML 502 is a response, not an error`() async throws {
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            connection.respond("502 Bad Gateway", headers: ["Content-Type: text/html"], body: "<html>")
        }
        let response = try await client.execute(.test("POST", server.url, body: .text("x")))
        #expect(response.status == 502)
        #expect(response.text == "<html>")
    }

    @Test func `informational answers before the real one are skipped`() async throws {
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
            connection.respond(body: "real")
        }
        let response = try await client.execute(.test("GET", server.url))
        #expect(response.status == 200)
        #expect(response.headers["link"] == nil)
        #expect(response.text == "real")
    }

    @Test(arguments: ["POST", "PUT", "PATCH", "DELETE"])
    func `bytes arrive as they were, with a length and without waiting`(method: String) async throws {
        let body = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let received = try await exchange(
            .test(method, "", headers: [("Content-Type", "application/x-thing")], body: .bytes(body)))
        #expect(received.method == method)
        #expect(received.body == body)
        #expect(received["content-length"] == "300000")
        #expect(received["content-type"] == "application/x-thing")
        #expect(received["expect"] == nil)
        #expect(received["user-agent"] == "SpeechCoach")
    }

    @Test func `a POST without a body says so`() async throws {
        let received = try await exchange(.test("POST", ""))
        #expect(received["content-length"] == "0")
        #expect(received["content-type"] == nil)
    }

    @Test func `a header without a value is sent`() async throws {
        let received = try await exchange(.test("GET", "", headers: [("X-Nothing", ""), ("X-Some", "1")]))
        #expect(received["x-nothing"] == "")
        #expect(received["x-some"] == "1")
    }

    @Test func `a file is sent with its length`() async throws {
        let path = NSTemporaryDirectory() + "upload-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let content = [UInt8]((0..<200_000).map { UInt8(truncatingIfNeeded: $0) })
        try Data(content).write(to: URL(fileURLWithPath: path))
        let received = try await exchange(.test("PUT", "", body: .file(path: path)))
        #expect(received.body == content)
        #expect(received["content-length"] == "200000")
    }

    @Test func `a missing file fails before anything is sent`() async throws {
        await #expect(throws: HTTPError.localFile(errno: ENOENT)) {
            try await client.execute(.test("PUT", "http://127.0.0.1:1", body: .file(path: "/nonexistent")))
        }
        await #expect(throws: HTTPError.localFile(errno: ENOENT)) {
            let part = MultipartPart.file("f", path: "/nonexistent", filename: "f", contentType: "audio/ogg")
            return try await client.execute(.test("POST", "http://127.0.0.1:1", body: .multipart([part])))
        }
    }

    @Test func `a multipart body has the parts, names and types it was given`() async throws {
        let path = NSTemporaryDirectory() + "part-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data("from disk".utf8).write(to: URL(fileURLWithPath: path))
        let received = try await exchange(
            .test(
                "POST", "",
                body: .multipart([
                    .field("model", "whisper-1"), .field("empty", ""),
                    .file(
                        "file", bytes: Array("OggS\0\r\n--x".utf8), filename: "voice.ogg",
                        contentType: "audio/ogg"),
                    .file("disk", path: path, filename: "d.bin", contentType: "application/octet-stream"),
                ])))
        let type = try #require(received["content-type"])
        #expect(type.hasPrefix("multipart/form-data; boundary="))
        let boundary = type.dropFirst("multipart/form-data; boundary=".count)
        #expect(boundary.count <= 70)
        let expected = """
            --B\r
            Content-Disposition: form-data; name="model"\r
            \r
            whisper-1\r
            --B\r
            Content-Disposition: form-data; name="empty"\r
            \r
            \r
            --B\r
            Content-Disposition: form-data; name="file"; filename="voice.ogg"\r
            Content-Type: audio/ogg\r
            \r
            OggS\0\r\n--x\r
            --B\r
            Content-Disposition: form-data; name="disk"; filename="d.bin"\r
            Content-Type: application/octet-stream\r
            \r
            from disk\r
            --B--\r\n
            """
        #expect(received.text == expected.replacingOccurrences(of: "--B", with: "--\(boundary)"))
        #expect(received["content-length"] == "\(received.body.count)")
    }

    @Test func `a compressed answer is decoded, and the limit counts decoded bytes`() async throws {
        // A megabyte of zeros, gzip -9.
        let packed = try Self.gzip(Data(count: 1 << 20))
        #expect(packed.count < 2000)
        let server = try LoopbackServer { connection in
            while connection.readRequest() != nil {
                connection.send(
                    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(packed.count)\r\n\r\n")
                connection.send([UInt8](packed))
            }
        }
        let response = try await client.execute(.test("GET", server.url))
        #expect(response.body.count == 1 << 20)
        await #expect(throws: HTTPError.responseTooLarge(limit: 100_000)) {
            try await client.execute(.test("GET", server.url, maximumResponseBytes: 100_000))
        }
    }

    @Test(arguments: [
        HTTPRequest.test("GET", "ftp://127.0.0.1/x"), .test("GET", "file:///etc/passwd"),
        .test("GET", "nonsense"),
        .test("GET", "http://127.0.0.1/a b"), .test("GET", "http://127.0.0.1/\r\nX: y"),
        .test("GET\r\n", "http://127.0.0.1/"),
        .test("GET", "http://127.0.0.1", headers: [("A", "b\r\nC: d")]),
        .test("GET", "http://127.0.0.1", headers: [("A: b\r\nC", "d")]), .test("GET", "http://"),
    ])
    func `what HTTP cannot express is refused unsent`(argument: HTTPRequest) async throws {
        // Arguments are made long before their turn comes.
        var request = argument
        request.deadline = .now + .seconds(60)
        let error = await #expect(throws: HTTPError.self) { try await client.execute(request) }
        guard case .invalidRequest = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(error?.requestMayHaveBeenSent == false)
    }

    /// Sends the request to a server that answers 200, and returns what that server saw.
    private func exchange(_ request: HTTPRequest) async throws -> ReceivedRequest {
        let box = Box(Mutex<ReceivedRequest?>(nil))
        let server = try LoopbackServer { connection in
            let request = connection.readRequest()
            box.value.withLock { $0 = request }
            connection.respond()
        }
        var request = request
        request.url = server.url + "/"
        let response = try await client.execute(request)
        #expect(response.status == 200)
        return try #require(box.value.withLock { $0 })
    }

    static func gzip(_ data: Data) throws -> Data {
        let path = NSTemporaryDirectory() + "zip-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path + ".gz") }
        try data.write(to: URL(fileURLWithPath: path))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["gzip", "-9", path]
        try process.run()
        process.waitUntilExit()
        return try Data(contentsOf: URL(fileURLWithPath: path + ".gz"))
    }
}

/// Gives a non-copyable value a place that closures can share.
final class Box<Value: ~Copyable & Sendable>: Sendable {
    let value: Value
    init(_ value: consuming Value) { self.value = value }
}
