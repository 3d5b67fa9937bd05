import CoachDomain
import CoachStore

/// What became of a message, to be written into the ledger.
struct Delivery: Sendable {
    var state: OutboundMessage.State
    /// Telegram's id of the message that shows it, when known.
    var messageID: Int64?
    /// Paid for what was attached.
    var calls: [ProviderCall] = []

    static let superseded = Delivery(state: .superseded)

    static func delivered(_ messageID: Int64?, calls: [ProviderCall] = []) -> Delivery {
        Delivery(state: .delivered, messageID: messageID, calls: calls)
    }
}
