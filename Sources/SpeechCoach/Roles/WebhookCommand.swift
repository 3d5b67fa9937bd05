import ArgumentParser
import Hummingbird
import ServiceKit
import ServiceLifecycle
import WebhookService

struct WebhookCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webhook",
        abstract: "Receive Telegram's updates over HTTP and write them into the ledger.",
        discussion: """
            Any number may run behind a load balancer. An update is acknowledged only after Postgres has it.

            EXAMPLE
              DATABASE_URL=postgresql://coach@db/coach REDIS_URL=redis://redis \\
              TELEGRAM_BOT_TOKEN_FILE=token.txt TELEGRAM_WEBHOOK_SECRET_FILE=secret.txt \\
              speechcoach webhook --host 0.0.0.0 --port 8080
            """)

    @OptionGroup var listen: ListenOptions
    @OptionGroup var settings: SettingsOptions

    func run() async throws {
        let context = try await RoleContext.start(.webhook, options: settings.overrides + listen.overrides)
        let stores = try Stores(
            postgres: try context.settings.requirePostgres(for: .webhook),
            redis: try context.settings.requireRedis(for: .webhook), context: context,
            // A frozen Redis must not hold up Telegram: the sweeper sends what is missing.
            announceLimit: .milliseconds(500))
        let secret = try context.settings.requireWebhookSecret(for: .webhook).value
        let bot = try Bot(context: context, stores: stores)
        let health = HealthRegistry(stores.checks(needsRedis: false))
        let router = Router()
        router.addObservability(health: health, metrics: context.metrics)
        bot.webhook(secret: secret).addRoutes(to: router)
        let server = HTTPService(
            router, host: context.settings.http.host, port: context.settings.http.port(for: .webhook),
            logger: context.logger)
        try await ServiceGroup.role(
            [stores.closing, server, DrainNotice(health, logger: context.logger)], logger: context.logger
        ).run()
    }
}

/// Where a role listens.
struct ListenOptions: ParsableArguments {
    @Option(help: "Address to listen on (HOST).")
    var host: String?

    @Option(help: "Port to listen on; 0 takes a free one (PORT).")
    var port: Int?

    var overrides: [SettingOption] {
        var options: [SettingOption] = []
        if let host { options.append(SettingOption("--host", for: SettingsCatalogue.host, value: host)) }
        if let port { options.append(SettingOption("--port", for: SettingsCatalogue.port, value: "\(port)")) }
        return options
    }
}
