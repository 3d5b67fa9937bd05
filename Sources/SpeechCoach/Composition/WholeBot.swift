import AudioWorker
import CoachStore
import EmbeddedStack
import Foundation
import Hummingbird
import JobQueue
import Logging
import ServiceKit
import ServiceLifecycle
import Telegram
import WebhookService

/// All roles in one process, with servers of its own where none are configured.
struct WholeBot: Sendable {
    let context: RoleContext
    /// For the private servers' data.
    let embeddedDirectory: URL
    /// Whether this process asks Telegram for updates when nothing has them delivered.
    var pollsWithoutPublicURL = true
    /// Gives up durability for speed; for demonstrations.
    var ephemeral = false
    /// Called with the webhook's port and the bot once Telegram may deliver.
    var onListening: @Sendable (_ port: Int, _ bot: Bot) -> Void = { _, _ in }

    /// Runs until SIGTERM, SIGINT, or graceful shutdown of the surrounding task.
    func run() async throws {
        let settings = context.settings
        let stack = try await startStack()
        for note in stack?.notes ?? [] { context.logger.notice("\(note)") }
        defer { if stack != nil { EmbeddedAddresses.remove(from: embeddedDirectory) } }
        do {
            if let stack { try EmbeddedAddresses(stack).write(to: embeddedDirectory) }
            let stores = try Stores(
                postgres: settings.postgres
                    ?? PostgresSettings(uri: Secret(stack?.postgres.uri ?? ""), poolSize: 8),
                redis: settings.redis ?? RedisSettings(uri: Secret(stack?.redis.uri ?? "")), context: context)
            let report = try await Migrator(pool: stores.pool).migrate()
            if !report.applied.isEmpty {
                context.logger.info("database migrated", metadata: ["version": "\(report.version)"])
            }
            try await serve(stores, stack)
        } catch {
            await stack?.stop()
            throw error
        }
        await stack?.stop()
    }

    private func serve(_ stores: Stores, _ stack: EmbeddedStack?) async throws {
        let settings = context.settings
        let bot = try Bot(context: context, stores: stores)
        let workspace = try Workspace()
        defer { workspace.remove() }
        let secret = settings.telegram.webhookSecret?.value ?? Self.freshSecret()
        let health = HealthRegistry(stores.checks(needsRedis: true))
        let router = Router()
        router.addObservability(health: health, metrics: context.metrics)
        bot.webhook(secret: secret).addRoutes(to: router)
        let onListening = onListening
        let server = HTTPService(
            router, host: settings.http.host, port: settings.http.port(for: .up), logger: context.logger
        ) { port in onListening(port, bot) }
        await bot.learn()
        var services =
            [stores.closing] + bot.providerUpkeep()
            + [
                bot.sweeper(), bot.retention(), bot.reminders(), bot.warmUp(),
                CommandMenuPublisher(
                    menu: CommandMenu(phrasebooks: bot.phrasebooks, telegram: bot.telegram),
                    logger: context.logger),
            ]
        if let stack { services.insert(StackKeeper(stack: stack, logger: context.logger), at: 0) }
        let stages = JobRunners([
            bot.transcription(workspace: workspace, concurrency: settings.workers.audioConcurrency),
            bot.coaching(concurrency: settings.workers.feedbackConcurrency),
            bot.delivery(concurrency: settings.workers.feedbackConcurrency),
            bot.conversation(concurrency: settings.workers.feedbackConcurrency),
        ])
        services += [stages, server]
        if let intake = try await intake(bot, secret: secret) { services.append(intake) }
        services.append(DrainNotice(health, logger: context.logger))
        try await ServiceGroup.role(services, logger: context.logger).run()
    }

    /// Deliveries to PUBLIC_URL when there is one, otherwise polling.
    private func intake(_ bot: Bot, secret: String) async throws -> (any Service)? {
        if let url = context.settings.telegram.publicURL {
            return WebhookRegistrar(
                telegram: bot.telegram, url: url + WebhookController.path, secret: secret,
                logger: context.logger)
        }
        guard pollsWithoutPublicURL else { return nil }
        do {
            let webhook = try await bot.telegram.getWebhookInfo(deadline: .now + .seconds(10))
            guard webhook.url.isEmpty else {
                throw CommandFailure(
                    .refused,
                    "Telegram delivers this bot's updates to \(webhook.url). To receive them here, run "
                        + "`speechcoach telegram delete-webhook`, or set PUBLIC_URL.")
            }
        } catch let error as TelegramError {
            guard error != .unauthorized else {
                throw CommandFailure(.unusable, "Telegram: " + error.mend)
            }
            // Perhaps the network comes later; polling tries on.
            context.logger.warning("Telegram does not answer yet", metadata: ["error": "\(error)"])
        }
        return bot.poller()
    }

    private func startStack() async throws -> EmbeddedStack? {
        guard context.settings.postgres == nil || context.settings.redis == nil else { return nil }
        do {
            return try await EmbeddedStack.start(directory: embeddedDirectory, ephemeral: ephemeral)
        } catch {
            throw CommandFailure(.failed, "\(error)")
        }
    }

    /// 256 random bits in the alphabet that Telegram allows.
    static func freshSecret() -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
        return String((0..<43).map { _ in alphabet[Int.random(in: 0..<alphabet.count)] })
    }
}

/// Restarts a private server that ends unasked.
private struct StackKeeper: Service {
    let stack: EmbeddedStack
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await stack.keepRunning { logger.error("\($0)") }
            // Cancelled before a server ever fell: wait for the group all the same.
            try? await gracefulShutdown()
        }
    }
}

/// Tells Telegram once where to deliver, trying until Telegram has heard it.
private struct WebhookRegistrar: Service {
    let telegram: TelegramClient
    let url: String
    let secret: String
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do throws(TelegramError) {
                    try await telegram.setWebhook(
                        WebhookRegistration(
                            url: url, secret: secret, maximumConnections: 40,
                            allowedUpdates: TelegramClient.wantedUpdates, dropsPendingUpdates: false))
                    logger.info("webhook set", metadata: ["url": "\(url)"])
                    break
                } catch {
                    logger.warning("webhook not set", metadata: ["error": "\(error)"])
                    try? await Task.sleep(for: error.retryAfter ?? .seconds(5))
                }
            }
        }
        try? await gracefulShutdown()
    }
}
