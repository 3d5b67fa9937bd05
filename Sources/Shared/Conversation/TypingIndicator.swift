package import Logging
package import Telegram

/// Shows that the bot is at work for as long as it is.
package struct TypingIndicator: Sendable {
    /// The placeholder has just said it; who is answered within this time needs no second sign.
    private static let patience = Duration.seconds(1)
    /// Telegram shows an action for 5 s.
    private static let interval = Duration.seconds(4)

    private let telegram: TelegramClient
    private let logger: Logger

    package init(telegram: TelegramClient, logger: Logger) {
        self.telegram = telegram
        self.logger = logger
    }

    /// Runs `work` with the sign of typing in the chat. What goes wrong with the sign does not touch the work.
    package func during<Result: Sendable>(
        _ chatID: Int64, _ work: () async -> Result
    ) async -> Result {
        let typing = Task {
            do {
                try await Task.sleep(for: Self.patience)
                while true {
                    try await telegram.sendChatAction(
                        chatID: chatID, .typing, deadline: .now + Self.interval)
                    try await Task.sleep(for: Self.interval)
                }
            } catch is CancellationError {
            } catch {
                logger.debug("no sign of typing", metadata: ["error": "\(error)"])
            }
        }
        defer { typing.cancel() }
        return await work()
    }
}
