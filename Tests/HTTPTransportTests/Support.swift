import HTTPTransport

extension HTTPRequest {
    /// A request with a deadline that no healthy test comes near.
    static func test(
        _ method: String = "GET", _ url: String, headers: [(String, String)] = [], body: HTTPBody = .none,
        deadline: Duration = .seconds(60), connectTimeout: Duration = .seconds(30),
        firstByteTimeout: Duration? = nil, idleTimeout: Duration? = nil, maximumResponseBytes: Int = 1 << 28
    ) -> HTTPRequest {
        HTTPRequest(
            method: method, url: url, headers: headers, body: body, deadline: .now + deadline,
            connectTimeout: connectTimeout, firstByteTimeout: firstByteTimeout, idleTimeout: idleTimeout,
            maximumResponseBytes: maximumResponseBytes)
    }
}

extension HTTPResponse {
    var text: String { String(decoding: body, as: UTF8.self) }
}
