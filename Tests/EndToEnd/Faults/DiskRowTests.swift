import EmbeddedStack
import Foundation
import ProviderFakes
import Testing

/// Disks fill up: under Postgres, under Redis and under the audio worker.
///
/// Needs the right to mount small file systems, as root has it.
@Suite(.serialized, .enabled(if: FaultRow.isWanted && geteuid() == 0))
struct DiskRowTests {
    @Test func `the disk of Postgres fills up`() async throws {
        try await SmallDisk.with(mebibytes: 160) { disk in
            try await FaultRange.run(plan: { $0.postgresDirectory = disk.path.appending(path: "postgres") }) {
                range in
                var row = try await FaultRow("disk-full-postgres", range)
                try await row.send(3)
                try disk.fill()
                // Ends in a panic as soon as a new segment of the log is needed.
                for _ in 1...12 {
                    try? await range.coach.ledger.execute("select pg_switch_wal()")
                    try await row.send(1)
                    try await Task.sleep(for: .milliseconds(500))
                }
                try disk.free()
                // Whether it could go on or has ended: an operator makes room and starts it.
                await range.coach.postgres.stop()
                try await range.coach.postgres.startAgain()
                try await row.judge()
            }
        }
    }

    @Test func `the disk of Redis fills up`() async throws {
        try await SmallDisk.with(mebibytes: 8) { disk in
            try await FaultRange.run(plan: {
                $0.redisIsDurable = true
                $0.redisDirectory = disk.path.appending(path: "redis")
            }) { range in
                var row = try await FaultRow("disk-full-redis", range)
                try disk.fill()
                try await row.send(8, every: .seconds(1))
                try disk.free()
                try await row.judge()
            }
        }
    }

    @Test func `the disk for downloads fills up`() async throws {
        try await SmallDisk.with(mebibytes: 2) { disk in
            try await FaultRange.run(plan: { $0.settings["TMPDIR"] = disk.path.path }) { range in
                var row = try await FaultRow("disk-full-downloads", range)
                try disk.fill()
                try await row.send(5, every: .seconds(1))
                try disk.free()
                let verdict = try await row.judge(within: .seconds(150))
                #expect(verdict.explained == 0, "a full disk is not the note's fault")
                let left = try FileManager.default.subpathsOfDirectory(atPath: disk.path.path)
                    .filter { $0.contains("speechcoach") && !$0.hasSuffix(".lock") }
                #expect(
                    left.allSatisfy { !$0.contains("speechcoach-notes-") || !$0.dropFirst().contains("/") },
                    "\(left)")
            }
        }
    }
}

/// A file system in memory that is soon full.
struct SmallDisk {
    let path: URL
    private var ballast: URL { path.appending(path: "ballast") }

    static func with<Result>(mebibytes: Int, _ body: (SmallDisk) async throws -> Result) async throws
        -> Result
    {
        let path = FileManager.default.temporaryDirectory.appending(
            path: "speechcoach-disk-\(getpid())-\(UUID().uuidString.prefix(6))")
        try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
        guard mount("tmpfs", path.path, "tmpfs", 0, "size=\(mebibytes)m,mode=0755") == 0 else {
            throw NeverHappened(
                description: "mounting a small file system: \(String(cString: strerror(errno)))")
        }
        defer {
            umount2(path.path, Int32(MNT_DETACH))
            try? FileManager.default.removeItem(at: path)
        }
        return try await body(SmallDisk(path: path))
    }

    /// Writes until nothing more fits.
    func fill() throws {
        let descriptor = open(ballast.path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        guard descriptor >= 0 else { throw NeverHappened(description: "ballast: \(errno)") }
        defer { close(descriptor) }
        for size in [65_536, 4_096, 512] {
            let block = [UInt8](repeating: 1, count: size)
            while write(descriptor, block, block.count) > 0 {}
        }
    }

    func free() throws { try FileManager.default.removeItem(at: ballast) }
}
