import Testing

@testable import Redis

@Suite struct RedisValueTests {
    @Test(arguments: [
        ("NOAUTH Authentication required.", RedisRejection.notPermitted, false),
        ("WRONGPASS invalid username-password pair or user is disabled.", .notPermitted, false),
        ("LOADING Redis is loading the dataset in memory", .loading, true),
        ("READONLY You can't write against a read only replica.", .readOnly, true),
        ("OOM command not allowed when used memory > 'maxmemory'.", .outOfMemory, true),
        ("MISCONF Errors writing to the AOF file: No space left on device", .cannotPersist, true),
        ("BUSY Redis is busy running a script.", .busy, true),
        ("MASTERDOWN Link with MASTER is down", .notReady, true),
        ("NOSCRIPT No matching script. Please use EVAL.", .unknownScript, false),
        ("NOGROUP No such key 's' or consumer group 'g'", .unknownGroup, false),
        ("UNBLOCKED the stream key no longer exists", .unknownGroup, false),
        ("BUSYGROUP Consumer Group name already exists", .groupExists, false),
        ("WRONGTYPE Operation against a key holding the wrong kind of value", .wrongType, false),
        ("EXECABORT Transaction discarded because of previous errors.", .transactionAborted, false),
        ("ERR syntax error", .other, false),
    ])
    func `a refusal is recognised by its code`(message: String, kind: RedisRejection, isTransient: Bool) {
        let error = RedisError.refused(message)
        #expect(error.rejection == kind)
        #expect(error.isTransient == isTransient)
        #expect(error.mayHaveTakenEffect == (kind == .other))
    }

    @Test func `a failure says whether something may have happened`() {
        #expect(!RedisError.unavailable(reason: "").mayHaveTakenEffect)
        #expect(!RedisError.timedOut(after: .seconds(1), sent: false).mayHaveTakenEffect)
        #expect(RedisError.timedOut(after: .seconds(1), sent: true).mayHaveTakenEffect)
        #expect(RedisError.disconnected(reason: "").mayHaveTakenEffect)
        #expect(RedisError.refused("WRONGTYPE x script: abc, on @user_script:1.").mayHaveTakenEffect)
    }

    @Test func `text and numbers are read from where they stand`() {
        #expect(RedisValue.bulk(Array("12".utf8)).integer == 12)
        #expect(RedisValue.bulk(Array("x".utf8)).integer == nil)
        #expect(RedisValue.bulk([0xff]).string == nil)
        #expect(RedisValue.bulk([0xff]).bytes == [0xff])
        #expect(RedisValue.simple("OK").isOK)
        #expect(RedisValue.null.isNull && RedisValue.null.string == nil)
    }

    @Test func `words of a command keep their bounds`() {
        let command = RedisCommand("set", arguments: ["", RedisArgument([0, 13, 10]), 7])
        #expect(command.name == "SET")
        #expect(command.wordCount == 4)
        #expect(command == RedisCommand("set", "", "\0\r\n", "7"))
        #expect(RedisCommand([]).wordCount == 1)
    }

    @Test func `a claimed entry that was deleted has no fields, a missing one is left out`() throws {
        func entry(_ id: String, _ words: RedisValue) -> RedisValue {
            .array([.bulk(Array(id.utf8)), words])
        }
        let reply = RedisValue.array([
            entry("1-1", .array([.bulk([97]), .bulk([98])])), .null, entry("1-2", .null),
        ])
        let entries = try #require(RedisStreamEntry.entries(of: "s", in: reply))
        #expect(entries.map(\.id) == ["1-1", "1-2"])
        #expect(entries.map(\.fields) == [["a", "b"], []])
        #expect(entries[1]["a"] == nil)
    }

    @Test(arguments: [
        RedisValue.integer(1), .array([.integer(1)]), .array([.array([.bulk([115])])]),
        .array([.array([.bulk([115]), .array([.array([.bulk([49]), .array([.integer(1)])])])])]),
    ])
    func `a reply that is no list of entries is not taken for one`(reply: RedisValue) {
        #expect(RedisStreamEntry.entries(inRead: reply) == nil)
    }
}
