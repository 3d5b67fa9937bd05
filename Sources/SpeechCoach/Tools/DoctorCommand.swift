import ArgumentParser
import CoachStore
import EmbeddedStack
import Foundation
import HTTPTransport
import Logging
import Observability
import Postgres
import Providers
import Redis
import ServiceKit
import Telegram
import WebhookService

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check configuration, servers and providers, and say what to do.",
        discussion: """
            Asks everything that the settings name, changes nothing, and costs nothing. Exit code 0 when all of it
            works, 1 when something should be mended.

            EXAMPLE
              speechcoach doctor
              speechcoach doctor --json | jq '.findings[] | select(.status != "ok")'
            """)

    @OptionGroup var output: OutputOptions
    @OptionGroup var settings: SettingsOptions

    private struct Document: Encodable {
        var ok: Bool
        var findings: [Finding]
    }

    func run() async throws {
        let findings = await examine()
        let ok = !findings.contains { $0.status == .problem }
        if output.json {
            try Output.json(Document(ok: ok, findings: findings))
        } else {
            for finding in findings { Output.line(finding.text) }
            Output.line(ok ? "\nReady." : "\nMend the problems above, then run `speechcoach doctor` again.")
        }
        if !ok { throw CommandFailure.silent(.failed) }
    }

    private func examine() async -> [Finding] {
        let settings: Settings
        do {
            settings = try await Settings.load(options: self.settings.overrides)
        } catch {
            return error.problems.map { Finding("configuration: \($0.place)", .problem, $0.message) }
        }
        let http = HTTPClient()
        let examination = Examination(settings: settings, http: http)
        // Independent of each other, so one that hangs delays nobody.
        async let postgres = examination.postgres()
        async let redis = examination.redis()
        async let telegram = examination.telegram()
        async let providers = examination.providers()
        let findings =
            examination.configuration() + [await postgres, await redis] + (await telegram) + (await providers)
        await http.shutdown()
        return findings
    }
}

/// One thing that was looked at.
struct Finding: Encodable {
    enum Status: String, Encodable {
        case ok
        /// Works, but the operator should know.
        case note
        case problem
    }

    var check: String
    var status: Status
    var message: String

    init(_ check: String, _ status: Status, _ message: String) {
        self.check = check
        self.status = status
        self.message = message
    }

    var text: String {
        let mark =
            switch status {
            case .ok: "ok      "
            case .note: "note    "
            case .problem: "PROBLEM "
            }
        return "\(mark) \(check): \(message)"
    }
}

/// The questions behind `doctor`.
struct Examination: Sendable {
    let settings: Settings
    let http: HTTPClient
    private let patience = Duration.seconds(8)

    init(settings: Settings, http: HTTPClient) {
        self.settings = settings
        self.http = http
    }

    func configuration() -> [Finding] {
        let misspelt = settings.suspects.map { Finding("configuration", .note, "\($0)") }
        return [Finding("configuration", .ok, "every setting can be read")] + misspelt
    }

    func postgres() async -> Finding {
        guard let postgres = settings.postgres else { return Self.embedded("postgres", "DATABASE_URL") }
        do {
            let pool = try PostgresPool(
                configuration: PostgresConfiguration(uri: postgres.uri.value, poolSize: 1))
            defer { Task { await pool.close() } }
            let version = try await Migrator(pool: pool).databaseVersion()
            if version < Migrator.programVersion {
                return Finding(
                    "postgres", .problem,
                    "reachable, at migration \(version) of \(Migrator.programVersion). Run `speechcoach migrate`."
                )
            }
            if version > Migrator.programVersion {
                return Finding(
                    "postgres", .note,
                    "migrated to \(version) by a newer program; this one knows \(Migrator.programVersion)")
            }
            return Finding("postgres", .ok, "reachable, at migration \(version)")
        } catch {
            return Finding("postgres", .problem, "\(error). Check DATABASE_URL and that the server runs.")
        }
    }

    func redis() async -> Finding {
        guard let redis = settings.redis else { return Self.embedded("redis", "REDIS_URL") }
        do {
            let client = RedisClient(
                configuration: try RedisConfiguration(uri: redis.uri.value, commandTimeout: .seconds(5)))
            defer { Task { await client.close() } }
            let reply = try await client.send(RedisCommand("INFO", "server"))
            let version = reply.string?.split(separator: "\r\n")
                .first { $0.hasPrefix("redis_version:") }?.dropFirst("redis_version:".count)
            return Finding("redis", .ok, "reachable" + (version.map { ", version \($0)" } ?? ""))
        } catch {
            return Finding("redis", .problem, "\(error). Check REDIS_URL and that the server runs.")
        }
    }

    /// Without an address, `up` and `demo` start servers of their own; the other roles cannot run.
    private static func embedded(_ name: String, _ setting: String) -> Finding {
        Finding(
            name, .note,
            "\(setting) is not set: `up` and `demo` start a private server, the other roles need the setting")
    }

