import EmbeddedStack
import Foundation
import Redis
import Testing

@Suite struct RedisClientTests {
    @Test func `values come back as they were stored, whatever their bytes`() async throws {
        try await withClient { client, _ async throws in
            let everyByte = (0...255).map(UInt8.init)
            for bytes in [
                everyByte, [], [0], Array("\r\n$-1\r\n".utf8), [UInt8](repeating: 7, count: 300_000),
            ] {
                let set = RedisCommand("SET", arguments: ["key", RedisArgument(bytes)])
                #expect(try await client.send(set) == .simple("OK"))
                #expect(try await client.send(RedisCommand("GET", "key")) == .bulk(bytes))
            }
        }
    }

    @Test func `replies of every kind are told apart`() async throws {
        try await withClient { client, _ async throws in
            #expect(try await client.send(RedisCommand("GET", "missing")) == .null)
            #expect(try await client.send(RedisCommand("INCRBY", "n", "41")) == .integer(41))
            #expect(try await client.send(RedisCommand("GET", "n")).integer == 41)
            #expect(try await client.send(RedisCommand("RPUSH", "l", "a", "b")) == .integer(2))
            #expect(
                try await client.send(RedisCommand("LRANGE", "l", "0", "-1"))
                    == .array([.bulk([97]), .bulk([98])]))
            let nested = RedisScript("return {1, {2, {3, {'x', false}}}, redis.status_reply('fine')}")
            #expect(
                try await client.evaluate(script: nested)
                    == .array([
                        .integer(1),
                        .array([.integer(2), .array([.integer(3), .array([.bulk([120]), .null])])]),
                        .simple("fine"),
                    ]))
        }
    }

    @Test func `each of many concurrent callers gets its own answers in order`() async throws {
        try await withClient { client, _ async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for caller in 0..<200 {
                    group.addTask {
                        for step in 0..<50 {
                            let text = "\(caller)/\(step)"
                            #expect(try await client.send(RedisCommand("ECHO", text)).string == text)
                            let both = try await client.pipeline([
                                RedisCommand("SET", "k\(caller)", text), RedisCommand("GET", "k\(caller)"),
                            ])
                            #expect(both == [.simple("OK"), .bulk(Array(text.utf8))])
                        }
                    }
                }
                try await group.waitForAll()
            }
            // Counts are shown before the thread sleeps, a moment after the callers went on.
            #expect(await eventually { client.statistics.repliesReceived == 30_000 })
            let statistics = client.statistics
            #expect(statistics.commandsSent == 30_000)
            // Commands of concurrent callers share writes.
            #expect(statistics.flushes < 15_000)
            #expect(statistics.connectionsOpened == 1)
        }
    }

    @Test func `a refused command in a pipeline leaves the others alone`() async throws {
        try await withClient { client, _ async throws in
            let replies = try await client.pipeline([
                RedisCommand("SET", "text", "x"), RedisCommand("INCR", "text"), RedisCommand("GET", "text"),
            ])
            #expect(replies[0].isOK)
            #expect(replies[1].rejection?.rejection == .other)
            #expect(replies[2].string == "x")
            #expect(try await client.pipeline([]) == [])
        }
    }

    @Test func `a transaction runs as one`() async throws {
        try await withClient { client, _ async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        let replies = try await client.transaction([
                            RedisCommand("INCR", "n"), RedisCommand("GET", "n"),
                        ])
                        #expect(replies[0].integer == replies[1].integer)
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await client.send(RedisCommand("GET", "n")).string == "50")
        }
    }

    @Test func `a transaction with a refused command does nothing`() async throws {
        try await withClient { client, _ async throws in
            let error = await #expect(throws: RedisError.self) {
                try await client.transaction([
                    RedisCommand("SET", "a", "1"), RedisCommand("NOSUCH", "secret"),
                ])
            }
            #expect(error?.rejection == .transactionAborted)
            #expect(error?.mayHaveTakenEffect == false)
            #expect(try await client.send(RedisCommand("EXISTS", "a")) == .integer(0))
        }
    }

    @Test func `refusals do not repeat the arguments`() async throws {
        try await withClient { client, _ async throws in
            let error = await #expect(throws: RedisError.self) {
                try await client.send(RedisCommand("NOSUCH", "secret"))
            }
            #expect("\(String(describing: error))".contains("secret") == false)
            #expect(error?.isTransient == false)
        }
    }

    @Test(arguments: [
        RedisCommand("subscribe", "c"), RedisCommand("MULTI"), RedisCommand("BLPOP", "l", "0"),
        RedisCommand("XREADGROUP", "GROUP", "g", "c", "block", "0", "STREAMS", "s", ">"),
        RedisCommand("CLIENT", "reply", "OFF"), RedisCommand("SELECT", "1"),
    ])
    func `commands that would harm other callers are not sent`(command: RedisCommand) async throws {
        try await withClient { client, _ async throws in
            await #expect(throws: RedisError.unshareable(command: command.name)) {
                try await client.send(command)
            }
            #expect(client.statistics.commandsSent == 0)
        }
    }

    @Test func `a script survives a script flush`() async throws {
        try await withClient { client, _ async throws in
            let add = RedisScript("return redis.call('INCRBY', KEYS[1], ARGV[1])")
            #expect(try await client.evaluate(script: add, keys: ["n"], arguments: ["2"]) == .integer(2))
            #expect(try await client.evaluate(script: add, keys: ["n"], arguments: ["2"]) == .integer(4))
            _ = try await client.send(RedisCommand("SCRIPT", "FLUSH"))
            #expect(try await client.evaluate(script: add, keys: ["n"], arguments: ["2"]) == .integer(6))
            let before = client.statistics.commandsSent
            #expect(try await client.evaluate(script: add, keys: ["n"], arguments: ["2"]) == .integer(8))
            #expect(client.statistics.commandsSent == before + 1)

            let broken = RedisScript(
                "redis.call('SET', KEYS[2], 'written'); return redis.call('LPUSH', KEYS[1], 'x')")
            let error = await #expect(throws: RedisError.self) {
                try await client.evaluate(script: broken, keys: ["n", "m"])
            }
            #expect(error?.rejection == .wrongType)
            #expect(error?.mayHaveTakenEffect == true)
            #expect(try await client.send(RedisCommand("GET", "m")).string == "written")
        }
    }

    @Test func `databases, passwords and TCP work`() async throws {
        try await withServer(listening: .loopbackToo, settings: ["requirepass": "p@ss/w:rd"]) {
            server async throws in
            let port = try #require(server.loopbackPort)
            for uri in [
                "redis://:p%40ss%2Fw%3Ard@127.0.0.1:\(port)/3",
                "redis://default:p%40ss%2Fw%3Ard@localhost:\(port)/3",
                "\(server.uri.replacing("unix://", with: "unix://:p%40ss%2Fw%3Ard@"))?db=3",
            ] {
                let client = RedisClient(configuration: try RedisConfiguration(uri: uri))
                #expect(try await client.send(RedisCommand("INCR", "n")).integer != nil)
                #expect(
                    try await client.send(RedisCommand("CLIENT", "INFO")).string?.contains(" db=3 ") == true)
                await client.close()
            }
            for uri in ["redis://127.0.0.1:\(port)", "redis://:wrong@127.0.0.1:\(port)"] {
                let client = RedisClient(configuration: try RedisConfiguration(uri: uri))
                let error = await #expect(throws: RedisError.self) {
                    try await client.send(RedisCommand("PING"))
                }
                #expect(error?.rejection == .notPermitted)
                #expect(error?.isTransient == false)
                await client.close()
            }
        }
    }

    @Test func `a full server is told apart from a broken one`() async throws {
        try await withClient { client, _ async throws in
            _ = try await client.send(RedisCommand("CONFIG", "SET", "maxmemory", "1"))
            let error = await #expect(throws: RedisError.self) {
                try await client.send(RedisCommand("SET", "a", "1"))
            }
            #expect(error?.rejection == .outOfMemory)
            #expect(error?.isTransient == true)
            #expect(error?.mayHaveTakenEffect == false)
        }
    }

    @Test func `a reply beyond the limit costs the connection, not the memory`() async throws {
        try await withServer { server async throws in
            var configuration = try RedisConfiguration(uri: server.uri)
            configuration.maximumReplyBytes = 100_000
            let client = RedisClient(configuration: configuration)
            let huge = RedisScript("return string.rep('x', 10000000)")
            let error = await #expect(throws: RedisError.self) { try await client.evaluate(script: huge) }
            guard case .protocolViolation = error else {
                Issue.record("unexpected \(String(describing: error))")
                return
            }
            #expect(await client.recovers())
            await client.close()
        }
    }

    @Test func `a closed client refuses, and closing answers everybody`() async throws {
        try await withClient { client, server async throws in
            _ = try await client.send(RedisCommand("PING"))
            await server.freeze()
            let waiting = Task { () async -> RedisError? in
                do throws(RedisError) { _ = try await client.send(RedisCommand("PING")) } catch {
                    return error
                }
                return nil
            }
            #expect(await eventually { client.statistics.commandsSent == 2 })
            await client.close()
            #expect(await waiting.value?.mayHaveTakenEffect == true)
            await #expect(throws: RedisError.closed) { try await client.send(RedisCommand("PING")) }
            await server.thaw()
        }
    }
}
