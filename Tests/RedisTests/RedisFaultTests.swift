import EmbeddedStack
import Foundation
import Redis
import Testing

@Suite struct RedisFaultTests {
    @Test func `nothing listening fails at once as unavailable`() async throws {
        let client = RedisClient(configuration: try RedisConfiguration(uri: "unix:///tmp/no-such-socket"))
        for _ in 0..<3 {
            let error = await #expect(throws: RedisError.self) { try await client.send(RedisCommand("PING")) }
            guard case .unavailable(let reason) = error else {
                Issue.record("unexpected \(String(describing: error))")
                return
            }
            #expect(reason.contains("/tmp/no-such-socket"))
            #expect(error?.mayHaveTakenEffect == false)
        }
        await client.close()
    }

    @Test func `a client works again after the server was killed and restarted`() async throws {
        try await withClient { client, server async throws in
            for round in 1...3 {
                #expect(try await client.send(RedisCommand("ECHO", "a")).string == "a")
                await server.kill(signal: SIGKILL)
                let error = await #expect(throws: RedisError.self) {
                    // The first call may still meet the dying socket.
                    _ = try? await client.send(RedisCommand("PING"))
                    _ = try await client.send(RedisCommand("PING"))
                }
                #expect(error?.isTransient == true)
                try await server.startAgain()
                #expect(await client.recovers())
                #expect(client.statistics.connectionsOpened == round + 1)
            }
        }
    }

    @Test func `callers in full flight all get an answer when the server is killed`() async throws {
        try await withClient { client, server async throws in
            let outcomes = await withTaskGroup(of: (Int, Int).self) { group in
                for _ in 0..<100 {
                    group.addTask {
                        var (answered, failed) = (0, 0)
                        while failed == 0 {
                            do throws(RedisError) {
                                _ = try await client.send(RedisCommand("INCR", "n"))
                                answered += 1
                            } catch {
                                #expect(error.isTransient)
                                failed += 1
                            }
                        }
                        return (answered, failed)
                    }
                }
                _ = await eventually { client.statistics.repliesReceived > 2000 }
                await server.kill(signal: SIGKILL)
                return await group.reduce(into: (0, 0)) { sum, next in sum = (sum.0 + next.0, sum.1 + next.1)
                }
            }
            #expect(outcomes.0 > 0)
            #expect(outcomes.1 == 100)
            #expect(await eventually { client.statistics.pendingCommands == 0 })
            try await server.startAgain()
            #expect(await client.recovers())
        }
    }

    @Test func `a stopped server costs a bounded wait, and work goes on when it continues`() async throws {
        try await withClient(connectTimeout: .milliseconds(300), commandTimeout: .milliseconds(300)) {
            client, server in
            #expect(await client.recovers())
            await server.freeze()
            let error = await #expect(throws: RedisError.self) {
                try await client.send(RedisCommand("INCR", "n"))
            }
            #expect(error?.mayHaveTakenEffect == true)
            #expect(error?.isTransient == true)
            // The next attempts to connect meet the same silence; then calls fail without waiting.
            #expect(
                await eventually {
                    do throws(RedisError) {
                        _ = try await client.send(RedisCommand("PING"))
                        return false
                    } catch {
                        guard case .unavailable = error else { return false }
                        return true
                    }
                })
            try await Task.sleep(for: .seconds(2))
            await server.thaw()
            #expect(await client.recovers())
            #expect(client.statistics.timedOutCalls >= 1)
        }
    }

    @Test func `a caller's own short limit does not cost the others the connection`() async throws {
        try await withClient { client, server async throws in
            _ = try await client.send(RedisCommand("PING"))
            await server.freeze()
            let patient = Task { try await client.send(RedisCommand("ECHO", "late")) }
            #expect(await eventually { client.statistics.commandsSent == 2 })
            await #expect(throws: RedisError.timedOut(after: .milliseconds(50), sent: true)) {
                try await client.send(RedisCommand("ECHO", "never"), timeout: .milliseconds(50))
            }
            await server.thaw()
            #expect(try await patient.value.string == "late")
            #expect(try await client.send(RedisCommand("ECHO", "next")).string == "next")
            #expect(client.statistics.connectionsOpened == 1)
        }
    }

    @Test func `a cancelled caller leaves at once and shifts nobody's answer`() async throws {
        try await withClient { client, server async throws in
            _ = try await client.send(RedisCommand("PING"))
            await server.freeze()
            let leaving = Task { () async -> RedisError? in
                do throws(RedisError) { _ = try await client.send(RedisCommand("ECHO", "a")) } catch {
                    return error
                }
                return nil
            }
            #expect(await eventually { client.statistics.commandsSent == 2 })
            let staying = Task { try await client.send(RedisCommand("ECHO", "b")) }
            #expect(await eventually { client.statistics.commandsSent == 3 })
            leaving.cancel()
            #expect(await leaving.value == .cancelled(sent: true))
            await server.thaw()
            #expect(try await staying.value.string == "b")
        }
    }

    @Test func `more than the client holds is refused before it is sent`() async throws {
        try await withServer { server async throws in
            var configuration = try RedisConfiguration(uri: server.uri)
            configuration.maximumPendingCommands = 10
            let client = RedisClient(configuration: configuration)
            _ = try await client.send(RedisCommand("PING"))
            await server.freeze()
            let first = Task {
                try await client.pipeline(Array(repeating: RedisCommand("PING"), count: 10))
            }
            #expect(await eventually { client.statistics.pendingCommands == 10 })
            await #expect(throws: RedisError.overloaded(pendingCommands: 10)) {
                try await client.send(RedisCommand("PING"))
            }
            await server.thaw()
            #expect(try await first.value.count == 10)
            #expect(await eventually { client.statistics.pendingCommands == 0 })
            #expect(try await client.send(RedisCommand("PING")) == .simple("PONG"))
            await client.close()
        }
    }

    @Test func `a connection that the server closed is opened again`() async throws {
        try await withClient { client, server async throws in
            _ = try await client.send(RedisCommand("PING"))
            _ = try await client.send(RedisCommand("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no"))
            #expect(await client.recovers())
        }
    }

    @Test func `failed attempts leave no descriptor behind`() async throws {
        try await withServer(settings: ["requirepass": "x"]) { server async throws in
            let client = RedisClient(configuration: try RedisConfiguration(uri: server.uri))
            _ = try? await client.send(RedisCommand("PING"))
            #expect(await eventually { client.statistics.failedConnects >= 6 })
            await client.close()
            let path = server.uri.dropFirst("unix://".count)
            // The server's side of a socket that was closed is gone as well.
            let open = try String(contentsOfFile: "/proc/net/unix", encoding: .utf8)
                .split(separator: "\n").filter { $0.hasSuffix(path) }
            #expect(open.count <= 1)
        }
    }
}
