/// How many second requests may be sent while the first is still under way: a share of all requests.
package struct HedgeBudget: Hashable, Sendable {
    /// Tokens earned by each request, and the most that can be saved.
    private let share: Double
    private let burst: Double
    private var tokens: Double

    package init(share: Double = 0.05, burst: Double = 5) {
        self.share = share
        self.burst = burst
        tokens = burst
    }

    package mutating func earn() { tokens = min(burst, tokens + share) }

    /// - Returns: Whether a hedge may be sent; it has been paid for then.
    package mutating func take() -> Bool {
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }
}

/// How often one provider may be asked a second time by the same job: a tenth of the first attempts of a
/// minute and three at least, so that a provider in trouble is not buried by those who ask again.
package struct RetryBudget: Hashable, Sendable {
    package typealias Instant = ContinuousClock.Instant

    private static let window: Duration = .seconds(60)
    private static let share = 0.1
    private static let floor = 3.0

    private var firsts: [Instant] = []
    private var retries: [Instant] = []

    package init() {}

    package mutating func noteFirst(at now: Instant) {
        firsts.removeAll { $0 <= now - Self.window }
        firsts.append(now)
    }

    package mutating func noteRetry(at now: Instant) {
        retries.removeAll { $0 <= now - Self.window }
        retries.append(now)
    }

    package func mayRetry(at now: Instant) -> Bool {
        let oldest = now - Self.window
        let recent = Double(firsts.count { $0 > oldest })
        return Double(retries.count { $0 > oldest }) < max(Self.floor, Self.share * recent)
    }
}
