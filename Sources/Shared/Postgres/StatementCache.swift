/// The statements that one connection has prepared, with the parameter types the server inferred.
struct StatementCache {
    struct Prepared {
        /// The server-side name, NUL-terminated.
        let name: [CChar]
        let parameterTypes: [UInt32]
        fileprivate var lastUse: UInt64 = 0

        init(name: [CChar], parameterTypes: [UInt32]) {
            self.name = name
            self.parameterTypes = parameterTypes
        }
    }

    private let capacity: Int
    private var prepared: [String: Prepared] = [:]
    private var clock: UInt64 = 0
    private var named: UInt64 = 0

    init(capacity: Int = 256) { self.capacity = capacity }

    mutating func find(_ sql: String) -> Prepared? {
        guard let index = prepared.index(forKey: sql) else { return nil }
        clock += 1
        prepared.values[index].lastUse = clock
        return prepared.values[index]
    }

    func contains(_ sql: String) -> Bool { prepared[sql] != nil }

    /// A name that this connection has not used; a name lost to a failure is never met again.
    mutating func newName() -> [CChar] {
        named += 1
        return Array("s\(named)".utf8CString)
    }

    mutating func insert(_ sql: String, _ statement: Prepared) {
        clock += 1
        var statement = statement
        statement.lastUse = clock
        prepared[sql] = statement
    }

    mutating func remove(_ sql: String) { prepared[sql] = nil }

    /// Forgets the least recently used statements until `count` more fit, and returns their names for
    /// `DEALLOCATE`. Statements in `keep` stay, even if that overfills the cache for a while.
    mutating func makeRoom(for count: Int, keeping keep: Set<String>) -> [String] {
        var evicted: [String] = []
        let surplus = prepared.count + count - capacity
        guard surplus > 0 else { return [] }
        let oldest = prepared.filter { !keep.contains($0.key) }.sorted { $0.value.lastUse < $1.value.lastUse }
        for (sql, statement) in oldest.prefix(surplus) {
            prepared[sql] = nil
            evicted.append(
                String(decoding: statement.name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
        }
        return evicted
    }
}
