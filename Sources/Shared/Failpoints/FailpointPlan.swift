import Foundation
import Synchronization

/// What happens at which place: `name=action[@n]`, several separated by `;`.
///
/// Actions: `kill` (SIGKILL to this process), `stop` (SIGSTOP), `delay:MILLISECONDS`, `error`. With `@n` only
/// the n-th crossing is struck, counted from 1; without it every one.
package final class FailpointPlan: Sendable {
    package enum Action: Hashable, Sendable {
        case kill, stop, error
        case delay(Duration)
    }

    package struct Strike: Hashable, Sendable {
        package var action: Action
        /// `nil`: at every crossing.
        package var crossing: Int?

        package init(action: Action, crossing: Int?) {
            self.action = action
            self.crossing = crossing
        }
    }

    /// A plan that cannot be read.
    package struct Unreadable: Error, Hashable, CustomStringConvertible {
        package var entry: String

        package init(entry: String) { self.entry = entry }

        package var description: String {
            "SPEECHCOACH_FAILPOINTS: '\(entry)' is not name=kill|stop|error|delay:MS with an optional @n; names: "
                + Failpoint.allCases.map(\.rawValue).joined(separator: ", ")
        }
    }

    package static let variable = "SPEECHCOACH_FAILPOINTS"

    /// The plan of this process; `nil` as a rule.
    ///
    /// A plan that cannot be read ends the process: a fault test whose faults never come would pass.
    static let active: FailpointPlan? = {
        guard let text = ProcessInfo.processInfo.environment[variable], !text.isEmpty else { return nil }
        do {
            return try FailpointPlan(text)
        } catch {
            ThisProcess.refuse("\(error)")
        }
    }()

    package let strikes: [Failpoint: [Strike]]
    private let crossings = Mutex<[Failpoint: Int]>([:])

    package init(_ text: String) throws(Unreadable) {
        var strikes: [Failpoint: [Strike]] = [:]
        for entry in text.split(separator: ";") {
            guard let (place, strike) = Self.parse(entry) else { throw Unreadable(entry: String(entry)) }
            strikes[place, default: []].append(strike)
        }
        self.strikes = strikes
    }

    /// Counts one crossing.
    package func next(_ place: Failpoint) -> Action? {
        guard let planned = strikes[place] else { return nil }
        let number = crossings.withLock { crossings in
            crossings[place, default: 0] += 1
            return crossings[place, default: 0]
        }
        return planned.first { $0.crossing == nil || $0.crossing == number }?.action
    }

    private static func parse(_ entry: Substring) -> (Failpoint, Strike)? {
        let sides = entry.split(separator: "=", maxSplits: 1)
        guard sides.count == 2, let place = Failpoint(rawValue: String(sides[0])) else { return nil }
        let parts = sides[1].split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        var crossing: Int?
        if parts.count == 2 {
            guard let number = Int(parts[1]), number > 0 else { return nil }
            crossing = number
        }
        guard let action = action(parts[0]) else { return nil }
        return (place, Strike(action: action, crossing: crossing))
    }

    private static func action(_ text: Substring) -> Action? {
        switch text {
        case "kill": return .kill
        case "stop": return .stop
        case "error": return .error
        default:
            let parts = text.split(separator: ":")
            guard parts.count == 2, parts[0] == "delay", let milliseconds = Int(parts[1]), milliseconds >= 0
            else { return nil }
            return .delay(.milliseconds(milliseconds))
        }
    }
}

/// Signals to the process that we are.
enum ThisProcess {
    static func kill() {
        Foundation.kill(getpid(), SIGKILL)
        // The signal is on its way; nothing may happen meanwhile.
        while true { pause() }
    }

    static func stop() { Foundation.kill(getpid(), SIGSTOP) }

    static func refuse(_ message: String) -> Never {
        FileHandle.standardError.write(Data((message + "\n").utf8))
        exit(2)
    }
}
