import Testing

@testable import Postgres

@Suite struct StatementCacheTests {
    @Test func `the least recently used statements make room, except those about to run`() {
        var cache = StatementCache(capacity: 3)
        for sql in ["a", "b", "c"] {
            cache.insert(sql, StatementCache.Prepared(name: cache.newName(), parameterTypes: []))
        }
        _ = cache.find("b")
        let first = cache.makeRoom(for: 1, keeping: ["a"])
        #expect(first == ["s3"])
        #expect(cache.contains("a") && cache.contains("b") && !cache.contains("c"))
        let later = [cache.makeRoom(for: 1, keeping: []), cache.makeRoom(for: 3, keeping: [])]
        #expect(later == [[], ["s1", "s2"]])
    }
}
