import Foundation

/// The encoded parameters of a batch of statements, in one growing block that is reused.
struct ParameterBuffer {
    struct Entry {
        var offset: Int
        /// Nil for NULL.
        var length: Int?
        var isBinary: Bool
    }

    private(set) var bytes: [UInt8] = []
    private(set) var entries: [Entry] = []

    mutating func removeAll() {
        // A rare giant document must not be held for the life of the connection.
        bytes.removeAll(keepingCapacity: bytes.capacity <= 1 << 20)
        entries.removeAll(keepingCapacity: true)
    }

    /// Encodes one value as the type that the server inferred for its placeholder.
    ///
    /// - Throws: ``PostgresError/encoding(_:)`` naming the placeholder, never the value.
    mutating func append(
        _ value: PostgresValue, as type: UInt32, placeholder: Int
    ) throws(PostgresError) {
        let offset = bytes.count
        switch value.encode(as: type, into: &bytes) {
        case .null:
            entries.append(Entry(offset: offset, length: nil, isBinary: false))
        case .binary:
            entries.append(Entry(offset: offset, length: bytes.count - offset, isBinary: true))
        case .text:
            // libpq reads text parameters up to their NUL, so one inside would silently cut the value.
            guard !bytes[offset...].contains(0) else {
                throw .encoding("$\(placeholder) contains a NUL character")
            }
            entries.append(Entry(offset: offset, length: bytes.count - offset, isBinary: false))
            bytes.append(0)
        case .unsuitable(let reason):
            throw .encoding("$\(placeholder) \(reason)")
        }
        // An empty value at the very end still needs an address inside the block.
        if bytes.count == offset { bytes.append(0) }
    }
}
