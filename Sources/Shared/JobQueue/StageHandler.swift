package import CoachDomain
package import CoachStore

/// How one attempt at a job ended.
package enum StageResult: Sendable {
    /// The ledger has the result; these jobs came out of it.
    case completed(next: [JobHint])
    /// Nothing was stored; the queue decides what follows.
    case failed(JobFailure, calls: [ProviderCall])
    /// The lease was taken away: nothing may be written, somebody else has the job.
    case leaseLost
}

/// The work of one stage.
///
/// A handler stores its own result, under the job's lease, in the statement that also makes the next job. It
/// has to stop soon after its task is cancelled. Every stage can be run twice.
package protocol StageHandler: Sendable {
    var stage: JobStage { get }
    /// After this long an attempt is stuck, and the job is given to somebody else.
    var longestAttempt: Duration { get }
    func run(_ job: ClaimedJob) async -> StageResult
}

/// What a speaker is told when a job dies, in every language the product speaks.
package struct AdviceCatalogue: Sendable {
    private let texts: [UserAdvice: LocalizedText]

    package init(_ texts: [UserAdvice: LocalizedText]) { self.texts = texts }

    package subscript(advice: UserAdvice) -> LocalizedText { texts[advice] ?? [:] }
}