    func telegram() async -> [Finding] {
        guard let token = settings.telegram.botToken else {
            return [
                Finding(
                    "telegram", .problem,
                    "TELEGRAM_BOT_TOKEN is not set. Get one from @BotFather; only `demo` runs without.")
            ]
        }
        guard let endpoint = TelegramEndpoint(token: token.value, apiURL: settings.telegram.apiURL) else {
            return [Finding("telegram", .problem, "TELEGRAM_API_URL is no address")]
        }
        let client = TelegramClient(endpoint: endpoint, http: http)
        do {
            let me = try await client.getMe(deadline: .now + patience)
            let name = me.username.map { "@" + $0 } ?? "\(me.id)"
            return [Finding("telegram", .ok, "the token belongs to \(name)"), await webhook(client)]
        } catch {
            return [Finding("telegram", .problem, error.mend)]
        }
    }

    private func webhook(_ client: TelegramClient) async -> Finding {
        do {
            let info = try await client.getWebhookInfo(deadline: .now + patience)
            if info.url.isEmpty {
                guard settings.telegram.publicURL == nil else {
                    return Finding(
                        "webhook", .problem,
                        "PUBLIC_URL is set but no webhook. Run `speechcoach telegram set-webhook`.")
                }
                return Finding("webhook", .ok, "none is set: `up` polls Telegram")
            }
            if let wanted = settings.telegram.publicURL.map({ $0 + WebhookController.path }),
                wanted != info.url
            {
                return Finding(
                    "webhook", .problem,
                    "Telegram delivers to \(info.url), not to \(wanted). Run `speechcoach telegram set-webhook`."
                )
            }
            let waiting = info.pendingUpdateCount ?? 0
            if let message = info.lastErrorMessage, waiting > 0 {
                return Finding(
                    "webhook", .problem, "\(waiting) updates wait; the last delivery failed: \(message)")
            }
            return Finding("webhook", .ok, "delivers to \(info.url), \(waiting) updates wait")
        } catch {
            return Finding("webhook", .problem, error.mend)
        }
    }

    func providers() async -> [Finding] {
        guard let chains = try? ProviderChains(settings: settings, http: http, logger: Self.silent) else {
            return [Finding("providers", .problem, "the price table in this program is malformed")]
        }
        let deadline = ContinuousClock.now + patience
        let speech = chains.recognizers
        let models = chains.models
        let voices = chains.synthesizers
        var findings = await withTaskGroup(of: (Int, Finding).self) { group in
            for (index, recognizer) in speech.enumerated() {
                group.addTask {
                    (
                        index,
                        await Self.asked("speech: \(recognizer.descriptor.name)", recognizer.descriptor.model)
                        {
                            () async throws(ProviderError) in try await recognizer.check(deadline: deadline)
                        }
                    )
                }
            }
            for (index, model) in models.enumerated() {
                group.addTask {
                    (
                        speech.count + index,
                        await Self.asked("coaching: \(model.descriptor.name)", model.descriptor.model) {
                            () async throws(ProviderError) in try await model.check(deadline: deadline)
                        }
                    )
                }
            }
            for (index, synthesizer) in voices.enumerated() {
                let descriptor = synthesizer.descriptor
                let place = speech.count + models.count + index
                group.addTask {
                    let finding = await Self.asked("voice: \(descriptor.name)", descriptor.model) {
                        () async throws(ProviderError) in try await synthesizer.check(deadline: deadline)
                    }
                    guard finding.status == .ok, let end = chains.retirement(of: descriptor.key) else {
                        return (place, finding)
                    }
                    return (
                        place,
                        Finding(
                            finding.check, .note,
                            "\(finding.message); its vendor ends this model on \(end.on)")
                    )
                }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
        if !speech.contains(where: { $0.descriptor.name == "pocketsphinx" }) {
            findings.append(
                Finding(
                    "speech: pocketsphinx", .problem,
                    "its model is missing: apt-get install pocketsphinx-en-us"))
        }
        findings.append(Finding("coaching: rules", .ok, "always there, in this program"))
        return findings
    }

    private static func asked(
        _ check: String, _ model: String, _ question: () async throws(ProviderError) -> Void
    ) async -> Finding {
        do {
            try await question()
            return Finding(check, .ok, "usable, model \(model)")
        } catch {
            return Finding(check, .problem, "\(error). \(error.mend)")
        }
    }

    private static var silent: Logger {
        Logger(label: "doctor", factory: { _ in SwiftLogNoOpLogHandler() })
    }
}

extension ProviderError {
    /// What the operator can do.
    var mend: String {
        switch self {
        case .authentication: "Check its API key."
        case .quota: "Add credit, or raise its spending limit."
        case .misconfigured("program_missing"): "Install its program: apt-get install espeak-ng."
        case .misconfigured("voice_name"): "Check ESPEAK_VOICE; `espeak-ng --voices` lists what there is."
        case .misconfigured: "Check its model and base URL."
        case .network, .timedOut: "Check its base URL and the network."
        case .rateLimited, .overloaded, .server: "Try again later; others in the chain answer meanwhile."
        default: "Others in the chain answer meanwhile."
        }
    }
}
