/// When to try to connect again: at once after a connection that worked, then 50 ms doubling to 2 s, each
/// shortened at random by up to half, so that the clients of a restarted server do not all come at once.
struct ReconnectSchedule {
    private static let first = Duration.milliseconds(50)
    private static let longest = Duration.seconds(2)
    private(set) var failures = 0

    /// The pause before the next attempt.
    mutating func afterFailure(using generator: inout some RandomNumberGenerator) -> Duration {
        let whole = min(Self.first * (1 << min(failures, 10)), Self.longest)
        failures += 1
        return whole * Double.random(in: 0.5...1, using: &generator)
    }

    /// The connection has answered a command.
    mutating func succeeded() {
        failures = 0
    }
}
