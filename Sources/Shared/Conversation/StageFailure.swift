package import CoachDomain
package import CoachStore
package import JobQueue
package import Telegram

extension JobFailure {
    /// What a failed Bot API call means for the job that made it.
    package init(_ error: TelegramError) {
        switch error {
        case .rateLimited(let wait):
            self.init(.throttled(retryAfter: wait), code: "telegram.rate-limited", detail: "\(error)")
        case .recipientGone:
            self.init(.permanent, code: "telegram.recipient-gone", detail: "\(error)")
        case .fileTooBig:
            self.init(.permanent, code: "telegram.file-too-big", detail: "\(error)", advice: .tooLarge)
        case .fileUnavailable:
            self.init(
                .transient, code: "telegram.file-unavailable", detail: "\(error)", advice: .fileUnavailable)
        case .localFile:
            // A full disk, no descriptors left: never the note's fault.
            self.init(.transient, code: "telegram.local-file", detail: "\(error)")
        case .unauthorized, .conflict:
            // The operator's to mend; the job waits meanwhile, as long as jobs wait at all.
            self.init(.transient, code: "telegram.unauthorized", detail: "\(error)")
        case _ where error.isTransient || error.mayHaveTakenEffect:
            self.init(.transient, code: "telegram.unavailable", detail: "\(error)")
        default:
            self.init(.permanent, code: "telegram.refused", detail: "\(error)")
        }
    }

    /// What a failed ledger call means for the job that made it.
    package init(_ error: StoreError) {
        switch error {
        case .notFound, .unreadable:
            self.init(.permanent, code: "ledger.unreadable", detail: "\(error)")
        case .database, .fenced:
            self.init(.transient, code: "ledger.unavailable", detail: "\(error)")
        }
    }
}

extension StageResult {
    /// The end of an attempt that threw.
    package static func ended(by error: any Error, calls: [ProviderCall] = []) -> StageResult {
        switch error {
        case StoreError.fenced: .leaseLost
        case let failure as JobFailure: .failed(failure, calls: calls)
        case let error as TelegramError: .failed(JobFailure(error), calls: calls)
        case let error as StoreError: .failed(JobFailure(error), calls: calls)
        case is CancellationError:
            .failed(JobFailure(.transient, code: "stage.cancelled", detail: "cancelled"), calls: calls)
        default:
            .failed(
                JobFailure(.transient, code: "stage.unexpected", detail: "\(type(of: error))"), calls: calls)
        }
    }
}
