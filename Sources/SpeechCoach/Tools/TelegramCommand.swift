import ArgumentParser
import Conversation
import Foundation
import HTTPTransport
import ServiceKit
import Telegram
import WebhookService

/// `speechcoach telegram`: where Telegram delivers to.
struct TelegramCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "telegram",
        abstract: "Set, show or remove the bot's webhook.",
        discussion: """
            EXAMPLE
              PUBLIC_URL=https://coach.example.org speechcoach telegram set-webhook
            """,
        subcommands: [SetWebhook.self, ShowWebhook.self, DeleteWebhook.self])

    /// Settings and a client for one call.
    static func with<Result>(
        _ options: SettingsOptions, _ body: (TelegramClient, Settings) async throws -> Result
    ) async throws -> Result {
        let settings = try await Settings.load(options: options.overrides)
        let token = try settings.requireBotToken(for: .telegram).value
        guard let endpoint = TelegramEndpoint(token: token, apiURL: settings.telegram.apiURL) else {
            throw CommandFailure(
                .unusable, "TELEGRAM_API_URL: \"\(settings.telegram.apiURL)\" is no http or https address")
        }
        let http = HTTPClient()
        do {
            let result = try await body(TelegramClient(endpoint: endpoint, http: http), settings)
            await http.shutdown()
            return result
        } catch let error as TelegramError {
            await http.shutdown()
            throw CommandFailure(.failed, "Telegram: " + error.mend)
        } catch {
            await http.shutdown()
            throw error
        }
    }
}

extension TelegramCommand {
    struct SetWebhook: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set-webhook",
            abstract: "Tell Telegram to deliver to PUBLIC_URL.",
            discussion: """
                The secret (TELEGRAM_WEBHOOK_SECRET) is registered with it; the webhook service refuses
                deliveries without it. The menu of commands goes along. Repeating the call changes nothing.

                EXAMPLE
                  PUBLIC_URL=https://coach.example.org TELEGRAM_WEBHOOK_SECRET=… speechcoach telegram set-webhook
                """)

        @Option(help: "Deliveries at once, 1 to 100.")
        var maxConnections = 40

        @OptionGroup var settings: SettingsOptions

        func validate() throws {
            guard (1...100).contains(maxConnections) else {
                throw ValidationError("--max-connections \(maxConnections): give a number from 1 to 100")
            }
        }

        func run() async throws {
            let url = try await TelegramCommand.with(settings) { telegram, settings in
                let url = try settings.requirePublicURL(for: .telegram) + WebhookController.path
                try await telegram.setWebhook(
                    WebhookRegistration(
                        url: url, secret: try settings.requireWebhookSecret(for: .telegram).value,
                        maximumConnections: maxConnections, allowedUpdates: TelegramClient.wantedUpdates,
                        dropsPendingUpdates: false))
                try await CommandMenu(phrasebooks: try Phrasebooks(), telegram: telegram).publish()
                return url
            }
            Output.line("Telegram delivers to \(url).")
        }
    }

    struct ShowWebhook: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "webhook-info",
            abstract: "Show what Telegram knows about the webhook.",
            discussion: "EXAMPLE\n  speechcoach telegram webhook-info --json")

        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: SettingsOptions

        private struct Document: Encodable {
            var url: String
            var pendingUpdateCount: Int?
            var maxConnections: Int?
            var allowedUpdates: [String]?
            var lastErrorDate: Date?
            var lastErrorMessage: String?
        }

        func run() async throws {
            let info = try await TelegramCommand.with(settings) { telegram, _ in
                try await telegram.getWebhookInfo()
            }
            let lastError = info.lastErrorDate.map { Date(timeIntervalSince1970: Double($0)) }
            if output.json {
                return try Output.json(
                    Document(
                        url: info.url, pendingUpdateCount: info.pendingUpdateCount,
                        maxConnections: info.maxConnections, allowedUpdates: info.allowedUpdates,
                        lastErrorDate: lastError, lastErrorMessage: info.lastErrorMessage))
            }
            guard !info.url.isEmpty else { return Output.line("No webhook is set.") }
            Output.line("Delivers to   \(info.url)")
            Output.line("Waiting       \(info.pendingUpdateCount ?? 0) updates")
            if let lastError, let message = info.lastErrorMessage {
                Output.line("Last failure  \(Output.time(lastError))  \(message)")
            }
        }
    }

    struct DeleteWebhook: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "delete-webhook",
            abstract: "Stop deliveries; waiting updates are kept for a day.",
            discussion: "EXAMPLE\n  speechcoach telegram delete-webhook")

        @OptionGroup var settings: SettingsOptions

        func run() async throws {
            try await TelegramCommand.with(settings) { telegram, _ in try await telegram.deleteWebhook() }
            Output.line("No webhook is set.")
        }
    }
}

extension TelegramError {
    /// What went wrong and what the operator can do.
    var mend: String {
        switch self {
        case .unauthorized:
            "the token is refused. Check TELEGRAM_BOT_TOKEN (get one from @BotFather) and TELEGRAM_API_URL."
        case .conflict: "another process polls this bot, or a webhook is set. Stop it, or delete the webhook."
        case .unreachable(let error), .outcomeUnknown(let error):
            "it cannot be reached (\(error)). Check the network and TELEGRAM_API_URL."
        case .refused(_, let description): "refused: \(description)"
        case .rateLimited(let wait): "too many requests; try again in \(wait)."
        default: "\(self)"
        }
    }
}
