import Foundation

/// One answer before it goes onto the wire.
struct WireResponse: Sendable {
    var status: Int
    var headers: [(name: String, value: String)]
    var body: [UInt8]

    init(status: Int, headers: [(name: String, value: String)] = [], contentType: String, body: [UInt8]) {
        self.status = status
        self.headers = [("Content-Type", contentType)] + headers
        self.body = body
    }

    static func json(
        _ value: JSONValue, status: Int = 200, headers: [(name: String, value: String)] = []
    ) -> WireResponse {
        WireResponse(
            status: status, headers: headers, contentType: "application/json", body: value.serialized)
    }

    static func text(_ text: String, status: Int = 200) -> WireResponse {
        WireResponse(status: status, contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
    }

    /// What a proxy in front of the vendor says when the vendor is gone.
    static let badGateway = WireResponse(
        status: 502, contentType: "text/html",
        body: Array(
            """
            <html>\r
            <head><title>502 Bad Gateway</title></head>\r
            <body>\r
            <center><h1>502 Bad Gateway</h1></center>\r
            <hr><center>cloudflare</center>\r
            </body>\r
            </html>\r

            """.utf8))

    /// - Parameter length: What `Content-Length` claims; by default the truth.
    func head(length: Int? = nil) -> [UInt8] {
        var lines = ["HTTP/1.1 \(status) \(Self.reason(status))"]
        lines += headers.map { "\($0.name): \($0.value)" }
        lines.append("Content-Length: \(length ?? body.count)")
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }

    private static func reason(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 413: "Payload Too Large"
        case 415: "Unsupported Media Type"
        case 429: "Too Many Requests"
        case 500: "Internal Server Error"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        default: "Status"
        }
    }
}
