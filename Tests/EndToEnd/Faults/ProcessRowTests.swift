import Foundation
import ProviderFakes
import Testing

/// What can befall our own processes.
@Suite(.serialized, .enabled(if: FaultRow.isWanted))
struct ProcessRowTests {
    /// The library that lies to a process about real time; its monotonic clock goes on as it should.
    private static func falseClock() throws -> String {
        for place in try FileManager.default.contentsOfDirectory(atPath: "/usr/lib") {
            let library = "/usr/lib/\(place)/faketime/libfaketime.so.1"
            if FileManager.default.fileExists(atPath: library) { return library }
        }
        throw NeverHappened(description: "libfaketime: apt-get install faketime")
    }

    @Test func `every process is replaced under load, and no lease has to run out`() async throws {
        try await FaultRange.run { range in
            var row = try await FaultRow("rolling-restart", range)
            for role in [Deployment.Role.webhook, .audioWorker, .feedbackWorker] {
                for old in range.coach.processes(role) where old.program.isRunning {
                    try await row.send(3)
                    try await range.launch(role)
                    old.program.send(SIGTERM)
                    try await row.send(3, every: .milliseconds(100))
                    #expect(try await old.program.ended(within: .seconds(40)) == .code(0))
                }
            }
            let verdict = try await row.judge(footprint: false)
            #expect(verdict.explained == 0 && verdict.orphans == 0)
            let events = try await range.coach.ledger.eventCounts()
            #expect(events["lease-expired"] == nil, "\(events)")
        }
    }

    @Test func `workers that sleep for two leases write nothing when they wake`() async throws {
        try await FaultRange.run { range in
            var row = try await FaultRow("sigstop-65s", range)
            let sleepers = [Deployment.Role.audioWorker, .feedbackWorker].compactMap { role in
                range.coach.processes(role).first { $0.program.isRunning }
            }
            try await row.send(10)
            try await Task.sleep(for: .milliseconds(300))
            for sleeper in sleepers { sleeper.program.send(SIGSTOP) }
            try await Task.sleep(for: .seconds(65))
            let before = try await range.coach.ledger.terminal()
            for sleeper in sleepers { sleeper.program.send(SIGCONT) }
            try await row.judge()
            let after = try await range.coach.ledger.terminal()
            #expect(before.allSatisfy { after[$0.key] == $0.value }, "a finished job has changed")
        }
    }

    @Test func `sweepers die in the middle of their batches`() async throws {
        let doomed = [
            "sweep.after-rescue=kill@3", "sweep.after-promotion=kill@4", "sweep.between-batches=kill",
        ]
        .map { (Deployment.Role.audioWorker, $0) }
        try await FaultRange.run(failpoints: doomed) { range in
            var row = try await FaultRow("sweeper-dies", range)
            try await row.send(12)
            try await range.redis(["FLUSHALL"])
            try await row.send(6, every: .seconds(1))
            try await row.judge(footprint: false)
            #expect(range.coach.processes(.audioWorker).count { $0.program.end == .signal(SIGKILL) } >= 2)
        }
    }

    /// Real time of a process is an hour ahead, an hour behind, or runs at double speed.
    @Test func `the clocks of processes are wrong`() async throws {
        let library = try Self.falseClock()
        try await FaultRange.run { range in
            var row = try await FaultRow("clocks-of-processes", range)
            let clocks: [(Deployment.Role, String)] = [
                (.webhook, "+1h"), (.audioWorker, "-1h"), (.audioWorker, "+1h"), (.feedbackWorker, "+1h"),
                (.feedbackWorker, "-1h x2"),
            ]
            for (role, clock) in clocks {
                try await range.launch(
                    role,
                    settings: ["LD_PRELOAD": library, "FAKETIME": clock, "FAKETIME_DONT_FAKE_MONOTONIC": "1"])
            }
            // Those whose clocks are right stop, so that the others do the work.
            for process in range.coach.processes.prefix(5) { process.program.send(SIGTERM) }
            try await row.send(12, every: .milliseconds(300))
            try await row.judge(footprint: false)
            let events = try await range.coach.ledger.eventCounts()
            #expect(events["lease-expired"] == nil, "\(events)")
        }
    }

    @Test func `the clock of Redis jumps forth and back`() async throws {
        let library = try Self.falseClock()
        try await FaultRange.run { range in
            var row = try await FaultRow("clock-of-redis", range)
            let clock = range.coach.directory.appending(path: "clock")
            try "+0\n".write(to: clock, atomically: true, encoding: .utf8)
            let port = Ports.free()
            let server = Process()
            server.executableURL = URL(filePath: "/usr/bin/setpriv")
            server.arguments = [
                "--pdeathsig", "KILL", "redis-server", "--port", "\(port)", "--save", "", "--bind",
                "127.0.0.1",
            ]
            server.environment = [
                "PATH": "/usr/local/bin:/usr/bin:/bin",
                "LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": clock.path, "FAKETIME_NO_CACHE": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            ]
            server.standardOutput = FileHandle.nullDevice
            server.standardError = FileHandle.nullDevice
            try server.run()
            defer { kill(server.processIdentifier, SIGKILL) }
            // Also an empty Redis in the place of the old one.
            range[.redis].lead(to: .port(port))
            range[.redis].cut(.reset)
            for jump in ["+1h", "-1h", "+0"] {
                try await row.send(4, every: .milliseconds(300))
                try "\(jump)\n".write(to: clock, atomically: true, encoding: .utf8)
                try await row.send(4, every: .milliseconds(300))
            }
            try await row.judge()
        }
    }
}

extension LedgerView {
    /// How often each kind of event happened.
    func eventCounts() async throws -> [String: Int] {
        var counts: [String: Int] = [:]
        for job in try await jobs() {
            for event in try await events(of: job.id) { counts[event.event, default: 0] += 1 }
        }
        return counts
    }

    /// Jobs that are over, and how.
    func terminal() async throws -> [Int64: String] {
        Dictionary(
            uniqueKeysWithValues: try await jobs().filter(\.isTerminal).map { ($0.id, $0.state) })
    }
}
