/// What `getFile` tells about a file.
package struct RemoteFile: Hashable, Sendable, Decodable {
    package let id: String
    package let uniqueID: String?
    package let size: Int64?
    /// For ``TelegramClient/download(_:to:maximumBytes:deadline:)``; good for at least an hour. A Bot API server
    /// of one's own answers with an absolute path on its disk.
    package let path: String?

    package init(id: String, uniqueID: String? = nil, size: Int64? = nil, path: String?) {
        self.id = id
        self.uniqueID = uniqueID
        self.size = size
        self.path = path
    }

    package init(from decoder: any Decoder) throws {
        let fields = try LenientFields(decoder)
        id = try fields.required("file_id")
        uniqueID = fields.optional("file_unique_id")
        size = fields.optional("file_size")
        path = fields.optional("file_path")
    }
}

/// What Telegram says about the webhook.
package struct WebhookInfo: Hashable, Sendable, Decodable {
    /// Empty when none is set.
    package let url: String
    /// Updates that wait for delivery; Telegram itself warns at 200.
    package let pendingUpdateCount: Int?
    package let ipAddress: String?
    /// Unix time in seconds.
    package let lastErrorDate: Int64?
    package let lastErrorMessage: String?
    package let lastSynchronizationErrorDate: Int64?
    package let maxConnections: Int?
    package let allowedUpdates: [String]?

    package init(from decoder: any Decoder) throws {
        let fields = try LenientFields(decoder)
        url = try fields.required("url")
        pendingUpdateCount = fields.optional("pending_update_count")
        ipAddress = fields.optional("ip_address")
        lastErrorDate = fields.optional("last_error_date")
        lastErrorMessage = fields.optional("last_error_message")
        lastSynchronizationErrorDate = fields.optional("last_synchronization_error_date")
        maxConnections = fields.optional("max_connections")
        allowedUpdates = fields.list("allowed_updates")
    }
}
