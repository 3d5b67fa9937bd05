/// A reply of the server (protocol version 2).
package enum RedisValue: Sendable, Equatable {
    case null
    case integer(Int64)
    /// A status such as `OK`.
    case simple(String)
    /// Bytes as they were stored; they need not be text.
    case bulk([UInt8])
    case array([RedisValue])
    /// A refusal inside a pipeline or a transaction; alone it is thrown instead.
    case error(String)

    package var isNull: Bool { self == .null }

    package var isOK: Bool { self == .simple("OK") }

    package var bytes: [UInt8]? {
        switch self {
        case .bulk(let bytes): bytes
        case .simple(let text): Array(text.utf8)
        case .null, .integer, .array, .error: nil
        }
    }

    /// The reply as text; `nil` when it is none, or not valid UTF-8.
    package var string: String? {
        switch self {
        case .simple(let text): text
        case .bulk(let bytes): String(validating: bytes, as: UTF8.self)
        case .null, .integer, .array, .error: nil
        }
    }

    /// The reply as a number: an integer, or a string of decimal digits as `GET` returns it.
    package var integer: Int64? {
        if case .integer(let number) = self { return number }
        return string.flatMap { Int64($0) }
    }

    package var array: [RedisValue]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    /// The refusal that this element of a pipeline's answer stands for.
    package var rejection: RedisError? {
        guard case .error(let message) = self else { return nil }
        return .refused(message)
    }
}
