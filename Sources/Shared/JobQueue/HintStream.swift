package import CoachDomain
package import CoachStore
package import Redis

/// The Redis side of the queue: short-lived hints that say "job N may be ready".
///
/// A hint is never the truth. Losing all of them delays jobs by one sweep and nothing else; a duplicate finds
/// the job claimed and is dropped. An entry is acknowledged and deleted as soon as the ledger has been asked,
/// so a stream holds only what nobody has looked at and needs no trimming.
package struct HintStream: Sendable {
    package static let group = "workers"
    /// Present as long as Redis has not been emptied.
    static let generationKey = "speech:generation"

    let redis: RedisClient
    package let consumer: String

    /// - Parameter consumer: Unique per process start (host, process, boot nonce): a name that came back
    ///   would inherit entries that it never saw.
    package init(redis: RedisClient, consumer: String) {
        self.redis = redis
        self.consumer = consumer
    }

    /// Adds one entry per hint, in one round trip.
    ///
    /// After a failure some may have been added; the sweeper makes up for the rest.
    package func announce(_ hints: [JobHint]) async throws(RedisError) {
        guard !hints.isEmpty else { return }
        let replies = try await redis.pipeline(
            hints.map { RedisCommand("XADD", $0.stage.stream, "*", "job", $0.job.description) })
        for case .error(let message) in replies { throw .rejected(message: message) }
    }

    /// Drops entries whose jobs the ledger has answered for.
    package func settle(_ entries: [String], of stage: JobStage) async throws(RedisError) {
        guard !entries.isEmpty else { return }
        _ = try await redis.pipeline([
            RedisCommand(["XACK", stage.stream, Self.group] + entries),
            RedisCommand(["XDEL", stage.stream] + entries),
        ])
    }

    /// How many hints of a stage nobody has read.
    ///
    /// What was read and never settled is not counted: whoever read it may be dead. (The group's own `lag` is
    /// wrong after deletions, redis/redis#13957.)
    package func unread(of stage: JobStage) async throws(RedisError) -> Int {
        let replies = try await redis.pipeline([
            RedisCommand("XLEN", stage.stream), RedisCommand("XPENDING", stage.stream, Self.group),
        ])
        guard case .integer(let length) = replies[0] else { return 0 }
        guard case .array(let summary) = replies[1], case .integer(let pending)? = summary.first else {
            return Int(length)
        }
        return max(0, Int(length - pending))
    }

    /// Takes over hints that a dead worker read and never settled.
    func reclaim(_ stage: JobStage, idle: Duration, count: Int) async throws(RedisError) -> [Hint] {
        let reply = try await redis.send(
            RedisCommand(
                "XAUTOCLAIM", stage.stream, Self.group, consumer, String(Int(idle.inSeconds * 1000)), "0-0",
                "COUNT", String(count)))
        guard case .array(let parts) = reply, parts.count >= 2, case .array(let entries) = parts[1] else {
            return []
        }
        return entries.compactMap { entry in
            guard case .array(let pair) = entry, pair.count == 2, let id = pair[0].string else { return nil }
            guard case .array(let fields) = pair[1] else { return Hint(entry: id, job: nil) }
            return Hint(entry: id, job: Self.job(in: fields.compactMap(\.string)))
        }
    }

    /// Whether Redis was emptied since somebody last asked; only one asker in all processes is told so.
    package func wasEmptied() async throws(RedisError) -> Bool {
        let reply = try await redis.send(RedisCommand("SET", Self.generationKey, consumer, "NX"))
        if case .simple("OK") = reply { return true }
        return false
    }

    /// Forgets this consumer. What it read and never settled goes back to the end of the stream at once.
    package func leave(_ stage: JobStage) async throws(RedisError) {
        _ = try await redis.evaluate(
            script: Self.leaveScript, keys: [stage.stream], arguments: [Self.group, consumer])
    }

    /// KEYS[1] stream, ARGV[1] group, ARGV[2] consumer. Returns how many entries were given back.
    ///
    /// To remove a consumer with pending entries would lose them to the group, so they are added anew first.
    private static let leaveScript = RedisScript(
        """
        local pending = redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1000, ARGV[2])
        for _, item in ipairs(pending) do
            local entry = redis.call('XRANGE', KEYS[1], item[1], item[1])[1]
            if entry then redis.call('XADD', KEYS[1], '*', unpack(entry[2])) end
            redis.call('XACK', KEYS[1], ARGV[1], item[1])
            redis.call('XDEL', KEYS[1], item[1])
        end
        if #pending < 1000 then redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2]) end
        return #pending
        """)

    /// Forgets consumers of dead processes; one with pending entries is kept until those are reclaimed.
    ///
    /// A living consumer that is taken for dead loses nothing: its next read makes it anew.
    ///
    /// - Parameter silence: For how long they have taken nothing.
    /// - Returns: How many were forgotten.
    package func forgetDead(_ stage: JobStage, silence: Duration) async throws(RedisError) -> Int {
        guard
            case .integer(let count) = try await redis.evaluate(
                script: Self.forgetScript, keys: [stage.stream],
                arguments: [Self.group, String(Int(silence.inSeconds * 1000))])
        else { return 0 }
        return Int(count)
    }

    /// KEYS[1] stream, ARGV[1] group, ARGV[2] milliseconds. Returns how many consumers were removed.
    private static let forgetScript = RedisScript(
        """
        if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
        local found = redis.pcall('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])
        if found.err then return 0 end
        local removed = 0
        for _, fields in ipairs(found) do
            local consumer = {}
            for i = 1, #fields, 2 do consumer[fields[i]] = fields[i + 1] end
            if consumer.pending == 0 and consumer.idle >= tonumber(ARGV[2]) then
                redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], consumer.name)
                removed = removed + 1
            end
        end
        return removed
        """)

    /// One entry as read; `job` is `nil` when the entry is not one of ours.
    struct Hint: Sendable {
        var entry: String
        var job: JobID?
    }

    static func job(in fields: [String]) -> JobID? {
        var index = 0
        while index + 1 < fields.count {
            if fields[index] == "job" { return Int64(fields[index + 1]).map { JobID($0) } }
            index += 2
        }
        return nil
    }
}
