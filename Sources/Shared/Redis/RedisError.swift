import Foundation

/// A failure at the Redis boundary. No case carries a password, a key or a value.
package enum RedisError: Error, Equatable, Sendable {
    /// The address cannot be understood; the text says which part and what is expected.
    case invalidConfiguration(reason: String)
    /// There is no connection at the moment. Nothing was sent.
    case unavailable(reason: String)
    /// The connection was lost; the command may or may not have run.
    case disconnected(reason: String)
    /// No answer in time. When `sent`, the command may have run or may still run.
    case timedOut(after: Duration, sent: Bool)
    /// The caller's task was cancelled. When `sent`, the command may have run or may still run.
    case cancelled(sent: Bool)
    /// The client was closed. Nothing was sent.
    case closed
    /// More commands are waiting for answers than the client holds. Nothing was sent.
    case overloaded(pendingCommands: Int)
    /// The server refused the command; see ``rejection`` for the kind. A script that fails half-way is
    /// reported this way too, and what it wrote before stays.
    case rejected(message: String)
    /// The command cannot be sent on a connection that callers share. Nothing was sent.
    case unshareable(command: String)
    /// The server's bytes are not Redis protocol, or a reply exceeds the size that we accept. The
    /// connection was closed; the command may or may not have run.
    case protocolViolation(reason: String)
    /// The server answered with something the caller cannot use; the command did run.
    case unexpectedReply(to: String)

    /// Whether sending the same command again can help.
    package var isTransient: Bool {
        switch self {
        case .unavailable, .disconnected, .timedOut, .overloaded, .protocolViolation: true
        case .rejected: rejection?.isTransient ?? false
        case .invalidConfiguration, .cancelled, .closed, .unshareable, .unexpectedReply: false
        }
    }

    /// Whether the command may have changed something although the call failed; for a refusal, true of a
    /// script that failed on its way and of refusals that we do not know.
    package var mayHaveTakenEffect: Bool {
        switch self {
        case .disconnected, .protocolViolation, .unexpectedReply: true
        case .timedOut(_, let sent), .cancelled(let sent): sent
        case .rejected(let message): rejection == .other || message.contains("@user_script")
        case .invalidConfiguration, .unavailable, .closed, .overloaded, .unshareable: false
        }
    }

    /// What kind of refusal this is; `nil` for failures that are not refusals.
    package var rejection: RedisRejection? {
        guard case .rejected(let message) = self else { return nil }
        return RedisRejection(message: message)
    }

    /// A refusal, without the command's arguments, which the server repeats in some of its messages.
    static func refused(_ message: String) -> RedisError {
        let cut =
            message.range(of: ", with args beginning with").map { message[..<$0.lowerBound] } ?? message[...]
        return .rejected(message: String(cut.prefix(200)))
    }
}

/// The kinds of refusal that a caller treats differently, by the error code that starts the message.
package enum RedisRejection: Sendable, Equatable {
    /// `NOAUTH`, `WRONGPASS`, `NOPERM`: the configured account is not let in.
    case notPermitted
    /// `LOADING`: the server reads its data after a start.
    case loading
    /// `READONLY`: the server is a replica.
    case readOnly
    /// `OOM`: `maxmemory` is reached.
    case outOfMemory
    /// `MISCONF`: the server cannot write its data to disk and refuses changes.
    case cannotPersist
    /// `BUSY`: a script runs for too long.
    case busy
    /// `MASTERDOWN`, `CLUSTERDOWN`, `TRYAGAIN`, `NOREPLICAS`: the set-up behind the server is not ready.
    case notReady
    /// `NOSCRIPT`: the script must be sent in full.
    case unknownScript
    /// `NOGROUP`, `UNBLOCKED`: the stream or its consumer group is gone.
    case unknownGroup
    /// `BUSYGROUP`: the consumer group exists already.
    case groupExists
    /// `WRONGTYPE`: the key holds another type.
    case wrongType
    /// `EXECABORT`: a queued command was refused, so none of the transaction ran.
    case transactionAborted
    case other

    init(message: String) {
        self =
            switch message.prefix(while: { $0 != " " }) {
            case "NOAUTH", "WRONGPASS", "NOPERM": .notPermitted
            case "LOADING": .loading
            case "READONLY": .readOnly
            case "OOM": .outOfMemory
            case "MISCONF": .cannotPersist
            case "BUSY": .busy
            case "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "NOREPLICAS": .notReady
            case "NOSCRIPT": .unknownScript
            case "NOGROUP", "UNBLOCKED": .unknownGroup
            case "BUSYGROUP": .groupExists
            case "WRONGTYPE": .wrongType
            case "EXECABORT": .transactionAborted
            default: .other
            }
    }

    var isTransient: Bool {
        switch self {
        case .loading, .readOnly, .outOfMemory, .cannotPersist, .busy, .notReady: true
        case .notPermitted, .unknownScript, .unknownGroup, .groupExists, .wrongType, .transactionAborted,
            .other:
            false
        }
    }
}
