import EmbeddedStack
import Foundation
import Redis
import Testing

@Suite struct RedisStreamReaderTests {
    private func withReader(
        commandTimeout: Duration = .seconds(30),
        _ body: (RedisStreamReader, RedisClient, PrivateRedis) async throws -> Void
    ) async throws {
        try await withClient { client, server async throws in
            let reader = RedisStreamReader(
                configuration: try RedisConfiguration(
                    uri: server.uri, connectTimeout: commandTimeout, commandTimeout: commandTimeout),
                streams: ["speech:a", "speech:b"], group: "workers", consumer: "one")
            try await body(reader, client, server)
            await reader.close()
        }
    }

    @Test func `entries added before the group existed are read`() async throws {
        try await withReader { reader, client, _ async throws in
            _ = try await client.send(RedisCommand("XADD", "speech:a", "5-1", "job", "7", "b", ""))
            let entries = try await reader.read(count: 10, block: .seconds(5))
            #expect(entries.map(\.id) == ["5-1"])
            #expect(entries.first?.stream == "speech:a")
            #expect(entries.first?.fields == ["job", "7", "b", ""])
            #expect(entries.first?["job"] == Array("7".utf8))
            #expect(entries.first?["missing"] == nil)
            #expect(reader.groupRecreations == 1)
            #expect(try await reader.read(count: 10, block: .milliseconds(20)) == [])
            #expect(try await reader.read(count: 10, block: .zero) == [])
        }
    }

    @Test func `a waiting reader gets an entry of either stream as it is added`() async throws {
        try await withReader { reader, client, _ async throws in
            for stream in ["speech:a", "speech:b"] {
                async let entries = reader.read(count: 10, block: .seconds(20))
                try await Task.sleep(for: .milliseconds(50))
                _ = try await client.send(RedisCommand("XADD", stream, "*", "job", "1"))
                #expect(try await entries.map(\.stream) == [stream])
            }
        }
    }

    @Test func `after a wipe the group is made anew and later entries are received`() async throws {
        try await withReader { reader, client, _ async throws in
            #expect(try await reader.read(count: 1, block: .milliseconds(10)) == [])
            for round in 1...3 {
                let waiting = Task { try await reader.read(count: 10, block: .seconds(20)) }
                #expect(await eventually { (try? await client.blockedClients()) == 1 })
                // The entry follows the wipe at once: it may be there before the group is.
                _ = try await client.pipeline([
                    RedisCommand("FLUSHALL"), RedisCommand("XADD", "speech:b", "*", "round", "\(round)"),
                ])
                #expect(try await waiting.value.first?.fields == ["round", "\(round)"])
                #expect(reader.groupRecreations == 1 + round)
            }
        }
    }

    @Test func `a destroyed group is made anew while nobody waits`() async throws {
        try await withReader { reader, client, _ async throws in
            #expect(try await reader.read(count: 1, block: .milliseconds(10)) == [])
            _ = try await client.send(RedisCommand("XGROUP", "DESTROY", "speech:a", "workers"))
            _ = try await client.send(RedisCommand("XADD", "speech:a", "*", "job", "1"))
            #expect(try await reader.read(count: 10, block: .seconds(20)).count == 1)
        }
    }

    @Test func `cancelling a waiting read returns and frees the server's side`() async throws {
        try await withReader { reader, client, _ async throws in
            #expect(try await reader.read(count: 1, block: .zero) == [])
            let waiting = Task { () async -> RedisError? in
                do throws(RedisError) { _ = try await reader.read(count: 1, block: .seconds(30)) } catch {
                    return error
                }
                return nil
            }
            #expect(await eventually { (try? await client.blockedClients()) == 1 })
            let started = ContinuousClock.now
            waiting.cancel()
            #expect(await waiting.value == .cancelled(sent: true))
            // Far below the thirty seconds of the wait.
            #expect(ContinuousClock.now - started < .seconds(10))
            #expect(await eventually { (try? await client.blockedClients()) == 0 })
            // And the reader is as good as new.
            _ = try await client.send(RedisCommand("XADD", "speech:a", "*", "job", "1"))
            #expect(try await reader.read(count: 1, block: .seconds(20)).count == 1)
        }
    }

    @Test func `a stopped server cannot hold a reader`() async throws {
        try await withReader(commandTimeout: .milliseconds(300)) { reader, client, server async throws in
            #expect(await eventually { (try? await reader.read(count: 1, block: .zero)) == [] })
            await server.freeze()
            let error = await #expect(throws: RedisError.self) {
                try await reader.read(count: 1, block: .milliseconds(200))
            }
            #expect(error?.isTransient == true)
            await server.thaw()
            _ = try await client.send(RedisCommand("XADD", "speech:a", "*", "job", "1"))
            #expect(
                await eventually { (try? await reader.read(count: 1, block: .milliseconds(200)).count) == 1 })
        }
    }

    @Test func `a reader waits for a server that restarts`() async throws {
        try await withReader { reader, client, server async throws in
            #expect(try await reader.read(count: 1, block: .zero) == [])
            await server.kill(signal: SIGKILL)
            let waiting = Task {
                // The first may meet the dying socket.
                if let entries = try? await reader.read(count: 1, block: .seconds(20)) { return entries }
                return try await reader.read(count: 1, block: .seconds(20))
            }
            try await server.startAgain()
            #expect(await client.recovers())
            _ = try await client.send(RedisCommand("XADD", "speech:b", "*", "job", "1"))
            #expect(try await waiting.value.count == 1)
        }
    }
}

extension RedisClient {
    fileprivate func blockedClients() async throws -> Int {
        let info = try await send(RedisCommand("INFO", "clients")).string ?? ""
        return info.split(separator: "\r\n").first { $0.hasPrefix("blocked_clients:") }
            .flatMap { Int($0.dropFirst("blocked_clients:".count)) } ?? 0
    }
}
