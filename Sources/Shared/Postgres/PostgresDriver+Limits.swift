import Foundation

/// Deadlines, cancellation, and the threads that open connections and deliver cancel requests.
extension PostgresDriver {
    // MARK: Opening

    func open(_ slot: Int) {
        let attempt = nextID()
        attempts[slot] = attempt
        let configuration = configuration
        let mailbox = mailbox
        Self.detach("postgres-open") {
            let result: Result<LibpqHandle, PostgresError>
            do throws(PostgresError) {
                result = .success(try LibpqHandle.open(configuration))
            } catch {
                result = .failure(error)
            }
            _ = mailbox.post(.opened(slot: slot, attempt: attempt, result))
        }
    }

    func connectionOpened(_ slot: Int, _ attempt: UInt64, _ result: Result<LibpqHandle, PostgresError>) {
        guard attempts[slot] == attempt else { return }
        attempts[slot] = nil
        switch result {
        case .failure(let error):
            let reason = if case .connectionFailed(let reason) = error { reason } else { error.description }
            pool.openFailed(slot: slot, reason: reason, now: .now, jitter: .random(in: 0...1))
        case .success(let handle):
            let link = PostgresLink(id: nextID(), slot: slot, handle: handle)
            link.setupDeadline = .now + Self.setupPatience
            links[slot] = link
            process(link.connection.run(script: configuration.sessionSetup), of: link)
        }
    }

    static let setupPatience = Duration.seconds(5)

    func setupFinished(_ result: Result<[PostgresResult], PostgresError>, of link: PostgresLink) {
        if case .failure(let error) = result {
            return lose(link, reason: "session settings refused: \(error)", executing: false)
        }
        link.setupDeadline = nil
        pool.opened(slot: link.slot, now: .now, jitter: .random(in: 0...1))
    }

    // MARK: Limits

    func checkClock(of link: PostgresLink, now: Instant) {
        if let setupDeadline = link.setupDeadline {
            if setupDeadline <= now {
                lose(link, reason: "no answer to the session settings", executing: false)
            }
            return
        }
        if let cancelAt = link.cancelAt, cancelAt <= now, link.interruption == nil, let work = link.work {
            interrupt(link, because: .deadline, answerBy: work.deadline, now: now)
        }
        guard let interruption = link.interruption else { return }
        if interruption.answerBy <= now, !link.hasReplied, let work = link.work {
            link.hasReplied = true
            let outcomeUnknown = link.connection.isExecuting && work.mayCommit
            refuse(
                work,
                interruption.cause == .task
                    ? .cancelled(outcomeUnknown: outcomeUnknown) : .timedOut(outcomeUnknown: outcomeUnknown))
        }
        if interruption.abandonAt <= now {
            lose(link, reason: "no answer to a cancel request", executing: nil)
        }
    }

    func cancel(_ id: UInt64) {
        if let work = waiting.removeValue(forKey: id) {
            _ = pool.withdraw(id)
            return refuse(work, .cancelled(outcomeUnknown: false))
        }
        for case .some(let link) in links {
            if let work = link.work, work.id == id {
                let now = Instant.now
                guard link.interruption == nil else { return }
                return interrupt(
                    link, because: .task, answerBy: min(work.deadline, now + Self.answerGrace), now: now)
            }
            if let index = link.pending.firstIndex(where: { $0.id == id }) {
                return refuse(link.pending.remove(at: index), .cancelled(outcomeUnknown: false))
            }
        }
    }

    private func interrupt(
        _ link: PostgresLink, because cause: PostgresLink.Interruption.Cause, answerBy: Instant, now: Instant
    ) {
        link.interruption = PostgresLink.Interruption(
            cause: cause, answerBy: answerBy, abandonAt: now + Self.cancelGrace)
        guard cancelsInFlight < Self.cancelLimit else { return }
        cancelsInFlight += 1
        link.isCancelInFlight = true
        let canceller = link.canceller
        let id = link.id
        let mailbox = mailbox
        Self.detach("postgres-cancel") {
            canceller.request()
            _ = mailbox.post(.cancelDelivered(link: id))
        }
    }

    func cancelDelivered(_ id: UInt64) {
        cancelsInFlight -= 1
        for case .some(let link) in links where link.id == id {
            link.isCancelInFlight = false
            if link.work == nil { settle(link) }
        }
    }

    static func detach(_ name: String, _ body: @escaping @Sendable () -> Void) {
        let thread = Thread(block: body)
        thread.name = name
        thread.start()
    }
}
