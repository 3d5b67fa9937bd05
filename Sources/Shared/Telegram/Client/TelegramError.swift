package import HTTPTransport

/// How a Bot API call failed, sorted by what the caller can do about it.
///
/// No case holds the token, a URL or a text of the user.
package enum TelegramError: Error, Equatable, Sendable {
    /// Why a chat cannot be written to.
    package enum Recipient: String, Sendable {
        case blockedByUser = "blocked"
        case deactivated
        case kicked
        case chatNotFound = "chat_not_found"
        case notStarted = "not_started"
        case noRights = "no_rights"
        case unknown
    }

    // MARK: Harmless

    /// The edit would have changed nothing: it is already done.
    case notModified
    /// The message to delete is not there, or no longer deletable.
    case alreadyGone
    /// The button was pressed too long ago to be answered.
    case callbackExpired

    // MARK: Final for this call

    /// The message to edit does not exist or cannot be edited; send a new one.
    case targetGone
    /// Nothing can be sent there; never try again on our own account.
    case recipientGone(Recipient)
    /// The group became a supergroup: store the new id and try once more.
    case migrated(toChatID: Int64)
    /// The file is over Telegram's limit for bots, 20 MiB.
    case fileTooBig
    /// The entities were refused; send the text plain.
    case formatting
    /// The text or caption is longer than Telegram takes; split it.
    case tooLong
    /// The user accepts no voice messages; send text.
    case voiceForbidden
    /// The request itself is at fault (413, 415, 431, or one that HTTP cannot express).
    case invalidRequest(status: Int)
    /// Refused for a reason not known here. The description is Telegram's, shortened.
    case refused(status: Int, description: String)
    /// A file of ours could not be read or written.
    case localFile(errno: Int32)

    // MARK: Deployment

    /// The token is wrong or revoked, or there is no Bot API at that address. Stop and tell the operator.
    case unauthorized
    /// A webhook is set while polling, or two processes poll. Tell the operator; try again slowly.
    case conflict

    // MARK: Passing

    /// Telegram cannot get at the file at the moment. It hides rate limits and outages of its own behind this.
    case fileUnavailable
    /// The link from `getFile` has expired; ask for a new one.
    case fileLinkExpired
    /// Too many requests; nothing was done. The wait can be hours.
    case rateLimited(retryAfter: Duration)
    /// A 5xx from Telegram or what stands before it. A send may still have happened.
    case serverUnavailable(status: Int)
    /// The request never reached Telegram.
    case unreachable(HTTPError)
    /// The request left and no usable answer came: it may have been done.
    case outcomeUnknown(HTTPError)
    /// A success whose content could not be understood: it has been done.
    case unintelligibleAnswer

    /// Whether the wish behind the call is fulfilled or moot, so that the failure counts as done.
    package var isBenign: Bool {
        switch self {
        case .notModified, .alreadyGone, .callbackExpired: true
        default: false
        }
    }

    /// Whether the same call can succeed later, all by itself.
    package var isTransient: Bool {
        switch self {
        case .fileUnavailable, .fileLinkExpired, .rateLimited, .serverUnavailable, .conflict: true
        case .unreachable(let error), .outcomeUnknown(let error): error.isTransient
        default: false
        }
    }

    /// How long Telegram wants to be left alone, if it said so.
    package var retryAfter: Duration? {
        if case .rateLimited(let wait) = self { wait } else { nil }
    }

    /// Whether the call may have taken effect although it failed. A send is then not to be repeated blindly.
    package var mayHaveTakenEffect: Bool {
        switch self {
        case .serverUnavailable, .outcomeUnknown, .unintelligibleAnswer: true
        default: false
        }
    }

    init(_ error: HTTPError) {
        self =
            switch error {
            case .invalidRequest: .invalidRequest(status: 0)
            case .localFile(let code): .localFile(errno: code)
            case _ where error.requestMayHaveBeenSent: .outcomeUnknown(error)
            default: .unreachable(error)
            }
    }
}
