import BotAPIEmulator
import CoachDomain
import CoachStore
import Conversation
import Foundation
import Logging
import Observability
import ServiceKit
import ServiceLifecycle
import Telegram
import WebhookService

/// One voice note through the whole bot, with a stand-in for Telegram.
struct Demonstration: Sendable {
    /// What the user saw, and how long it took.
    struct Ending: Sendable {
        var reply: String
        var table: String
        /// Rather than an explanation why not.
        var isCoaching: Bool
    }

    var note: [UInt8]
    var name: String
    var limit: Duration

    private static let token = "1000:demonstration-token-of-no-value-0000"
    private static let user = EmulatedUser(id: 7)

    func run(_ options: SettingsOptions) async throws -> Ending {
        var quiet = Logger(label: "bot-api")
        quiet.logLevel = .critical
        let telegram = try await RunningEmulator.start(
            configuration: .init(token: Self.token), logger: quiet)
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("speechcoach-demo-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        let context = try RoleContext.start(.demo, settings: try await settings(options, telegram.url))
        Output.note("Starting PostgreSQL, Redis, the webhook and the workers …")
        let (listening, announce) = AsyncStream.makeStream(of: (port: Int, bot: Bot).self)
        let whole = WholeBot(
            context: context, embeddedDirectory: directory, pollsWithoutPublicURL: false, ephemeral: true
        ) { port, bot in announce.yield((port, bot)) }
        // The bot's services stop when this group is told to.
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: Whole(bot: whole, ended: announce), serviceName: "bot")],
                logger: context.logger))
        let running = Task { try await group.run() }
        let (stopped, stop) = AsyncStream.makeStream(of: Void.self)
        Task {
            _ = await running.result
            stop.finish()
        }
        do {
            var ending: Ending?
            for await (port, bot) in listening {
                // Whichever comes first: the reply, or the end of the bot (Ctrl-C stops its services).
                ending = try await withThrowingTaskGroup(of: Ending?.self) { race in
                    race.addTask { try await converse(telegram, port, bot, context.settings) }
                    race.addTask {
                        for await _ in stopped {}
                        return nil
                    }
                    let first = try await race.next() ?? nil
                    race.cancelAll()
                    return first
                }
                break
            }
            await group.triggerGracefulShutdown()
            guard let ending else { throw CommandFailure(.failed, "stopped before the reply came") }
            try await running.value
            await telegram.stop()
            return ending
        } catch {
            await group.triggerGracefulShutdown()
            _ = await running.result
            await telegram.stop()
            throw error
        }
    }

    private func converse(
        _ telegram: RunningEmulator, _ port: Int, _ bot: Bot, _ settings: Settings
    ) async throws -> Ending {
        let secret = settings.telegram.webhookSecret?.value ?? ""
        try await bot.telegram.setWebhook(
            WebhookRegistration(
                url: "http://127.0.0.1:\(port)" + WebhookController.path, secret: secret,
                maximumConnections: 40, allowedUpdates: TelegramClient.wantedUpdates,
                dropsPendingUpdates: false))
        Output.note("Sending \(name) (\(note.count / 1024) KiB) as a voice note …")
        let start = ContinuousClock.now
        _ = try await telegram.emulator.perform(.file(message), by: Self.user)
        let watching = Task { await watch(start) }
        defer { watching.cancel() }
        // The words come first, and say that the coaching follows.
        let working = bot.phrasebooks.book(for: Self.user.languageCode).working
        let edit = await telegram.emulator.firstCall(within: limit) {
            $0.method == "editMessageText" && $0.status == 200 && $0.text?.hasSuffix(working) == false
        }
        let total = ContinuousClock.now - start
        guard let edit, let text = edit.text else {
            throw CommandFailure(
                .failed,
                "no reply after \(limit). Run it again with --log-level info to see where the note stopped.")
        }
        let isCoaching = await telegram.emulator.messages(inChat: Self.user.id).contains {
            ($0["entities"]?.array?.isEmpty ?? true) == false && $0["text"]?.string == text
        }
        return Ending(
            reply: text, table: try await StageTimes.table(bot.stores.ledger, total: total),
            isCoaching: isCoaching)
    }

    /// A sign of life every few seconds: a first run loads the recogniser's model.
    private func watch(_ start: ContinuousClock.Instant) async {
        while (try? await Task.sleep(for: .seconds(5))) != nil {
            Output.note("  … \(Int((.now - start).inSeconds)) s")
        }
    }

    private var message: UserAction.FileMessage {
        let isOgg = note.starts(with: Array("OggS".utf8))
        return UserAction.FileMessage(
            kind: isOgg ? "voice" : "audio", bytes: note, mimeType: isOgg ? "audio/ogg" : nil,
            filename: isOgg ? nil : name)
    }

    /// The caller's providers and limits, with everything else of our own making.
    private func settings(_ options: SettingsOptions, _ telegramURL: String) async throws -> Settings {
        var environment = ProcessInfo.processInfo.environment
        for key in [
            "DATABASE_URL", "REDIS_URL", "TELEGRAM_BOT_TOKEN", "TELEGRAM_WEBHOOK_SECRET", "DATABASE_URL_FILE",
            "REDIS_URL_FILE", "TELEGRAM_BOT_TOKEN_FILE", "TELEGRAM_WEBHOOK_SECRET_FILE", "PUBLIC_URL",
        ] {
            environment[key] = nil
        }
        environment["TELEGRAM_BOT_TOKEN"] = Self.token
        environment["TELEGRAM_API_URL"] = telegramURL
        environment["TELEGRAM_WEBHOOK_SECRET"] = WholeBot.freshSecret()
        environment["HOST"] = "127.0.0.1"
        environment["PORT"] = "0"
        // The conversation is what a person wants to see; --log-level brings the rest.
        environment["LOG_LEVEL"] = environment["LOG_LEVEL"] ?? "error"
        environment["LOG_FORMAT"] = environment["LOG_FORMAT"] ?? "text"
        return try await Settings.load(options: options.overrides, environment: environment)
    }

    private struct Whole: Service {
        let bot: WholeBot
        let ended: AsyncStream<(port: Int, bot: Bot)>.Continuation

        func run() async throws {
            defer { ended.finish() }
            try await bot.run()
        }
    }
}

/// How long each stage of the only note took, from its history in the ledger.
enum StageTimes {
    static func table(_ ledger: Ledger, total: Duration) async throws -> String {
        var rows: [[String]] = []
        // The last write of a delivery follows the edit that the user sees by a moment.
        try? await Task.sleep(for: .milliseconds(200))
        let jobs = try await ledger.jobs(JobFilter()).sorted { $0.id < $1.id }
        for job in jobs {
            let history = try await ledger.dossier(.init(job.id)).history.filter { $0.job == job.id }
            guard let accepted = history.first(where: { $0.event == "accepted" })?.at,
                let claimed = history.last(where: { $0.event == "claimed" })?.at
            else { continue }
            let ended = history.last { $0.event == "completed" || $0.event == "failed" }?.at
            rows.append([
                job.stage.rawValue, milliseconds(claimed.timeIntervalSince(accepted)),
                ended.map { milliseconds($0.timeIntervalSince(claimed)) } ?? "-", job.state.rawValue,
            ])
        }
        rows.append(["webhook to reply", "", milliseconds(total.inSeconds), ""])
        return TextTable(header: ["STAGE", "WAITED MS", "WORKED MS", "STATE"], rows: rows).text
    }

    private static func milliseconds(_ seconds: Double) -> String { String(format: "%.1f", seconds * 1_000) }
}
