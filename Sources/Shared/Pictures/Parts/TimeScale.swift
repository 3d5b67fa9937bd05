/// Seconds to pixels, for everything that shares one time axis.
struct TimeScale: Hashable, Sendable {
    let seconds: Double
    let left: Double
    let width: Double

    /// - Parameter seconds: Length of what is shown; nonsense becomes one second.
    init(seconds: Double, left: Double, width: Double) {
        self.seconds = seconds.isFinite && seconds > 0 ? seconds : 1
        self.left = left
        self.width = width
    }

    var right: Double { left + width }

    /// Instants outside the time that is shown are moved to its edge.
    func x(_ instant: Double) -> Double {
        left + width * min(max(instant / seconds, 0), 1)
    }

    /// At most `limit` round instants, zero first.
    func ticks(limit: Int) -> [Double] {
        let steps: [Double] = [0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1_800, 3_600]
        let step = steps.first { seconds / $0 <= Double(limit - 1) } ?? max(3_600, seconds / Double(limit))
        return Array(stride(from: 0, through: seconds * 0.999, by: step))
    }

    /// For example `1:05`; with tenths where a step is under a second.
    func label(_ instant: Double) -> String {
        let whole = Int(instant)
        let rest = whole % 60
        let text = "\(whole / 60):" + (rest < 10 ? "0\(rest)" : "\(rest)")
        return instant == Double(whole) ? text : text + ".5"
    }
}

/// Values to pixels, upwards.
struct ValueScale: Hashable, Sendable {
    let range: ClosedRange<Double>
    let top: Double
    let height: Double

    func y(_ value: Double) -> Double {
        let span = max(range.upperBound - range.lowerBound, 1e-9)
        return top + height * (1 - min(max((value - range.lowerBound) / span, 0), 1))
    }
}
