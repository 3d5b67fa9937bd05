/// A request as it came over the wire.
package struct ReceivedRequest: Sendable {
    package let method: String
    package let target: String
    /// Names in lower case.
    package var headers: [(String, String)] = []
    package var body: [UInt8] = []

    package subscript(name: String) -> String? { headers.first { $0.0 == name }?.1 }
    package var text: String { String(decoding: body, as: UTF8.self) }
}
