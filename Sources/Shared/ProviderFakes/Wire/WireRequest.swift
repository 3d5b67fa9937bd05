import Foundation

/// One request as it stood on the wire.
package struct WireRequest: Sendable {
    package let method: String
    /// Path and query, still percent-encoded.
    package let target: String
    /// Names as sent, in order.
    package internal(set) var headers: [(name: String, value: String)] = []
    package internal(set) var body: [UInt8] = []

    init(method: String, target: String) {
        self.method = method
        self.target = target
    }

    /// The first header of that name, in any case.
    package subscript(header: String) -> String? {
        headers.first { $0.name.caseInsensitiveCompare(header) == .orderedSame }?.value
    }

    package var path: String { String(target.prefix { $0 != "?" }) }
    /// The query's items, decoded, in order.
    package var query: [(name: String, value: String)] {
        guard let mark = target.firstIndex(of: "?") else { return [] }
        return target[target.index(after: mark)...].split(separator: "&").map { item in
            let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let decoded = pair.map { String($0).removingPercentEncoding ?? String($0) }
            return (decoded[0], decoded.count > 1 ? decoded[1] : "")
        }
    }
    /// The first item of that name.
    package func query(_ name: String) -> String? { query.first { $0.name == name }?.value }
    package var text: String { String(decoding: body, as: UTF8.self) }
    /// The body as JSON; `nil` when it is none.
    package var json: JSONValue? { JSONValue(text: text) }
    /// The body as a form; `nil` when it is none.
    package var form: MultipartForm? {
        self["content-type"].flatMap { MultipartForm(contentType: $0, body: body) }
    }
}
