import Foundation

/// How a value ended up in the parameter block.
enum EncodedForm {
    case null
    case binary
    case text
    case unsuitable(String)
}

extension PostgresValue {
    /// Appends the value in the form that suits `type`: binary where the type is known, otherwise text
    /// for the server's own input function to read.
    func encode(as type: UInt32, into bytes: inout [UInt8]) -> EncodedForm {
        switch self {
        case .null: .null
        case .text(let text): Self.encode(text, as: type, into: &bytes)
        case .integer(let integer): Self.encode(integer, as: type, into: &bytes)
        case .double(let double): Self.encode(double, as: type, into: &bytes)
        case .boolean(let flag): Self.encode(flag, as: type, into: &bytes)
        case .json(let document): Self.encode(json: document, as: type, into: &bytes)
        case .bytes(let content): Self.encode(bytes: content, as: type, into: &bytes)
        case .timestamp(let date): Self.encode(date, as: type, into: &bytes)
        case .uuid(let uuid): Self.encode(uuid, as: type, into: &bytes)
        case .texts, .integers, .doubles, .booleans, .jsons, .byteStrings, .timestamps, .uuids:
            encodeList(as: type, into: &bytes)
        }
    }

    static func encode(_ text: String, as type: UInt32, into bytes: inout [UInt8]) -> EncodedForm {
        switch type {
        case PostgresTypeID.jsonb:
            bytes.append(jsonbVersion)
            bytes.append(contentsOf: text.utf8)
            return .binary
        case PostgresTypeID.text, PostgresTypeID.varchar, PostgresTypeID.bpchar, PostgresTypeID.json:
            // The server refuses a NUL here by itself, because the length travels with the value.
            bytes.append(contentsOf: text.utf8)
            return .binary
        default:
            bytes.append(contentsOf: text.utf8)
            return .text
        }
    }

    static func encode(_ integer: Int64, as type: UInt32, into bytes: inout [UInt8]) -> EncodedForm {
        switch type {
        case PostgresTypeID.int8:
            bytes.append(bigEndian: integer)
        case PostgresTypeID.int4:
            guard let narrow = Int32(exactly: integer) else { return .unsuitable("does not fit an integer") }
            bytes.append(bigEndian: narrow)
        case PostgresTypeID.int2:
            guard let narrow = Int16(exactly: integer) else { return .unsuitable("does not fit a smallint") }
            bytes.append(bigEndian: narrow)
        case PostgresTypeID.float8:
            guard let double = Double(exactly: integer) else {
                return .unsuitable("is not exact as double precision")
            }
            bytes.append(bigEndian: double.bitPattern)
        default:
            bytes.append(contentsOf: String(integer).utf8)
            return .text
        }
        return .binary
    }

    static func encode(_ double: Double, as type: UInt32, into bytes: inout [UInt8]) -> EncodedForm {
        switch type {
        case PostgresTypeID.float8:
            bytes.append(bigEndian: double.bitPattern)
        case PostgresTypeID.float4:
            bytes.append(bigEndian: Float(double).bitPattern)
        default:
            // Swift prints the shortest text that reads back the same.
            let text =
                double.isNaN ? "NaN" : double.isFinite ? "\(double)" : double > 0 ? "Infinity" : "-Infinity"
            bytes.append(contentsOf: text.utf8)
            return .text
        }
        return .binary
    }

    static func encode(_ flag: Bool, as type: UInt32, into bytes: inout [UInt8]) -> EncodedForm {
        guard type == PostgresTypeID.boolean else {
            bytes.append(contentsOf: (flag ? "true" : "false").utf8)
            return .text
        }
        bytes.append(flag ? 1 : 0)
        return .binary
    }

    static func encode(json: Data, as type: UInt32, into bytes: inout [UInt8]) -> EncodedForm {
        switch type {
        case PostgresTypeID.jsonb:
            bytes.append(jsonbVersion)
            bytes.append(contentsOf: json)
            return .binary
        case PostgresTypeID.bytea, PostgresTypeID.json, PostgresTypeID.text, PostgresTypeID.varchar:
            bytes.append(contentsOf: json)
            return .binary
        default:
            bytes.append(contentsOf: json)
            return .text
        }
    }

    static func encode(bytes content: [UInt8], as type: UInt32, into bytes: inout [UInt8]) -> EncodedForm {
        guard type == PostgresTypeID.bytea else {
            return .unsuitable("is bytes, but the column is not bytea")
        }
        bytes.append(contentsOf: content)
        return .binary
    }

    static func encode(_ date: Date, as type: UInt32, into bytes: inout [UInt8]) -> EncodedForm {
        let seconds = date.timeIntervalSinceReferenceDate + PostgresEpoch.secondsToReferenceDate
        let scaled = (seconds * PostgresEpoch.microsecondsPerSecond).rounded()
        guard PostgresEpoch.range.contains(scaled), let microseconds = Int64(exactly: scaled) else {
            return .unsuitable("lies outside the range of timestamps")
        }
        switch type {
        case PostgresTypeID.timestamptz, PostgresTypeID.timestamp:
            bytes.append(bigEndian: microseconds)
        case PostgresTypeID.date:
            let day = PostgresEpoch.microsecondsPerDay
            let whole = microseconds / day - (microseconds % day < 0 ? 1 : 0)
            bytes.append(bigEndian: Int32(truncatingIfNeeded: whole))
        default:
            return .unsuitable("is a timestamp, but the server expects another type; add a cast")
        }
        return .binary
    }

    static func encode(_ uuid: UUID, as type: UInt32, into bytes: inout [UInt8]) -> EncodedForm {
        guard type == PostgresTypeID.uuid else {
            bytes.append(contentsOf: uuid.uuidString.lowercased().utf8)
            return .text
        }
        unsafe withUnsafeBytes(of: uuid.uuid) { unsafe bytes.append(contentsOf: $0) }
        return .binary
    }

    /// The only version of `jsonb`'s binary form.
    static let jsonbVersion: UInt8 = 1
}

extension [UInt8] {
    /// Network byte order, as everywhere in the wire protocol.
    mutating func append(bigEndian value: some FixedWidthInteger) {
        var shift = value.bitWidth - 8
        while shift >= 0 {
            append(UInt8(truncatingIfNeeded: value >> shift))
            shift -= 8
        }
    }
}
