/// One entry of a stream.
package struct RedisStreamEntry: Sendable, Equatable {
    package let stream: String
    /// Milliseconds and sequence number, as in `1700000000000-0`.
    package let id: String
    /// Names and values in turn; empty when the entry was deleted while it was pending.
    package let words: [[UInt8]]

    /// Names and values in turn, as text.
    package var fields: [String] { words.map { String(decoding: $0, as: UTF8.self) } }

    /// The value of a field; the first one's when a name occurs twice.
    package subscript(name: String) -> [UInt8]? {
        let name = Array(name.utf8)
        return stride(from: 0, to: words.count - 1, by: 2).first { words[$0] == name }.map { words[$0 + 1] }
    }

    /// Reads a list of entries as `XRANGE`, `XCLAIM` and the second part of `XAUTOCLAIM` answer it.
    ///
    /// - Returns: `nil` when the reply is no such list.
    package static func entries(of stream: String, in reply: RedisValue) -> [RedisStreamEntry]? {
        guard let elements = reply.array else { return reply.isNull ? [] : nil }
        var entries: [RedisStreamEntry] = []
        for element in elements where !element.isNull {
            guard let pair = element.array, pair.count == 2, let id = pair[0].string else { return nil }
            let words = pair[1].array ?? []
            let bytes = words.compactMap(\.bytes)
            guard bytes.count == words.count else { return nil }
            entries.append(RedisStreamEntry(stream: stream, id: id, words: bytes))
        }
        return entries
    }

    /// Reads the answer of `XREAD` and `XREADGROUP`: pairs of stream and entries, nothing when none came.
    package static func entries(inRead reply: RedisValue) -> [RedisStreamEntry]? {
        guard let streams = reply.array else { return reply.isNull ? [] : nil }
        var entries: [RedisStreamEntry] = []
        for stream in streams {
            guard let pair = stream.array, pair.count == 2, let name = pair[0].string,
                let found = Self.entries(of: name, in: pair[1])
            else { return nil }
            entries += found
        }
        return entries
    }
}
