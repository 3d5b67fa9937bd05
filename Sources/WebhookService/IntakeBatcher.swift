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

/// Takes updates into the ledger; concurrent requests share commits.
package struct IntakeBatcher: Sendable {
    private let commits: GroupCommit<Intake, Result<IntakeOutcome, StoreError>>

    package init(
        ledger: Ledger, hints: HintStream, botID: Int64, rules: IntakeRules = IntakeRules(),
        maximumFlights: Int = 2, maximumBatch: Int = 256, logger: Logger
    ) {
        let writer = IntakeWriter(ledger: ledger, hints: hints, botID: botID, rules: rules, logger: logger)
        commits = GroupCommit(maximumFlights: maximumFlights, maximumBatch: maximumBatch) { batch in
            await writer.write(batch)
        }
    }

    /// Returns after the ledger has committed the update, and after its hint was tried.
    ///
    /// - Throws: ``StoreError/database(_:)`` when the commit failed or its outcome is unknown: the sender
    ///   should deliver again, and a repetition of what was committed is a duplicate.
    package func accept(_ intake: Intake) async throws(StoreError) -> IntakeOutcome {
        try await commits.submit(intake).get()
    }
}

/// One batch of updates: commit, then announcement.
private struct IntakeWriter: Sendable {
    let ledger: Ledger
    let hints: HintStream
    let botID: Int64
    let rules: IntakeRules
    let logger: Logger

    func write(_ batch: [Intake]) async -> [Result<IntakeOutcome, StoreError>] {
        do {
            await Failpoint.webhookBeforeCommit.cross()
            let accepted = try await commit(batch)
            await Failpoint.webhookAfterCommit.cross()
            // In order of arrival, so that a person's first note is the first to be heard.
            await announce(accepted.sorted { $0.key < $1.key }.compactMap(\.value.hint))
            await Failpoint.webhookAfterAnnounce.cross()
            return batch.enumerated().map { position, intake in
                // The same update twice in one batch is one row; the later request sees a duplicate.
                let isFirst = !batch[..<position].contains { $0.updateID == intake.updateID }
                let new = isFirst ? accepted[intake.updateID] : nil
                return .success(new.map { .accepted($0) } ?? .duplicate)
            }
        } catch {
            // Only what Postgres calls a data error is the row's own fault. Everything else, however lasting,
            // is ours (no tables, no rights, no server): Telegram keeps the update until we have mended it.
            guard error.isDataError else { return batch.map { _ in .failure(error) } }
            // One row that Postgres will never take must not refuse its neighbours.
            guard batch.count == 1 else {
                var results: [Result<IntakeOutcome, StoreError>] = []
                for intake in batch { results += await write([intake]) }
                return results
            }
            logger.error(
                "an update that the ledger refuses", metadata: ["error": "\(SafeErrorDescription.of(error))"])
            return [.success(.unstorable)]
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
