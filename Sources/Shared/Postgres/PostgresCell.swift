import Foundation

/// One value of a row in PostgreSQL's binary format, or one element of an array in it.
@safe package struct PostgresCell {
    /// Keeps `bytes` alive.
    let storage: ResultStorage
    let typeID: UInt32
    let bytes: UnsafeRawBufferPointer?

    package var isNull: Bool { unsafe bytes == nil }

    /// The bytes of a value that must not be NULL.
    private func content() throws(PostgresError) -> UnsafeRawBufferPointer {
        guard let bytes = unsafe bytes else { throw .decoding("is NULL") }
        return unsafe bytes
    }

    func mismatch(_ wanted: String) -> PostgresError { .decoding("type \(typeID) is not \(wanted)") }

    /// `smallint`, `integer`, `bigint`, `oid`, or a `numeric` without a fraction (as `sum` returns).
    func integer() throws(PostgresError) -> Int64 {
        let content = try unsafe content()
        switch typeID {
        case PostgresTypeID.int8: return try unsafe content.bigEndian(Int64.self)
        case PostgresTypeID.int4: return try unsafe Int64(content.bigEndian(Int32.self))
        case PostgresTypeID.int2: return try unsafe Int64(content.bigEndian(Int16.self))
        case PostgresTypeID.oid: return try unsafe Int64(content.bigEndian(UInt32.self))
        case PostgresTypeID.numeric:
            guard let value = try unsafe PostgresNumeric(content).integer else {
                throw .decoding("numeric is not a 64-bit integer")
            }
            return value
        default: throw mismatch("an integer")
        }
    }

    /// Any number; integers and `numeric` are rounded to the nearest double.
    func double() throws(PostgresError) -> Double {
        let content = try unsafe content()
        switch typeID {
        case PostgresTypeID.float8: return try unsafe Double(bitPattern: content.bigEndian(UInt64.self))
        case PostgresTypeID.float4:
            return try unsafe Double(Float(bitPattern: content.bigEndian(UInt32.self)))
        case PostgresTypeID.numeric: return try unsafe PostgresNumeric(content).double
        default: return Double(try integer())
        }
    }

    func boolean() throws(PostgresError) -> Bool {
        let content = try unsafe content()
        guard typeID == PostgresTypeID.boolean else { throw mismatch("boolean") }
        return try unsafe content.bigEndian(UInt8.self) != 0
    }

    /// Text types, enum labels, JSON, `uuid` (lower case), and numbers as PostgreSQL prints them.
    func text() throws(PostgresError) -> String {
        let content = try unsafe content()
        switch typeID {
        case PostgresTypeID.jsonb: return try unsafe Self.utf8(jsonb(content))
        case PostgresTypeID.uuid: return try uuid().uuidString.lowercased()
        case PostgresTypeID.numeric: return try unsafe PostgresNumeric(content).text
        case PostgresTypeID.int8, PostgresTypeID.int4, PostgresTypeID.int2, PostgresTypeID.oid:
            return String(try integer())
        case let id where PostgresTypeID.isTextual(id): return try unsafe Self.utf8(content)
        default: throw mismatch("text; cast it with ::text")
        }
    }

    /// `timestamptz`, `timestamp` and `date`, the latter two read as UTC.
    func date() throws(PostgresError) -> Date {
        let content = try unsafe content()
        let microseconds: Int64
        switch typeID {
        case PostgresTypeID.timestamptz, PostgresTypeID.timestamp:
            microseconds = try unsafe content.bigEndian(Int64.self)
            guard microseconds != .max, microseconds != .min else { throw .decoding("timestamp is infinite") }
        case PostgresTypeID.date:
            let days = try unsafe content.bigEndian(Int32.self)
            guard days != .max, days != .min else { throw .decoding("date is infinite") }
            microseconds = Int64(days) * PostgresEpoch.microsecondsPerDay
        default: throw mismatch("a timestamp")
        }
        let seconds = Double(microseconds) / PostgresEpoch.microsecondsPerSecond
        return Date(timeIntervalSinceReferenceDate: seconds - PostgresEpoch.secondsToReferenceDate)
    }

    /// An interval of days and smaller units; a day counts 24 hours.
    func interval() throws(PostgresError) -> Duration {
        let content = try unsafe content()
        guard typeID == PostgresTypeID.interval, content.count == 16 else { throw mismatch("an interval") }
        let microseconds = try unsafe UnsafeRawBufferPointer(rebasing: content[0..<8]).bigEndian(Int64.self)
        let days = try unsafe UnsafeRawBufferPointer(rebasing: content[8..<12]).bigEndian(Int32.self)
        let months = try unsafe UnsafeRawBufferPointer(rebasing: content[12..<16]).bigEndian(Int32.self)
        guard months == 0 else { throw .decoding("interval of months has no fixed length") }
        return .microseconds(microseconds) + .seconds(Int64(days) * 86_400)
    }

    func uuid() throws(PostgresError) -> UUID {
        let content = try unsafe content()
        guard typeID == PostgresTypeID.uuid, content.count == 16 else { throw mismatch("uuid") }
        var raw = UUID().uuid
        unsafe withUnsafeMutableBytes(of: &raw) { unsafe $0.copyMemory(from: content) }
        return UUID(uuid: raw)
    }

    /// `bytea`, JSON or text as raw bytes.
    func data() throws(PostgresError) -> Data {
        let content = try unsafe content()
        switch typeID {
        case PostgresTypeID.bytea: return unsafe Data(content)
        case PostgresTypeID.jsonb: return try unsafe Data(jsonb(content))
        case let id where PostgresTypeID.isTextual(id): return unsafe Data(content)
        default: throw mismatch("bytea or JSON")
        }
    }

    /// The elements of a one-dimensional array.
    func elements<Element>(
        _ element: (PostgresCell) throws(PostgresError) -> Element
    ) throws(PostgresError) -> [Element] {
        let content = try unsafe content()
        var reader = unsafe BigEndianReader(content)
        let dimensions = try reader.next(Int32.self)
        _ = try reader.next(Int32.self)
        let elementType = try reader.next(UInt32.self)
        guard dimensions != 0 else { return [] }
        guard dimensions == 1 else { throw .decoding("array has \(dimensions) dimensions") }
        let count = try reader.next(Int32.self)
        _ = try reader.next(Int32.self)
        // Every element takes at least its four length bytes, which bounds a nonsensical count.
        guard count >= 0, Int(count) <= content.count / 4 else { throw .decoding("is not an array") }
        var list: [Element] = []
        list.reserveCapacity(Int(count))
        for _ in 0..<count {
            let length = try reader.next(Int32.self)
            let bytes = length < 0 ? nil : try unsafe reader.take(Int(length))
            list.append(try element(unsafe PostgresCell(storage: storage, typeID: elementType, bytes: bytes)))
        }
        return list
    }

    private func jsonb(_ content: UnsafeRawBufferPointer) throws(PostgresError) -> UnsafeRawBufferPointer {
        guard unsafe content.first == PostgresValue.jsonbVersion else {
            throw .decoding("jsonb of an unknown version")
        }
        return unsafe UnsafeRawBufferPointer(rebasing: content.dropFirst())
    }

    private static func utf8(_ content: UnsafeRawBufferPointer) throws(PostgresError) -> String {
        guard let text = unsafe String(validating: content, as: UTF8.self) else {
            throw .decoding("is not text; cast it with ::text")
        }
        return text
    }
}
