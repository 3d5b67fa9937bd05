import Foundation

/// How a call meets a connection and gets its answer.
extension PostgresDriver {
    func accept(_ work: PostgresWork) {
        if work.ticket.isCancelled {
            return refuse(work, .cancelled(outcomeUnknown: false))
        }
        if let lease = work.lease {
            guard let slot = leases[lease], let link = links[slot] else { return refuseOrphan(work) }
            if link.work == nil, link.interruption == nil {
                start(work, on: link)
            } else {
                link.pending.append(work)
            }
            return
        }
        guard !pool.isDraining else { return refuse(work, .closed) }
        waiting[work.id] = work
        pool.enqueue(work.id, deadline: work.deadline)
    }

    /// A transaction whose connection is gone: the server has rolled it back.
    private func refuseOrphan(_ work: PostgresWork) {
        if case .end(commit: false) = work.operation {
            work.reply.resume(returning: .success([]))
        } else {
            refuse(
                work, .disconnected(outcomeUnknown: false, reason: "the transaction's connection was lost"))
        }
    }

    func refuse(_ work: PostgresWork, _ error: PostgresError) {
        work.reply.resume(returning: .failure(error))
    }

    func start(_ work: PostgresWork, on link: PostgresLink) {
        let now = Instant.now
        guard work.deadline > now else {
            refuse(work, .timedOut(outcomeUnknown: false))
            // A transaction that was not ended in time is ended by closing its connection.
            if case .end = work.operation {
                return lose(link, reason: "the transaction ended too late", executing: false)
            }
            return settle(link)
        }
        link.work = work
        link.hasReplied = false
        // The request leaves a little before the deadline, so that the call can end by it with a known outcome.
        let left = now.duration(to: work.deadline)
        link.cancelAt = work.deadline - min(.milliseconds(100), left / 10)
        let begin = link.connection.isInTransaction ? nil : link.lease?.begin
        switch work.operation {
        case .lease(let begin):
            link.lease = PostgresLink.Lease(id: work.id, begin: begin)
            leases[work.id] = link.slot
            process(.finished(.success([])), of: link)
        case .statements(let statements):
            process(
                link.connection.execute(
                    statements, control: begin, mayPrepareAgain: !link.connection.isInTransaction),
                of: link)
        case .script(let script):
            let whole = begin.map { "\($0);\n\(script)" } ?? script
            process(link.connection.run(script: whole), of: link)
        case .end(let commit):
            guard link.connection.isInTransaction else {
                return process(.finished(.success([])), of: link)
            }
            process(
                link.connection.execute([], control: commit ? "COMMIT" : "ROLLBACK", mayPrepareAgain: false),
                of: link)
        }
    }

    func process(_ progress: PostgresConnection.Progress, of link: PostgresLink) {
        switch progress {
        case .waiting: break
        case .finished(let result): conclude(result, of: link)
        case .lost(let reason, let executing): lose(link, reason: reason, executing: executing)
        }
    }

    private func conclude(_ result: Result<[PostgresResult], PostgresError>, of link: PostgresLink) {
        if link.setupDeadline != nil { return setupFinished(result, of: link) }
        if let work = link.work {
            if !link.hasReplied { work.reply.resume(returning: outcome(result, of: work, on: link)) }
            if case .end = work.operation { endLease(of: link) }
        }
        // The server has become a standby; a new connection finds the one that accepts writes.
        if case .failure(let error) = result, error.sqlState == "25006" { link.isOutdated = true }
        link.work = nil
        link.cancelAt = nil
        // A request still on its way would strike whatever runs next.
        if !link.isCancelInFlight { settle(link) }
    }

    private func outcome(
        _ result: Result<[PostgresResult], PostgresError>, of work: PostgresWork, on link: PostgresLink
    ) -> Result<[PostgresResult], PostgresError> {
        switch result {
        case .success(let results):
            // The server answers COMMIT of a failed transaction by rolling back, without an error.
            if case .end(commit: true) = work.operation, results.first?.storage.commandTag == "ROLLBACK" {
                return .failure(
                    .rejected(
                        sqlState: "25P02",
                        message: "rolled back: an earlier statement of the transaction failed",
                        constraint: nil))
            }
            return result
        case .failure(.rejected(sqlState: "57014", message: _, constraint: _)):
            // A script may have committed some of its commands before it was stopped.
            let outcomeUnknown = if case .script = work.operation { work.mayCommit } else { false }
            if case .task = link.interruption?.cause {
                return .failure(.cancelled(outcomeUnknown: outcomeUnknown))
            }
            // Our deadline, the server's statement timeout, or an operator's pg_cancel_backend.
            return .failure(.timedOut(outcomeUnknown: outcomeUnknown))
        case .failure:
            return result
        }
    }

    private func endLease(of link: PostgresLink) {
        guard let lease = link.lease else { return }
        link.lease = nil
        leases[lease.id] = nil
        for work in link.pending { refuse(work, .closed) }
        link.pending.removeAll()
    }

    /// The connection is between two calls: gives it to the next one.
    func settle(_ link: PostgresLink) {
        link.work = nil
        link.cancelAt = nil
        link.interruption = nil
        if link.lease != nil {
            if !link.pending.isEmpty { start(link.pending.removeFirst(), on: link) }
            return
        }
        if link.connection.isClean, !link.isOutdated {
            pool.released(slot: link.slot, now: .now)
        } else {
            lose(link, reason: "a transaction was left open", executing: false)
        }
    }

    /// Closes a connection and answers everybody who counted on it.
    ///
    /// - Parameter executing: Nil when the driver itself cuts the connection.
    func lose(_ link: PostgresLink, reason: String, executing: Bool?) {
        guard links[link.slot] === link else { return }
        let executing = executing ?? link.connection.isExecuting
        links[link.slot] = nil
        if link.setupDeadline != nil {
            link.setupDeadline = nil
            pool.openFailed(slot: link.slot, reason: reason, now: .now, jitter: .random(in: 0...1))
            return
        }
        pool.lost(slot: link.slot)
        if let work = link.work, !link.hasReplied { answerLoss(work, of: link, reason, executing) }
        if let lease = link.lease { leases[lease.id] = nil }
        for work in link.pending { refuseOrphan(work) }
    }

    private func answerLoss(_ work: PostgresWork, of link: PostgresLink, _ reason: String, _ executing: Bool)
    {
        if case .end(commit: false) = work.operation { return work.reply.resume(returning: .success([])) }
        let outcomeUnknown = executing && work.mayCommit
        if let interruption = link.interruption {
            return refuse(
                work,
                interruption.cause == .task
                    ? .cancelled(outcomeUnknown: outcomeUnknown) : .timedOut(outcomeUnknown: outcomeUnknown))
        }
        // Nothing but preparation was sent, so a fresh connection may serve the call instead.
        if !executing, work.lease == nil, !pool.isDraining, work.ticket.takeSecondChance() {
            waiting[work.id] = work
            return pool.enqueueAgain(work.id, deadline: work.deadline)
        }
        refuse(work, .disconnected(outcomeUnknown: outcomeUnknown, reason: reason))
    }
}
