import Foundation

/// Settings of the webhook. Everything is sent on every call, because what is left out keeps its old value.
package struct WebhookRegistration: Hashable, Sendable {
    /// `https` on port 443, 80, 88 or 8443; a server of one's own also takes `http`.
    package var url: String
    /// 1 to 256 of A-Z a-z 0-9 _ -; comes back in `X-Telegram-Bot-Api-Secret-Token`.
    package var secret: String
    /// 1 to 100 deliveries at once.
    package var maximumConnections: Int
    package var allowedUpdates: [String]
    package var dropsPendingUpdates: Bool

    package init(
        url: String, secret: String, maximumConnections: Int = 40,
        allowedUpdates: [String] = TelegramClient.wantedUpdates, dropsPendingUpdates: Bool = false
    ) {
        self.url = url
        self.secret = secret
        self.maximumConnections = maximumConnections
        self.allowedUpdates = allowedUpdates
        self.dropsPendingUpdates = dropsPendingUpdates
    }
}

extension TelegramClient {
    /// The kinds of update that ``Update`` knows.
    package static let wantedUpdates = ["message", "edited_message", "callback_query", "my_chat_member"]

    /// Who the bot is: the cheapest test of a token.
    package func getMe(deadline: ContinuousClock.Instant? = nil) async throws(TelegramError) -> User {
        try await call("getMe", NoParameters(), isRepeatable: true, deadline: deadline)
    }

    /// Points Telegram's deliveries at a URL. At most one call a second; an identical repetition does nothing.
    package func setWebhook(
        _ webhook: WebhookRegistration, deadline: ContinuousClock.Instant? = nil
    ) async throws(TelegramError) {
        struct Parameters: Encodable {
            let url: String
            let secretToken: String
            let maxConnections: Int
            let allowedUpdates: [String]
            let dropPendingUpdates: Bool
        }
        _ = try await call(
            "setWebhook",
            Parameters(
                url: webhook.url, secretToken: webhook.secret, maxConnections: webhook.maximumConnections,
                allowedUpdates: webhook.allowedUpdates, dropPendingUpdates: webhook.dropsPendingUpdates),
            isRepeatable: true, deadline: deadline, as: Ignored.self)
    }

    package func getWebhookInfo(
        deadline: ContinuousClock.Instant? = nil
    ) async throws(TelegramError) -> WebhookInfo {
        try await call("getWebhookInfo", NoParameters(), isRepeatable: true, deadline: deadline)
    }

    package func deleteWebhook(
        dropsPendingUpdates: Bool = false, deadline: ContinuousClock.Instant? = nil
    ) async throws(TelegramError) {
        struct Parameters: Encodable {
            let dropPendingUpdates: Bool
        }
        _ = try await call(
            "deleteWebhook", Parameters(dropPendingUpdates: dropsPendingUpdates), isRepeatable: true,
            deadline: deadline, as: Ignored.self)
    }

    /// Waits for updates.
    ///
    /// Updates that cannot be decoded at all are left out. The offset confirms everything before it, so a caller
    /// stores what it got before it asks with the next one.
    ///
    /// - Parameters:
    ///   - offset: One more than the highest id already stored; nil for the oldest unconfirmed.
    ///   - wait: How long the server may hold the call open, at most 50 s.
    /// - Throws: ``TelegramError/conflict`` while a webhook is set or another process polls.
    package func getUpdates(
        offset: Int64?, limit: Int = 100, wait: Duration = .seconds(30),
        allowedUpdates: [String] = TelegramClient.wantedUpdates
    ) async throws(TelegramError) -> [Update] {
        struct Parameters: Encodable {
            let offset: Int64?
            let limit: Int
            let timeout: Int64
            let allowedUpdates: [String]
        }
        let updates: [Lenient<Update>] = try await call(
            "getUpdates",
            Parameters(
                offset: offset, limit: limit, timeout: wait.components.seconds, allowedUpdates: allowedUpdates
            ),
            isRepeatable: true, deadline: .now + wait + .seconds(10))
        return updates.compactMap(\.value)
    }

    /// Sets the menu of commands for one language, or for all that have none of their own.
    package func setMyCommands(
        _ commands: [BotCommand], languageCode: String? = nil, deadline: ContinuousClock.Instant? = nil
    ) async throws(TelegramError) {
        struct Parameters: Encodable {
            let commands: [BotCommand]
            let languageCode: String?
        }
        _ = try await call(
            "setMyCommands", Parameters(commands: commands, languageCode: languageCode), isRepeatable: true,
            deadline: deadline, as: Ignored.self)
    }
}
