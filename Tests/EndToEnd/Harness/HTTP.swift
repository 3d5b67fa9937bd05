import Foundation
import HTTPTransport
import ProviderFakes

/// The emulator has a type of the same name.
typealias JSON = ProviderFakes.JSONValue

/// Requests to the processes under test.
enum HTTP {
    struct Answer: Sendable {
        var status: Int
        var text: String
        private let headers: HTTPHeaders

        fileprivate init(_ response: HTTPResponse) {
            status = response.status
            text = String(decoding: response.body, as: UTF8.self)
            headers = response.headers
        }

        var json: JSON? { JSON(text: text) }

        subscript(header: String) -> String? { headers[header] }
    }

    private static let client = HTTPClient()

    static func get(_ url: String, within limit: Duration = .seconds(10)) async throws -> Answer {
        Answer(try await client.execute(HTTPRequest(url: url, deadline: .now + limit)))
    }

    /// Sends a body without saying how long it will be.
    static func postChunked(
        _ url: String, headers: [(String, String)] = [], chunks: [[UInt8]]
    ) async throws -> Answer {
        let (stream, feed) = AsyncStream<[UInt8]>.makeStream()
        for chunk in chunks { feed.yield(chunk) }
        feed.finish()
        return Answer(
            try await client.execute(
                HTTPRequest(
                    method: "POST", url: url, headers: [("Content-Type", "application/json")] + headers,
                    body: .stream(HTTPUploadStream(stream)), deadline: .now + .seconds(30))))
    }

    static func post(
        _ url: String, headers: [(String, String)] = [], body: [UInt8], within limit: Duration = .seconds(30)
    ) async throws -> Answer {
        Answer(
            try await client.execute(
                HTTPRequest(
                    method: "POST", url: url, headers: [("Content-Type", "application/json")] + headers,
                    body: .bytes(body), deadline: .now + limit)))
    }
}

extension JSON {
    var bytes: [UInt8] { (try? JSONEncoder().encode(self)).map { Array($0) } ?? [] }
}
