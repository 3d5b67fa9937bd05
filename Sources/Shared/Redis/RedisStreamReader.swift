import Synchronization

/// Reads streams for one consumer of a group, waiting for entries on a connection of its own.
///
/// When Redis was emptied, the group is made anew from the start of the stream (`0`, never `$`, which would hide
/// entries added in between), and reading goes on.
///
/// Meant for one loop: a second concurrent ``read(count:block:)`` would wait behind the first.
package final class RedisStreamReader: Sendable {
    /// Longer waits are cut to this, so that a reader notices a dead link.
    package static let longestBlock = Duration.seconds(30)

    private let connection: RedisConnection
    private let streams: [String]
    private let group: String
    private let consumer: String
    private let recreations = Mutex(0)

    /// Makes a reader; the first read connects and makes the group where it is missing.
    ///
    /// - Parameters:
    ///   - streams: keys, all read by the same group.
    ///   - consumer: unique per process start; a name that comes back inherits what was pending for it.
    package init(configuration: RedisConfiguration, streams: [String], group: String, consumer: String) {
        connection = RedisConnection(configuration, label: "redis-stream")
        self.streams = streams
        self.group = group
        self.consumer = consumer
    }

    deinit { connection.shutDown() }

    package var statistics: RedisStatistics { connection.statistics }

    /// How often the group was missing and made anew: the first time on new streams, then once per wipe.
    package var groupRecreations: Int { recreations.withLock { $0 } }

    /// Waits for entries that no consumer of the group has got yet.
    ///
    /// Cancellation returns at once and closes the connection, so that the server stops waiting on our behalf.
    /// Entries that were on their way then, or when a call timed out, stay pending for this consumer: they have
    /// to be claimed later, as after a crash.
    ///
    /// While the server is down, waits for it for about `block` before failing: a caller's loop cannot spin.
    ///
    /// - Parameters:
    ///   - count: the most entries per stream.
    ///   - block: how long to wait for the first, up to ``longestBlock``; zero only looks.
    /// - Returns: nothing when none came in time.
    /// - Throws: ``RedisError``.
    package func read(count: Int, block: Duration) async throws(RedisError) -> [RedisStreamEntry] {
        guard count > 0, !streams.isEmpty else { return [] }
        let clock = ContinuousClock()
        let block = min(max(block, .zero), Self.longestBlock)
        let deadline = clock.now + block
        while true {
            let left = max(.zero, deadline - clock.now)
            let reply = try await ask([readCommand(count: count, block: left)], block: left, isBlocking: true)
            guard let refusal = reply.first?.rejection else {
                guard let reply = reply.first, let entries = RedisStreamEntry.entries(inRead: reply) else {
                    throw .unexpectedReply(to: "XREADGROUP")
                }
                return entries
            }
            guard refusal.rejection == .unknownGroup else { throw refusal }
            try await makeGroups()
            // Somebody who destroys the group again and again does not keep us here.
            if clock.now > deadline, block > .zero { return [] }
        }
    }

    private func readCommand(count: Int, block: Duration) -> RedisCommand {
        let milliseconds = Int(block / .milliseconds(1))
        // BLOCK 0 would wait for ever.
        let wait = milliseconds > 0 ? ["BLOCK", String(milliseconds)] : []
        return RedisCommand(
            ["XREADGROUP", "GROUP", group, consumer, "COUNT", String(count)] + wait + ["STREAMS"] + streams
                + streams.map { _ in ">" })
    }

    private func makeGroups() async throws(RedisError) {
        let replies = try await ask(
            streams.map { RedisCommand("XGROUP", "CREATE", $0, group, "0", "MKSTREAM") }, block: .zero,
            isBlocking: false)
        var made = 0
        for reply in replies {
            if let refusal = reply.rejection {
                guard refusal.rejection == .groupExists else { throw refusal }
            } else {
                made += 1
            }
        }
        if made > 0 { recreations.withLock { $0 += 1 } }
    }

    /// The limit lies above the server's own wait, so only a server that is stopped or cut off reaches it.
    private func ask(
        _ commands: [RedisCommand], block: Duration, isBlocking: Bool
    ) async throws(RedisError) -> [RedisValue] {
        try await connection.perform(
            RedisCall(
                commands, timeout: block + connection.configuration.commandTimeout, isPatient: true,
                isBlocking: isBlocking))
    }

    /// Closes the connection; a read under way fails. Returns when the thread has ended.
    package func close() async {
        connection.shutDown()
        await connection.ended()
    }
}
