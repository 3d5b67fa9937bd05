import CoachDomain
import CoachStore
package import Logging
import Observability
import ServiceLifecycle
package import Telegram

/// Fetches updates where Telegram cannot reach us, so that a laptop needs no public address.
///
/// The same promise as the webhook's: an update is confirmed (by the next offset) only after the ledger has it.
package struct UpdatePoller: Service {
    private let telegram: TelegramClient
    private let classifier: UpdateClassifier
    private let intake: IntakeBatcher
    private let logger: Logger

    package init(
        telegram: TelegramClient, classifier: UpdateClassifier, intake: IntakeBatcher, logger: Logger
    ) {
        self.telegram = telegram
        self.classifier = classifier
        self.intake = intake
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var offset: Int64?
            var refusals = 0
            while !Task.isCancelled {
                do {
                    let updates = try await telegram.getUpdates(offset: offset, wait: .seconds(25))
                    if let confirmed = try await store(updates) { offset = confirmed }
                    refusals = 0
                } catch {
                    guard !Task.isCancelled else { break }
                    refusals += 1
                    logger.warning(
                        "no updates from Telegram", metadata: ["error": "\(SafeErrorDescription.of(error))"])
                    try? await Task.sleep(for: Self.pause(after: error, refusals: refusals))
                }
            }
        }
    }

    /// - Returns: The offset that confirms everything stored.
    private func store(_ updates: [Update]) async throws -> Int64? {
        // Together, so that they share a commit.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for update in updates {
                guard case .take(let wanted) = classifier.verdict(on: update) else { continue }
                group.addTask {
                    let outcome = try await intake.accept(wanted)
                    guard case .accepted(let accepted) = outcome, let note = accepted.note else { return }
                    NoteContext.with(note) {
                        logger.info("voice note accepted", metadata: ["job": "\(accepted.job)"])
                    }
                }
            }
            try await group.waitForAll()
        }
        return updates.map(\.id).max().map { $0 + 1 }
    }

    private static func pause(after error: any Error, refusals: Int) -> Duration {
        if let wait = (error as? TelegramError)?.retryAfter { return wait }
        return .seconds(min(30, 1 << min(refusals, 5)))
    }
}
