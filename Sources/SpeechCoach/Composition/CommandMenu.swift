import Conversation
import Logging
import ServiceLifecycle
import Telegram

/// The commands that Telegram offers in the chat, in every language of the product.
struct CommandMenu: Sendable {
    let phrasebooks: Phrasebooks
    let telegram: TelegramClient

    /// Repeating it changes nothing.
    func publish() async throws(TelegramError) {
        try await publish(phrasebooks.book(for: nil), languageCode: nil)
        for language in phrasebooks.languages where language != phrasebooks.book(for: nil).language {
            try await publish(phrasebooks.book(for: language), languageCode: language)
        }
    }

    private func publish(_ book: Phrasebook, languageCode: String?) async throws(TelegramError) {
        try await telegram.setMyCommands(
            book.menu.map { BotCommand(command: $0.command, description: $0.description) },
            languageCode: languageCode)
    }
}

/// Publishes the menu once, trying until Telegram has heard it.
struct CommandMenuPublisher: Service {
    let menu: CommandMenu
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do throws(TelegramError) {
                    try await menu.publish()
                    break
                } catch {
                    guard error.isTransient else {
                        logger.warning("the menu of commands was refused", metadata: ["error": "\(error)"])
                        break
                    }
                    try? await Task.sleep(for: error.retryAfter ?? .seconds(5))
                }
            }
        }
        try? await gracefulShutdown()
    }
}
