import Foundation
import Logging
import Observability
import ServiceKit

/// What a long-running role has from the start: settings, logs, metrics, and a name.
struct RoleContext: Sendable {
    let role: Role
    let settings: Settings
    let metrics: MetricsRegistry
    let logger: Logger
    /// `audio-worker@host/4711/9f3a12`: who writes into a job's history. The last part differs with every start.
    let processName: String

    /// Reads the settings and installs the logs; call once in a process.
    static func start(_ role: Role, options: [SettingOption]) async throws -> RoleContext {
        try start(role, settings: try await Settings.load(options: options))
    }

    static func start(_ role: Role, settings: Settings) throws -> RoleContext {
        settings.installLogs(for: role)
        let metrics = MetricsRegistry()
        ProcessMetrics.install(in: metrics, version: Build.version)
        let process = ProcessInfo.processInfo
        let nonce = String(UInt32.random(in: .min ... .max), radix: 16)
        let logger = Logger(label: role.rawValue)
        for skipped in settings.providers.skipped {
            logger.debug(
                "provider not configured",
                metadata: ["name": "\(skipped.name)", "missing": "\(skipped.missing)"])
        }
        return RoleContext(
            role: role, settings: settings, metrics: metrics, logger: logger,
            processName: "\(role.rawValue)@\(process.hostName)/\(process.processIdentifier)/\(nonce)")
    }
}
