package import CoachDomain
package import CoachStore
import Failpoints
package import Logging
package import Observability
package import Telegram

/// Makes sure that a note has the one message which its results are shown in.
///
/// Sends are not idempotent, so the intent is written down before, the message id after. Should the outcome
/// of a send be lost, a fresh placeholder is sent when one is needed: at worst one orphan that says
/// "listening", never two results.
package struct PlaceholderKeeper: Sendable {
    /// How an attempt to have a placeholder ended.
    package enum Outcome: Sendable {
        case known(messageID: Int64)
        /// Another process is at it; ask again soon.
        case beingSent
        /// Telegram refused or could not be reached; nothing is pending.
        case refused(TelegramError)
    }

    private let ledger: Ledger
    private let telegram: TelegramClient
    private let phrasebooks: Phrasebooks
    private let ambiguousSends: CounterSeries
    private let logger: Logger
    /// A begun send without an outcome for this long has died with its process.
    private let patience = TelegramClient.patience + .seconds(5)

    package init(
        ledger: Ledger, telegram: TelegramClient, phrasebooks: Phrasebooks, metrics: MetricsRegistry,
        logger: Logger
    ) {
        self.ledger = ledger
        self.telegram = telegram
        self.phrasebooks = phrasebooks
        self.ambiguousSends = metrics.counter(MetricsCatalogue.ambiguousSends)
        self.logger = logger
    }

    /// Returns the placeholder's message id, sending the message when nobody has.
    ///
    /// - Throws: ``StoreError/fenced(_:)`` when the lease is lost; nothing was sent, nothing may be edited.
    package func ensure(_ note: NoteID, under lease: Lease) async throws(StoreError) -> Outcome {
        switch try await ledger.claimPlaceholder(note, under: lease, patience: patience) {
        case .sent(let messageID): return .known(messageID: messageID)
        case .beingSent: return .beingSent
        case .yours(let claim): return try await send(claim)
        }
    }

    private func send(_ claim: PlaceholderClaim) async throws(StoreError) -> Outcome {
        let text = RichText(text: phrasebooks.book(for: claim.languageCode).placeholder)
        do {
            await Failpoint.placeholderBeforeSend.cross()
            let message = try await telegram.sendMessage(
                chatID: claim.chatID, text, replyingTo: claim.replyToMessageID, silently: true)
            await Failpoint.placeholderAfterSend.cross()
            if try await ledger.placeholderSent(claim, messageID: message.id) {
                return .known(messageID: message.id)
            }
            await remove(message.id, from: claim.chatID)
            return .beingSent
        } catch let error as TelegramError {
            if error.mayHaveTakenEffect {
                ambiguousSends.increment()
                logger.warning("a placeholder's fate is unknown", metadata: ["error": "\(error)"])
                try await ledger.placeholderLost(claim)
            } else {
                try await ledger.placeholderNotSent(claim)
            }
            return .refused(error)
        } catch let error as StoreError {
            throw error
        } catch {
            return .refused(.unintelligibleAnswer)
        }
    }

    /// Somebody took our send for lost and sent another: ours is one too many.
    private func remove(_ messageID: Int64, from chatID: Int64) async {
        do {
            try await telegram.deleteMessage(chatID: chatID, messageID: messageID)
        } catch {
            logger.warning("an orphaned placeholder stays", metadata: ["error": "\(error)"])
        }
    }
}
