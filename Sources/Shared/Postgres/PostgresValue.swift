package import Foundation

/// One parameter of a statement.
///
/// The server says which type it expects for each placeholder, and the value is converted to that
/// type when this loses nothing: an integer reaches an `int2` column after a range check, text becomes
/// a `uuid` or an enum label, a date becomes `timestamptz`. Where SQL leaves the type open
/// (`$1 IS NULL`, `jsonb_build_object('a', $1)`, `$1 + $2`), write a cast such as `$1::bigint`.
///
/// The list cases travel as one array, for `unnest($1::bigint[])` and `= ANY($1)`.
package enum PostgresValue: Sendable, Hashable {
    case null
    /// UTF-8 text without NUL.
    case text(String)
    case integer(Int64)
    case double(Double)
    case boolean(Bool)
    /// A complete JSON document in UTF-8.
    case json(Data)
    /// For `bytea`.
    case bytes([UInt8])
    /// Rounded to whole microseconds, UTC.
    case timestamp(Date)
    case uuid(UUID)

    case texts([String?])
    case integers([Int64?])
    case doubles([Double?])
    case booleans([Bool?])
    case jsons([Data?])
    case byteStrings([[UInt8]?])
    case timestamps([Date?])
    case uuids([UUID?])
}

extension PostgresValue {
    /// Any count or index of the program.
    package static func integer(_ value: Int) -> PostgresValue { .integer(Int64(value)) }

    /// `.null` for nil, otherwise the wrapped value's case: `.optional(name, PostgresValue.text)`.
    package static func optional<Wrapped>(
        _ value: Wrapped?, _ make: (Wrapped) -> PostgresValue
    ) -> PostgresValue {
        value.map(make) ?? .null
    }
}

extension PostgresValue: ExpressibleByStringLiteral {
    package init(stringLiteral value: String) { self = .text(value) }
}

extension PostgresValue: ExpressibleByIntegerLiteral {
    package init(integerLiteral value: Int64) { self = .integer(value) }
}

extension PostgresValue: ExpressibleByBooleanLiteral {
    package init(booleanLiteral value: Bool) { self = .boolean(value) }
}

extension PostgresValue: ExpressibleByFloatLiteral {
    package init(floatLiteral value: Double) { self = .double(value) }
}

extension PostgresValue: ExpressibleByNilLiteral {
    package init(nilLiteral: ()) { self = .null }
}
