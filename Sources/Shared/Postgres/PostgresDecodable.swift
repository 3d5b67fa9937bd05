package import Foundation

/// A type that a column can be read as.
///
/// Conform an enum or id with a raw value by an empty extension:
/// `extension JobState: PostgresDecodable {}`.
package protocol PostgresDecodable {
    /// - Throws: ``PostgresError/decoding(_:)``; the column's name is added by the row.
    static func decode(_ cell: PostgresCell) throws(PostgresError) -> Self

    /// How an array of this type is read; the default reads a PostgreSQL array.
    static func decodeArray(_ cell: PostgresCell) throws(PostgresError) -> [Self]
}

extension PostgresDecodable {
    package static func decodeArray(_ cell: PostgresCell) throws(PostgresError) -> [Self] {
        try cell.elements(Self.decode)
    }
}

extension PostgresDecodable where Self: RawRepresentable, RawValue: PostgresDecodable {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> Self {
        guard let value = Self(rawValue: try RawValue.decode(cell)) else {
            throw .decoding("is not a known \(Self.self)")
        }
        return value
    }
}

extension Int64: PostgresDecodable {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> Int64 { try cell.integer() }
}

extension Int: PostgresDecodable {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> Int { try narrow(cell) }
}

extension Int32: PostgresDecodable {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> Int32 { try narrow(cell) }
}

extension Int16: PostgresDecodable {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> Int16 { try narrow(cell) }
}

extension UInt8: PostgresDecodable {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> UInt8 { try narrow(cell) }

    /// `[UInt8]` is a `bytea`, not an array of small numbers.
    package static func decodeArray(_ cell: PostgresCell) throws(PostgresError) -> [UInt8] {
        [UInt8](try cell.data())
    }
}

extension FixedWidthInteger {
    fileprivate static func narrow(_ cell: PostgresCell) throws(PostgresError) -> Self {
        guard let value = Self(exactly: try cell.integer()) else {
            throw .decoding("does not fit \(Self.self)")
        }
        return value
    }
}

extension Double: PostgresDecodable {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> Double { try cell.double() }
}

extension Float: PostgresDecodable {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> Float {
        Float(try cell.double())
    }
}

extension Bool: PostgresDecodable {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> Bool { try cell.boolean() }
}

extension String: PostgresDecodable {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> String { try cell.text() }
}

extension Date: PostgresDecodable {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> Date { try cell.date() }
}

extension Duration: PostgresDecodable {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> Duration { try cell.interval() }
}

extension UUID: PostgresDecodable {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> UUID { try cell.uuid() }
}

extension Data: PostgresDecodable {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> Data { try cell.data() }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> Wrapped? {
        cell.isNull ? nil : try Wrapped.decode(cell)
    }
}

extension Array: PostgresDecodable where Element: PostgresDecodable {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> [Element] {
        try Element.decodeArray(cell)
    }
}
