/// Reads integers in network byte order, refusing to read past the end.
@safe struct BigEndianReader {
    private var rest: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) { unsafe rest = unsafe bytes }

    mutating func next<Value: FixedWidthInteger>(_ type: Value.Type) throws(PostgresError) -> Value {
        let bytes = try unsafe take(Value.bitWidth / 8)
        return unsafe Value(bigEndian: bytes.loadUnaligned(as: Value.self))
    }

    mutating func take(_ count: Int) throws(PostgresError) -> UnsafeRawBufferPointer {
        guard unsafe count >= 0 && count <= rest.count else { throw .decoding("value is cut short") }
        let taken = unsafe UnsafeRawBufferPointer(rebasing: rest.prefix(count))
        unsafe rest = unsafe UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
        return unsafe taken
    }
}

extension UnsafeRawBufferPointer {
    /// The whole buffer as one integer; its length must match.
    func bigEndian<Value: FixedWidthInteger>(_ type: Value.Type) throws(PostgresError) -> Value {
        guard count == Value.bitWidth / 8 else {
            throw .decoding("\(count) bytes where \(Value.bitWidth / 8) belong")
        }
        return unsafe Value(bigEndian: loadUnaligned(as: Value.self))
    }
}
