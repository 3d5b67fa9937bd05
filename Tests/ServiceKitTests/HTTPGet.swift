import HTTPTransport

/// What a role answered over a real connection.
struct HTTPAnswer {
    var status: Int
    var contentType: String?
    var cacheControl: String?
    var body: String

    /// In a file of its own, because Hummingbird's types have the same names as the transport's.
    static func get(_ path: String, port: Int) async throws -> HTTPAnswer {
        let client = HTTPClient()
        let response = try await client.execute(
            HTTPRequest(url: "http://127.0.0.1:\(port)\(path)", deadline: .now + .seconds(30)))
        await client.shutdown()
        return HTTPAnswer(
            status: response.status, contentType: response.headers["content-type"],
            cacheControl: response.headers["cache-control"],
            body: String(decoding: response.body, as: UTF8.self))
    }
}
