import CoachDomain
package import CoachStore
import Failpoints
package import JobQueue
package import Logging
import Observability

/// What an update asks of the ledger.
package enum Intake: Hashable, Sendable {
    case note(IncomingNote)
    case request(IncomingRequest)

    var updateID: Int64 {
        switch self {
        case .note(let note): note.updateID
        case .request(let request): request.updateID
        }
    }
}

/// What became of one update.
package enum IntakeOutcome: Hashable, Sendable {
    case accepted(Accepted)
    /// The ledger has had this update, or this message, before.
    case duplicate
    /// The ledger refuses this row for ever; trying again cannot help.
    case unstorable
}

/// Lets concurrent requests share commits: whoever arrives while a commit is under way goes with the next.
///
/// No one is answered before the commit that holds their row has returned, so sharing costs nothing in
/// safety and saves a disk flush and a round trip per request.
package actor IntakeBatcher {
    private struct Waiting {
        var intake: Intake
        var answer: CheckedContinuation<Result<IntakeOutcome, StoreError>, Never>
    }

    private let ledger: Ledger
    private let hints: HintStream
    private let botID: Int64
    private let rules: IntakeRules
    private let logger: Logger
    /// One commit flushes while the next is prepared; more would only make smaller batches.
    private let maximumFlights: Int
    private let maximumBatch: Int
    private var waiting: [Waiting] = []
    private var flights = 0

    package init(
        ledger: Ledger, hints: HintStream, botID: Int64, rules: IntakeRules = IntakeRules(),
        maximumFlights: Int = 2, maximumBatch: Int = 256, logger: Logger
    ) {
        self.ledger = ledger
        self.hints = hints
        self.botID = botID
        self.rules = rules
        self.maximumFlights = maximumFlights
        self.maximumBatch = maximumBatch
        self.logger = logger
    }

    /// Returns after the ledger has committed the update, and after its hint was tried.
    ///
    /// - Throws: ``StoreError/database(_:)`` when the commit failed or its outcome is unknown: the sender
    ///   should deliver again, and a repetition of what was committed is a duplicate.
    package func accept(_ intake: Intake) async throws(StoreError) -> IntakeOutcome {
        let result = await withCheckedContinuation { answer in
            waiting.append(Waiting(intake: intake, answer: answer))
            launch()
        }
        return try result.get()
    }

    private func launch() {
        while flights < maximumFlights, !waiting.isEmpty {
            let batch = Array(waiting.prefix(maximumBatch))
            waiting.removeFirst(batch.count)
            flights += 1
            Task {
                await fly(batch)
                flights -= 1
                launch()
            }
        }
    }

    private func fly(_ batch: [Waiting]) async {
        do {
            await Failpoint.webhookBeforeCommit.cross()
            let accepted = try await commit(batch.map(\.intake))
            await Failpoint.webhookAfterCommit.cross()
            // In order of arrival, so that a person's first note is the first to be heard.
            await announce(accepted.sorted { $0.key < $1.key }.compactMap(\.value.hint))
            await Failpoint.webhookAfterAnnounce.cross()
            for (position, item) in batch.enumerated() {
                // The same update twice in one batch is one row; the later request sees a duplicate.
                let isFirst = !batch[..<position].contains { $0.intake.updateID == item.intake.updateID }
                let new = isFirst ? accepted[item.intake.updateID] : nil
                item.answer.resume(returning: .success(new.map { .accepted($0) } ?? .duplicate))
            }
        } catch {
            // Only what Postgres calls a data error is the row's own fault. Everything else, however lasting,
            // is ours (no tables, no rights, no server): Telegram keeps the update until we have mended it.
            guard error.isDataError else {
                for item in batch { item.answer.resume(returning: .failure(error)) }
                return
            }
            // One row that Postgres will never take must not refuse its neighbours.
            guard batch.count == 1 else {
                for item in batch { await fly([item]) }
                return
            }
            logger.error(
                "an update that the ledger refuses", metadata: ["error": "\(SafeErrorDescription.of(error))"])
            batch[0].answer.resume(returning: .success(.unstorable))
        }
    }

    private func commit(_ intakes: [Intake]) async throws(StoreError) -> [Int64: Accepted] {
        var notes: [IncomingNote] = []
        var requests: [IncomingRequest] = []
        for intake in intakes {
            switch intake {
            case .note(let note): notes.append(note)
            case .request(let request): requests.append(request)
            }
        }
        let deadline = ContinuousClock.now + .seconds(10)
        var accepted = try await ledger.accept(notes, botID: botID, rules: rules, deadline: deadline)
        accepted.merge(try await ledger.accept(requests, botID: botID, deadline: deadline)) { first, _ in
            first
        }
        return accepted
    }

    private func announce(_ new: [JobHint]) async {
        do {
            try await hints.announce(new)
        } catch {
            logger.warning(
                "hints not sent; the sweeper will", metadata: ["error": "\(SafeErrorDescription.of(error))"])
        }
    }
}
