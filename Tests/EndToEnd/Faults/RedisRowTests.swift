import EmbeddedStack
import Foundation
import Redis
import Testing

/// What can befall Redis, from a moment's silence to the loss of everything.
@Suite(.serialized, .enabled(if: FaultRow.isWanted))
struct RedisRowTests {
    @Test func `streams, groups, consumers and scripts vanish one after the other`() async throws {
        try await FaultRange.run { range in
            var row = try await FaultRow("redis-losses", range)
            for stage in ["transcribe", "coach", "deliver"] {
                let stream = "speech:\(stage)"
                try await row.send(3)
                try? await range.redis(["XGROUP", "DESTROY", stream, "workers"])
                try await row.send(2)
                try? await range.redis(["XTRIM", stream, "MAXLEN", "0"])
                try await row.send(2)
                try? await range.deleteConsumers(of: stream)
                try await row.send(2)
                try await range.redis(["SCRIPT", "FLUSH"])
                try await row.send(2)
                try await range.redis(["FLUSHALL"])
            }
            try await row.judge()
        }
    }

    @Test func `Redis is killed and comes back empty, truncated and out of date`() async throws {
        try await FaultRange.run(plan: { $0.redisIsDurable = true }) { range in
            var row = try await FaultRow("redis-restarts", range)
            let data = range.coach.directory.appending(path: "redis")
            try await row.send(4)
            try await Task.sleep(for: .seconds(1))
            let old = try Self.appendOnlyFiles(data).map { ($0, try Data(contentsOf: $0)) }
            await range.coach.redis.kill(signal: SIGKILL)
            try await row.send(3)
            // The end of the append-only file is torn off in the middle of a command.
            for file in try Self.appendOnlyFiles(data) {
                let handle = try FileHandle(forWritingTo: file)
                try handle.truncate(atOffset: max(0, try handle.seekToEnd() / 2))
                try handle.close()
            }
            try await range.coach.redis.startAgain()
            try await row.send(4)

            // As it was some time ago: hints of jobs that are long done come again.
            await range.coach.redis.kill(signal: SIGKILL)
            for (file, content) in old { try content.write(to: file) }
            try await range.coach.redis.startAgain()
            try await row.send(4)

            await range.coach.redis.kill(signal: SIGKILL)
            for file in try Self.appendOnlyFiles(data) { try Data().write(to: file) }
            try await range.coach.redis.startAgain()
            try await row.send(3)
            try await row.judge()
        }
    }

    private static func appendOnlyFiles(_ directory: URL) throws -> [URL] {
        let found =
            FileManager.default.enumerator(at: directory, includingPropertiesForKeys: nil)?
            .compactMap { $0 as? URL }.filter { $0.lastPathComponent.hasSuffix(".incr.aof") } ?? []
        guard !found.isEmpty else {
            throw NeverHappened(description: "no append-only file in \(directory.path)")
        }
        return found
    }

    @Test func `a Redis that is frozen for a minute holds up no update`() async throws {
        try await FaultRange.run { range in
            var row = try await FaultRow("redis-frozen-60s", range)
            await range.coach.redis.freeze()
            let begun = ContinuousClock.now
            try await row.send(6)
            let count = row.sent.count
            try await eventually("every update is in the ledger", within: .seconds(50)) {
                try await range.coach.ledger.count("voice_messages") == count
            }
            try await Task.sleep(until: begun + .seconds(60))
            await range.coach.redis.thaw()
            try await row.judge()
        }
    }

    @Test func `a Redis that is full, and one that has become a replica, take no hints`() async throws {
        try await FaultRange.run { range in
            var row = try await FaultRow("redis-full-and-read-only", range)
            try await range.redis(["CONFIG", "SET", "maxmemory", "1"])
            try await row.send(5, every: .seconds(1))
            try await range.redis(["CONFIG", "SET", "maxmemory", "0"])
            try await row.send(3)
            // Nobody listens there: a replica whose master is lost keeps its data and refuses writes.
            try await range.redis(["REPLICAOF", "127.0.0.1", "1"])
            try await row.send(5, every: .seconds(1))
            try await range.redis(["REPLICAOF", "NO", "ONE"])
            try await row.judge()
        }
    }
}

extension FaultRange {
    /// As somebody does who tidies up by hand: with what was pending.
    fileprivate func deleteConsumers(of stream: String) async throws {
        let client = RedisClient(configuration: try RedisConfiguration(uri: coach.redisURI))
        let answer = try await client.send(RedisCommand("XINFO", "CONSUMERS", stream, "workers"))
        await client.close()
        guard case .array(let consumers) = answer else { return }
        for case .array(let fields) in consumers {
            guard fields.count > 1, let name = fields[1].string else { continue }
            try await redis(["XGROUP", "DELCONSUMER", stream, "workers", name])
        }
    }
}
