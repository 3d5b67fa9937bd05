import Foundation

extension PostgresValue {
    /// Appends a list: PostgreSQL's binary array where the array type is the list's natural one,
    /// otherwise an array literal, which every array type can read (`uuid[]`, `int4[]`, enum lists).
    func encodeList(as type: UInt32, into bytes: inout [UInt8]) -> EncodedForm {
        switch self {
        case .texts(let list):
            let natural = type == PostgresTypeID.texts || type == PostgresTypeID.varchars
            return Self.encode(
                list, natural ? PostgresTypeID.text : nil, into: &bytes, Self.encode(_:as:into:), { $0 })
        case .integers(let list):
            let natural = type == PostgresTypeID.int8s
            return Self.encode(
                list, natural ? PostgresTypeID.int8 : nil, into: &bytes, Self.encode(_:as:into:),
                { String($0) })
        case .doubles(let list):
            let natural = type == PostgresTypeID.float8s
            return Self.encode(
                list, natural ? PostgresTypeID.float8 : nil, into: &bytes, Self.encode(_:as:into:),
                { $0.isNaN ? "NaN" : $0.isFinite ? "\($0)" : $0 > 0 ? "Infinity" : "-Infinity" })
        case .booleans(let list):
            let natural = type == PostgresTypeID.booleans
            return Self.encode(
                list, natural ? PostgresTypeID.boolean : nil, into: &bytes, Self.encode(_:as:into:),
                { $0 ? "true" : "false" })
        case .jsons(let list):
            let natural = type == PostgresTypeID.jsonbs
            return Self.encode(
                list, natural ? PostgresTypeID.jsonb : nil, into: &bytes, Self.encode(json:as:into:),
                { String(decoding: $0, as: UTF8.self) })
        case .byteStrings(let list):
            let natural = type == PostgresTypeID.byteas
            return Self.encode(
                list, natural ? PostgresTypeID.bytea : nil, into: &bytes, Self.encode(bytes:as:into:),
                { _ in nil })
        case .timestamps(let list):
            let natural = type == PostgresTypeID.timestamptzs
            return Self.encode(
                list, natural ? PostgresTypeID.timestamptz : nil, into: &bytes, Self.encode(_:as:into:),
                { _ in nil })
        case .uuids(let list):
            let natural = type == PostgresTypeID.uuids
            return Self.encode(
                list, natural ? PostgresTypeID.uuid : nil, into: &bytes, Self.encode(_:as:into:),
                { $0.uuidString.lowercased() })
        case .null, .text, .integer, .double, .boolean, .json, .bytes, .timestamp, .uuid:
            return .unsuitable("is not a list")
        }
    }

    /// - Parameters:
    ///   - element: The element type of a binary array; nil asks for a literal.
    ///   - literal: An element as text, nil when the list has no literal form.
    private static func encode<Element>(
        _ list: [Element?], _ element: UInt32?, into bytes: inout [UInt8],
        _ binary: (Element, UInt32, inout [UInt8]) -> EncodedForm, _ literal: (Element) -> String?
    ) -> EncodedForm {
        guard let element else { return encodeLiteral(list, into: &bytes, literal) }
        bytes.append(bigEndian: Int32(list.isEmpty ? 0 : 1))
        bytes.append(bigEndian: Int32(list.contains { $0 == nil } ? 1 : 0))
        bytes.append(bigEndian: element)
        guard !list.isEmpty else { return .binary }
        bytes.append(bigEndian: Int32(truncatingIfNeeded: list.count))
        bytes.append(bigEndian: Int32(1))
        for item in list {
            guard let item else {
                bytes.append(bigEndian: Int32(-1))
                continue
            }
            let lengthAt = bytes.count
            bytes.append(bigEndian: Int32(0))
            if case .unsuitable(let reason) = binary(item, element, &bytes) { return .unsuitable(reason) }
            let length = UInt32(truncatingIfNeeded: bytes.count - lengthAt - 4)
            for (index, shift) in [24, 16, 8, 0].enumerated() {
                bytes[lengthAt + index] = UInt8(truncatingIfNeeded: length >> UInt32(shift))
            }
        }
        return .binary
    }

    /// `{"a","b",NULL}`; every element is quoted, so nothing in it can be read as syntax.
    private static func encodeLiteral<Element>(
        _ list: [Element?], into bytes: inout [UInt8], _ literal: (Element) -> String?
    ) -> EncodedForm {
        bytes.append(UInt8(ascii: "{"))
        for (index, item) in list.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            guard let item else {
                bytes.append(contentsOf: "NULL".utf8)
                continue
            }
            guard let text = literal(item) else {
                return .unsuitable("is a list that does not suit the server's type; add a cast")
            }
            bytes.append(UInt8(ascii: "\""))
            for byte in text.utf8 {
                if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                    bytes.append(UInt8(ascii: "\\"))
                }
                bytes.append(byte)
            }
            bytes.append(UInt8(ascii: "\""))
        }
        bytes.append(UInt8(ascii: "}"))
        return .text
    }
}
