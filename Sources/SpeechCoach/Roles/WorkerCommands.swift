import ArgumentParser
import AudioWorker
import JobQueue
import ServiceKit
import ServiceLifecycle

struct AudioWorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audio-worker",
        abstract: "Transcribe and measure voice notes.",
        discussion: """
            Stateless: start as many as there is work for, stop any of them at any time.

            EXAMPLE
              speechcoach audio-worker --concurrency 4
            """)

    @Option(help: "Notes at the same time in this process (AUDIO_WORKER_CONCURRENCY).")
    var concurrency: Int?

    @OptionGroup var listen: ListenOptions
    @OptionGroup var settings: SettingsOptions

    func run() async throws {
        var overrides = settings.overrides + listen.overrides
        if let concurrency {
            overrides.append(
                SettingOption(
                    "--concurrency", for: SettingsCatalogue.audioConcurrency, value: "\(concurrency)"))
        }
        let workspace = try Workspace()
        defer { workspace.remove() }
        try await WorkerRole.run(.audioWorker, overrides) { bot in
            [
                bot.warmUp(),
                bot.transcription(
                    workspace: workspace, concurrency: bot.context.settings.workers.audioConcurrency),
            ]
        }
    }
}

struct FeedbackWorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "feedback-worker",
        abstract: "Coach transcribed notes and deliver the answers.",
        discussion: """
            Stateless: start as many as there is work for, stop any of them at any time.

            EXAMPLE
              speechcoach feedback-worker --concurrency 16
            """)

    @Option(help: "Notes at the same time in this process (FEEDBACK_WORKER_CONCURRENCY).")
    var concurrency: Int?

    @OptionGroup var listen: ListenOptions
    @OptionGroup var settings: SettingsOptions

    func run() async throws {
        var overrides = settings.overrides + listen.overrides
        if let concurrency {
            overrides.append(
                SettingOption(
                    "--concurrency", for: SettingsCatalogue.feedbackConcurrency, value: "\(concurrency)"))
        }
        try await WorkerRole.run(.feedbackWorker, overrides) { bot in
            let concurrency = bot.context.settings.workers.feedbackConcurrency
            return [
                bot.retention(), bot.reminders(),
                JobRunners([
                    bot.coaching(concurrency: concurrency), bot.delivery(concurrency: concurrency),
                    bot.conversation(concurrency: concurrency),
                ]),
            ]
        }
    }
}

/// What both kinds of worker have around their stages.
enum WorkerRole {
    static func run(
        _ role: Role, _ overrides: [SettingOption], stages: (Bot) -> [any Service]
    ) async throws {
        let context = try await RoleContext.start(role, options: overrides)
        let stores = try Stores(
            postgres: try context.settings.requirePostgres(for: role),
            redis: try context.settings.requireRedis(for: role), context: context)
        let bot = try Bot(context: context, stores: stores)
        let health = HealthRegistry(stores.checks(needsRedis: true))
        let server = ObservabilityServer.make(
            health: health, metrics: context.metrics, host: context.settings.http.host,
            port: context.settings.http.port(for: role), logger: context.logger)
        await bot.learn()
        try await ServiceGroup.role(
            [stores.closing] + bot.providerUpkeep() + [bot.sweeper()] + stages(bot)
                + [server, DrainNotice(health, logger: context.logger)],
            logger: context.logger
        ).run()
    }
}
