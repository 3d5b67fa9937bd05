/// A named place in the program where the fault suite may strike.
///
/// Compiled in, so that the program under test is the program that is shipped; inert unless
/// `SPEECHCOACH_FAILPOINTS` names it. Crossing an inert one costs a comparison.
package enum Failpoint: String, CaseIterable, Sendable {
    // The webhook, from a parsed update to its answer.
    case webhookBeforeCommit = "webhook.before-commit"
    case webhookAfterCommit = "webhook.after-commit"
    case webhookAfterAnnounce = "webhook.after-announce"
    case webhookBeforeAnswer = "webhook.before-answer"

    // A runner, between a hint and the work.
    case queueAfterRead = "queue.after-read"
    case queueAfterClaim = "queue.after-claim"
    case queueAfterSettle = "queue.after-settle"
    /// The stage's result is committed, the next stage is not announced.
    case queueBeforeAnnounce = "queue.before-announce"
    case queueBeforeRenewal = "queue.before-renewal"

    // The stages.
    case transcribeBeforeDownload = "transcribe.before-download"
    case transcribeAfterDownload = "transcribe.after-download"
    /// The recogniser has answered, nothing is stored.
    case transcribeBeforeCommit = "transcribe.before-commit"
    case transcribeAfterCommit = "transcribe.after-commit"
    case coachBeforeModel = "coach.before-model"
    case coachBeforeCommit = "coach.before-commit"
    case coachAfterCommit = "coach.after-commit"
    case placeholderBeforeSend = "placeholder.before-send"
    case placeholderAfterSend = "placeholder.after-send"
    case deliverBeforeEdit = "deliver.before-edit"
    case deliverAfterEdit = "deliver.after-edit"
    case deliverBeforeSend = "deliver.before-send"
    case deliverAfterSend = "deliver.after-send"

    // The sweeper: the ledger has moved, nobody is told.
    case sweepAfterRescue = "sweep.after-rescue"
    case sweepAfterPromotion = "sweep.after-promotion"
    case sweepBetweenBatches = "sweep.between-batches"

    /// Does what the plan says for this place: nothing at all, as a rule.
    ///
    /// - Throws: ``FailpointError`` when the plan asks for an error.
    package func strike() async throws(FailpointError) {
        guard let plan = FailpointPlan.active, let action = plan.next(self) else { return }
        switch action {
        case .kill: ThisProcess.kill()
        case .stop: ThisProcess.stop()
        case .delay(let duration): try? await Task.sleep(for: duration)
        case .error: throw FailpointError(place: self)
        }
    }

    /// For places that cannot fail: an error there is passed over.
    package func cross() async {
        guard FailpointPlan.active != nil else { return }
        try? await strike()
    }
}

/// What a plan asked for in place of success.
package struct FailpointError: Error, Hashable, Sendable {
    package var place: Failpoint
}
