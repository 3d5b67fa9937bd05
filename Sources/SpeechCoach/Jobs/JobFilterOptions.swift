import ArgumentParser
import CoachDomain
import CoachStore

/// Which jobs a command means; shared by listing and bulk changes.
struct JobFilterOptions: ParsableArguments {
    @Option(help: "Only jobs in this state: \(JobState.names).")
    var state: JobState?

    @Option(help: "Only jobs of this stage: \(JobStage.names).")
    var stage: JobStage?

    @Option(help: ArgumentHelp("Only jobs of this Telegram user.", valueName: "id"))
    var user: Int64?

    @Option(help: ArgumentHelp("Only jobs whose last error contains this, in any case.", valueName: "text"))
    var error: String?

    @Option(help: ArgumentHelp("Only jobs created within this time: 90s, 30m, 2h, 7d.", valueName: "age"))
    var since: Age?

    @Option(help: "At most this many, newest first.")
    var limit: Int = 100

    func validate() throws {
        guard limit > 0 else {
            throw ValidationError("--limit \(limit): a number above 0 is needed, for example --limit 50")
        }
    }

    var filter: JobFilter {
        var filter = JobFilter()
        filter.state = state
        filter.stage = stage
        filter.userID = user
        filter.error = error
        filter.since = since?.duration
        filter.limit = limit
        return filter
    }

    var narrowsAnything: Bool {
        state != nil || stage != nil || user != nil || error != nil || since != nil
    }
}

extension JobState: ExpressibleByArgument {
    static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

extension JobStage: ExpressibleByArgument {
    static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

/// A length of time as an operator types it: a whole number and `s`, `m`, `h` or `d`.
struct Age: ExpressibleByArgument, Equatable {
    var duration: Duration

    init?(argument: String) {
        let factors: [Character: Int] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
        guard let unit = argument.last, let factor = factors[unit], let count = Int(argument.dropLast()),
            count > 0, count <= 3_650 * 86_400 / factor
        else { return nil }
        duration = .seconds(count * factor)
    }

    static var allValueStrings: [String] { [] }
    var defaultValueDescription: String { "" }
}
