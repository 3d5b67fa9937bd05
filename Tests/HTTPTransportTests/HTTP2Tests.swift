import Foundation
import HTTPTransport
import Testing

/// Against nginx, because a server that agrees with our client about HTTP/2 by being written here proves
/// little.
@Suite struct HTTP2Tests {
    @Test func `TLS negotiates HTTP/2 and one connection carries requests at once`() async throws {
        let server = try await NginxServer()
        defer { server.stop() }
        let client = HTTPClient(configuration: .init(certificateBundlePath: server.certificatePath))
        let first = try await client.execute(.test("GET", server.url + "/small"))
        #expect(first.head.version == .http2)
        #expect(first.text == "small")
        #expect(first.timings.tls > .zero)
        let url = server.url + "/small"
        let responses = try await withThrowingTaskGroup(of: HTTPResponse.self) { group in
            for _ in 0..<50 {
                group.addTask { try await client.execute(.test("GET", url)) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(responses.allSatisfy { $0.head.version == .http2 && $0.head.reusedConnection })
    }

    @Test func `a paused HTTP/2 stream neither loses bytes nor holds up its neighbors`() async throws {
        let server = try await NginxServer()
        defer { server.stop() }
        let client = HTTPClient(configuration: .init(certificateBundlePath: server.certificatePath))
        let stream = try await client.stream(.test("GET", server.url + "/large"))
        #expect(stream.head.version == .http2)
        for _ in 0..<10 {
            let small = try await client.execute(.test("GET", server.url + "/small"))
            #expect(small.text == "small")
        }
        var received = 0
        for try await chunk in stream.body { received += chunk.count }
        #expect(received == NginxServer.largeBytes)
    }

    @Test func `cancelling an HTTP/2 stream keeps the connection for the others`() async throws {
        let server = try await NginxServer()
        defer { server.stop() }
        let client = HTTPClient(configuration: .init(certificateBundlePath: server.certificatePath))
        do {
            let stream = try await client.stream(.test("GET", server.url + "/large"))
            for try await _ in stream.body { break }
        }
        let next = try await client.execute(.test("GET", server.url + "/small"))
        #expect(next.text == "small")
        #expect(next.head.reusedConnection)
    }

    @Test func `bodies go up over HTTP/2`() async throws {
        let server = try await NginxServer()
        defer { server.stop() }
        let client = HTTPClient(configuration: .init(certificateBundlePath: server.certificatePath))
        let pieces = (0..<40).map { [UInt8](repeating: UInt8($0), count: 50_000) }
        let body = AsyncStream<[UInt8]> { continuation in
            for piece in pieces { continuation.yield(piece) }
            continuation.finish()
        }
        let path = "/upload/stream"
        let response = try await client.execute(.test("PUT", server.url + path, body: .stream(.init(body))))
        #expect(response.status == 201)
        #expect(try [UInt8](Data(contentsOf: server.root.appending(path: path))) == Array(pieces.joined()))
    }

    @Test func `a certificate nobody vouches for is rejected before the request is sent`() async throws {
        let server = try await NginxServer()
        defer { server.stop() }
        let error = await #expect(throws: HTTPError.self) {
            try await HTTPClient().execute(.test("GET", server.url + "/small"))
        }
        #expect(error == .certificateRejected)
        #expect(error?.isTransient == false)
        #expect(error?.requestMayHaveBeenSent == false)
    }

    @Test func `a trust store that is missing rejects every certificate`() async throws {
        let server = try await NginxServer()
        defer { server.stop() }
        let client = HTTPClient(configuration: .init(certificateBundlePath: "/nonexistent.pem"))
        await #expect(throws: HTTPError.certificateRejected) {
            try await client.execute(.test("GET", server.url + "/small"))
        }
    }
}
