import CoachDomain
import CoachStore
import Logging
import Observability

/// Whether the operator has paused a stage, asked at most every few seconds.
///
/// Only spares Redis and the ledger useless work: what makes a pause hold is that every claim asks for itself.
struct PauseWatch {
    let ledger: Ledger
    let stage: JobStage
    let every: Duration
    private var asked: ContinuousClock.Instant?
    private var last = false

    init(ledger: Ledger, stage: JobStage, every: Duration) {
        self.ledger = ledger
        self.stage = stage
        self.every = every
    }

    /// The last known answer, when the ledger cannot be asked.
    mutating func isPaused(_ logger: Logger) async -> Bool {
        if let asked, .now - asked < every { return last }
        asked = .now
        guard let pauses = try? await ledger.pauses() else { return last }
        let pause = pauses.first { $0.stage == stage }
        if (pause != nil) != last {
            last = pause != nil
            logger.notice(
                last ? "stage paused" : "stage resumed", metadata: ["by": "\(pause?.pausedBy ?? "-")"])
        }
        return last
    }
}
