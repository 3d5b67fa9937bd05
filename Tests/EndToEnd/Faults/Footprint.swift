import Foundation

/// What the processes of a deployment hold: what must come back to the baseline after a fault.
struct Footprint: Sendable, CustomStringConvertible {
    /// Of every process that runs, by name: open descriptors and resident MiB.
    var processes: [String: (descriptors: Int, mebibytes: Int)] = [:]
    /// Connections to Postgres, those of the tests included.
    var connections = 0

    static func of(_ coach: Deployment) async throws -> Footprint {
        var footprint = Footprint()
        for process in coach.processes where process.program.isRunning {
            let place = "/proc/\(process.program.processIdentifier)"
            let descriptors = try FileManager.default.contentsOfDirectory(atPath: place + "/fd").count
            let status = try String(contentsOfFile: place + "/status", encoding: .utf8)
            let kibibytes = status.firstMatch(of: /VmRSS:\s+([0-9]+)/).flatMap { Int($0.1) } ?? 0
            footprint.processes[process.program.name] = (descriptors, kibibytes / 1_024)
        }
        footprint.connections = try await coach.ledger.count("pg_stat_activity where client_port is not null")
        return footprint
    }

    /// What has grown since `baseline` by more than work leaves behind (caches, a warm connection pool).
    func growth(since baseline: Footprint) -> [String] {
        var grown: [String] = []
        for (name, now) in processes {
            guard let before = baseline.processes[name] else { continue }
            // Notes that were in work at the same time leave warm connections to Telegram and to each vendor.
            if now.descriptors > before.descriptors + 64 {
                grown.append("\(name): \(before.descriptors) → \(now.descriptors) descriptors")
            }
            if now.mebibytes > before.mebibytes + 48 {
                grown.append("\(name): \(before.mebibytes) → \(now.mebibytes) MiB")
            }
        }
        if connections > baseline.connections + 8 {
            grown.append("Postgres: \(baseline.connections) → \(connections) connections")
        }
        return grown
    }

    var description: String {
        let parts = processes.sorted { $0.key < $1.key }.map {
            "\($0.key) \($0.value.descriptors) fd \($0.value.mebibytes) MiB"
        }
        return parts.joined(separator: ", ") + "; \(connections) connections"
    }
}
