/// The `parameters` of a failed answer.
struct ResponseParameters: Decodable {
    let migrateToChatID: Int64?
    let retryAfter: Int64?

    init(from decoder: any Decoder) throws {
        let fields = try LenientFields(decoder)
        migrateToChatID = fields.optional("migrate_to_chat_id")
        retryAfter = fields.optional("retry_after")
    }
}

extension TelegramError {
    /// Waits above this are Telegram's own upper bound, 14 days.
    private static let longestWait: Int64 = 14 * 24 * 3600

    /// Sorts an answer that is no success.
    ///
    /// Telegram folds most failures into 400, so the description decides, by its beginning and without regard to
    /// case. The texts are those of the Bot API server (`Client.cpp`) and of TDLib.
    ///
    /// - Parameters:
    ///   - description: Empty when the body was not Telegram's, such as a proxy's HTML.
    ///   - retryAfterHeader: The `Retry-After` header, for a 429 from what stands before Telegram.
    init(status: Int, description: String, parameters: ResponseParameters?, retryAfterHeader: String?) {
        let reason = Self.reason(description)
        if let chat = parameters?.migrateToChatID {
            self = .migrated(toChatID: chat)
            return
        }
        switch status {
        case 400:
            self = Self.badRequest(reason) ?? .refused(status: 400, description: Self.shortened(description))
        case 401, 404, 421: self = .unauthorized
        case 403: self = Self.badRequest(reason) ?? .recipientGone(.unknown)
        case 409: self = .conflict
        case 413, 415, 431: self = .invalidRequest(status: status)
        case 429:
            let header = retryAfterHeader.flatMap { Int64($0) }
            let seconds = parameters?.retryAfter ?? header ?? 1
            self = .rateLimited(retryAfter: .seconds(min(max(seconds, 1), Self.longestWait)))
        case 500...: self = .serverUnavailable(status: status)
        default: self = .refused(status: status, description: Self.shortened(description))
        }
    }

    private static let known: [(prefix: String, error: TelegramError)] = [
        ("message is not modified", .notModified),
        ("query is too old", .callbackExpired),
        ("message to delete not found", .alreadyGone),
        ("message can't be deleted", .alreadyGone),
        ("message to edit not found", .targetGone),
        ("message can't be edited", .targetGone),
        ("there is no text in the message to edit", .targetGone),
        ("message to react not found", .targetGone),
        ("can't parse", .formatting),
        ("entity beginning at", .formatting),
        ("message is too long", .tooLong),
        ("message_too_long", .tooLong),
        ("text is too long", .tooLong),
        ("message caption is too long", .tooLong),
        ("media_caption_too_long", .tooLong),
        ("file is too big", .fileTooBig),
        ("wrong file_id or the file is temporarily unavailable", .fileUnavailable),
        ("voice_messages_forbidden", .voiceForbidden),
        ("chat not found", .recipientGone(.chatNotFound)),
        ("private chat not found", .recipientGone(.chatNotFound)),
        ("peer_id_invalid", .recipientGone(.chatNotFound)),
        ("bot was blocked by the user", .recipientGone(.blockedByUser)),
        ("user is deactivated", .recipientGone(.deactivated)),
        ("bot was kicked", .recipientGone(.kicked)),
        ("bot is not a member", .recipientGone(.kicked)),
        ("the group chat was deleted", .recipientGone(.chatNotFound)),
        ("bot can't initiate conversation", .recipientGone(.notStarted)),
        ("have no rights to send", .recipientGone(.noRights)),
        ("not enough rights to send", .recipientGone(.noRights)),
        ("chat_write_forbidden", .recipientGone(.noRights)),
        ("need administrator rights", .recipientGone(.noRights)),
    ]

    private static func badRequest(_ reason: String) -> TelegramError? {
        known.first { reason.hasPrefix($0.prefix) }?.error
    }

    /// The description without "Bad Request: " and the like, in lower case.
    private static func reason(_ description: String) -> String {
        var text = description.lowercased()
        // "Forbidden: Forbidden: user is deactivated" does occur.
        for _ in 0..<2 {
            for prefix in ["bad request: ", "forbidden: "] where text.hasPrefix(prefix) {
                text.removeFirst(prefix.count)
            }
        }
        return text
    }

    private static func shortened(_ description: String) -> String {
        String(description.prefix(200))
    }
}
