/// A call of the bot, as it was made and answered.
package struct RecordedCall: Sendable, Codable {
    /// How the call arrived.
    package enum Route: String, Sendable, Codable {
        case http
        /// In the answer to a webhook request; nobody hears of its result.
        case webhook
        /// A download; the method is `file` and the only parameter its `path`.
        case file
    }

    package struct Upload: Sendable, Codable {
        package let filename: String
        package let contentType: String?
        package let byteCount: Int
    }

    /// Counts from 1 over all calls.
    package let sequence: Int
    /// When it arrived, in seconds since 1970.
    package let time: Double
    package let route: Route
    package let method: String
    package let parameters: JSONValue
    /// Files that came along, by field.
    package let uploads: [String: Upload]
    /// The HTTP status of the honest answer or of the fault that replaced it.
    package let status: Int
    /// The answer's envelope; null where a fault answered with something else.
    package let answer: JSONValue

    /// The chat it concerns.
    package var chatID: Int64? {
        parameters["chat_id"]?.integer ?? parameters["chat_id"]?.string.flatMap { Int64($0) }
    }

    package var text: String? { parameters["text"]?.string }
}

/// One attempt to hand an update to the webhook.
package struct DeliveryAttempt: Sendable, Codable {
    package let updateID: Int64
    /// When it began, in seconds since 1970.
    package let time: Double
    package let seconds: Double
    /// Nil when no answer came.
    package let status: Int?
    /// In the words of `getWebhookInfo`; nil after a success.
    package let error: String?
    /// Seconds, before scaling, until the next attempt; nil after a success or when the update was given up.
    package let retryAfterSeconds: Double?
}
