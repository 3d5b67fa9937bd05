import Foundation
import HTTPTransport
import LoopbackHTTP
import Testing

@Suite struct DownloadTests {
    let client = HTTPClient()
    let path = NSTemporaryDirectory() + "download-\(UUID().uuidString)"

    @Test func `a body becomes a file that only its owner can read`() async throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let content = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(content.count)\r\n\r\n")
            connection.send(content)
        }
        let download = try await client.download(.test("GET", server.url), to: path)
        #expect(download.bytesWritten == content.count)
        #expect(download.head.status == 200)
        #expect(try [UInt8](Data(contentsOf: URL(fileURLWithPath: path))) == content)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test func `an empty body becomes an empty file`() async throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            connection.respond()
        }
        let download = try await client.download(.test("GET", server.url), to: path)
        #expect(download.bytesWritten == 0)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)).isEmpty)
    }

    @Test func `a refusal leaves no file and brings its reason`() async throws {
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            connection.respond("404 Not Found", body: #"{"ok":false}"#)
        }
        let download = try await client.download(.test("GET", server.url), to: path)
        #expect(download.head.status == 404)
        #expect(download.errorBody == Array(#"{"ok":false}"#.utf8))
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func `an interrupted or oversized download leaves no file`() async throws {
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
        }
        await #expect(throws: HTTPError.interrupted(bytesReceived: 5)) {
            try await client.download(.test("GET", server.url), to: path)
        }
        #expect(!FileManager.default.fileExists(atPath: path))
        await #expect(throws: HTTPError.responseTooLarge(limit: 4)) {
            try await client.download(.test("GET", server.url, maximumResponseBytes: 4), to: path)
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func `a place that cannot be written is a local failure`() async throws {
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            connection.respond(body: "x")
        }
        await #expect(throws: HTTPError.localFile(errno: ENOENT)) {
            try await client.download(.test("GET", server.url), to: "/nonexistent/file")
        }
    }
}
