/// Where a preparation's time went, on its DSP thread.
package struct PreparationStages: Hashable, Sendable {
    /// Reading, decoding and resampling.
    package var decode = Duration.zero
    /// The caller's tap.
    package var tap = Duration.zero
    /// Levels, loudness, speech detection.
    package var measure = Duration.zero
    /// Cutting, clean-up and tempo.
    package var shape = Duration.zero
    package var encode = Duration.zero

    package init() {}

    package var total: Duration { decode + tap + measure + shape + encode }
}

/// Splits elapsed time into laps.
struct Stopwatch {
    private var last = ContinuousClock.now

    /// Time since the last lap.
    mutating func lap() -> Duration {
        let now = ContinuousClock.now
        defer { last = now }
        return now - last
    }
}
