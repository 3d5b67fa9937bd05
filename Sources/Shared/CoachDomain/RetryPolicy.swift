/// When a failed job runs again: quick at first, sparse later, never for ever.
///
/// Full jitter (each wait is uniform between zero and the bound) keeps jobs that failed together from
/// coming back together (Brooker, "Exponential Backoff And Jitter", AWS 2015).
package struct RetryPolicy: Hashable, Sendable {
    /// First bound; doubles with every attempt.
    package var firstBound: Duration = .seconds(1)
    /// Bound while the job is young.
    package var quickBound: Duration = .seconds(60)
    /// How long a job counts as young.
    package var quickPeriod: Duration = .seconds(600)
    /// Bound after that.
    package var sparseBound: Duration = .seconds(900)
    /// Age at which a transient failure ends the job. Telegram keeps an update for the same 24 h.
    package var giveUpAge: Duration = .seconds(86_400)
    /// Age of trouble at which its speaker is told to wait.
    package var noticeAge: Duration = .seconds(120)
    /// Worker deaths on one job after which it is taken for poison.
    package var crashLimit: Int = 3
    /// Longest wait that is taken over from a server's `Retry-After`.
    package var throttleLimit: Duration = .seconds(3_600)

    package init() {}

    /// The wait before the next attempt, or `nil` when the job is too old to go on.
    ///
    /// - Parameters:
    ///   - attempts: Attempts spent so far, at least 1.
    ///   - age: Time since the job was created, or since an operator last gave it a fresh start.
    ///   - random: Uniform in 0..<1; passed in so that a test can be exact.
    package func delay(attempts: Int, age: Duration, random: Double) -> Duration? {
        guard age < giveUpAge else { return nil }
        let doublings = min(max(attempts - 1, 0), 20)
        let grown = firstBound * (1 << doublings)
        let bound = age < quickPeriod ? min(grown, quickBound) : sparseBound
        // Never sooner than a quarter of the first bound: a zero wait would spin on a refusing server.
        let wait = max(bound * random, firstBound / 4)
        return min(wait, giveUpAge - age)
    }

    /// The wait that a server asked for, kept inside sane bounds.
    package func throttleDelay(_ asked: Duration) -> Duration {
        min(max(asked, .seconds(1)), throttleLimit)
    }
}
