import CoachDomain

/// Seconds spent in one step, for tables and metrics.
package struct StepTime: Hashable, Sendable, Codable {
    package var name: String
    package var seconds: Double

    package init(name: String, seconds: Double) {
        self.name = name
        self.seconds = seconds
    }
}

/// Laps of a stopwatch.
package struct StepClock: Sendable {
    package private(set) var steps: [StepTime] = []
    private var start = ContinuousClock.now

    package init() {}

    package mutating func lap(_ name: String) {
        let now = ContinuousClock.now
        steps.append(StepTime(name: name, seconds: (now - start).inSeconds))
        start = now
    }
}
