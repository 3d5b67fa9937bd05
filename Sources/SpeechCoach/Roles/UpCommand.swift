import ArgumentParser
import Foundation
import ServiceKit

struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Run the whole bot in one process.",
        discussion: """
            Without DATABASE_URL or REDIS_URL it starts private PostgreSQL and Redis servers, which keep their
            data under SPEECHCOACH_DATA. Without PUBLIC_URL it asks Telegram for updates, so that a laptop needs
            no public address; with it, Telegram delivers to PUBLIC_URL/telegram/webhook.

            EXAMPLE
              TELEGRAM_BOT_TOKEN=123456:ABC-DEF speechcoach up
            """)

    @OptionGroup var listen: ListenOptions
    @OptionGroup var settings: SettingsOptions

    func run() async throws {
        let context = try await RoleContext.start(.up, options: settings.overrides + listen.overrides)
        _ = try context.settings.requireBotToken(for: .up)
        let directory = URL(fileURLWithPath: context.settings.dataDirectory)
        try await WholeBot(context: context, embeddedDirectory: directory).run()
    }
}
