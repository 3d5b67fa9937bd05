import ArgumentParser
import CoachDomain
import CoachStore
import Conversation
import Foundation
import ServiceKit

/// What retry and cancel have in common.
struct JobChangeOptions: ParsableArguments {
    @Argument(help: "Numbers of the jobs; or name them by --state and the other filters.")
    var ids: [Int64] = []

    @Flag(help: "Show which jobs would change, and change nothing.")
    var dryRun = false

    @Option(help: ArgumentHelp("Why; written into the history of each job.", valueName: "text"))
    var reason: String?

    @Flag(help: "Do not ask before changing jobs that were named by a filter.")
    var yes = false
}

extension JobsCommand {
    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give dead or waiting jobs a fresh start, now.",
            discussion: """
                The history is kept, the counters start anew. A running or finished job is refused (exit code 4),
                an unknown one is named (exit code 3).

                EXAMPLE
                  speechcoach jobs retry 42 43 --reason "key renewed"
                  speechcoach jobs retry --state dead --stage coach --since 2h --dry-run
                """)

        @OptionGroup var change: JobChangeOptions
        @OptionGroup var filter: JobFilterOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: SettingsOptions

        func run() async throws {
            try await JobChange(
                verb: "retry", done: "retried", options: change, filter: filter, json: output.json
            ) { session, ids in
                let outcomes = try await session.ledger.retry(ids, reason: change.reason)
                let hints = outcomes.compactMap { outcome -> JobHint? in
                    guard outcome.result == .changed, let stage = outcome.stage else { return nil }
                    return JobHint(job: JobID(outcome.id), stage: stage)
                }
                await session.announce(hints)
                return outcomes
            }.run(settings)
        }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End jobs for good.",
            discussion: """
                Whoever works on such a job can write nothing more, and a speaker who waits for its answer is told.
                Finished jobs are refused (exit code 4).

                EXAMPLE
                  speechcoach jobs cancel 42 --reason spam
                  speechcoach jobs cancel --state retrying --user 123456 --yes
                """)

        @OptionGroup var change: JobChangeOptions
        @OptionGroup var filter: JobFilterOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: SettingsOptions

        func run() async throws {
            try await JobChange(
                verb: "cancel", done: "cancelled", options: change, filter: filter, json: output.json
            ) { session, ids in
                let advice = try Phrasebooks().advice(.cancelled, limitMinutes: 0)
                let (outcomes, telling) = try await session.ledger.cancel(
                    ids, reason: change.reason, advice: advice)
                await session.announce(telling)
                return outcomes
            }.run(settings)
        }
    }
}

/// Picks the jobs, asks, changes them, and says what happened to each.
struct JobChange {
    var verb: String
    var done: String
    var options: JobChangeOptions
    var filter: JobFilterOptions
    var json: Bool
    var apply: (OperatorSession, [JobID]) async throws -> [OperatorOutcome]

    private struct Document: Encodable {
        var dryRun: Bool
        var results: [OperatorOutcome]
    }

    func run(_ settings: SettingsOptions) async throws {
        guard options.ids.isEmpty != !filter.narrowsAnything else {
            throw CommandFailure(
                .unusable,
                "name the jobs either by number or by a filter: "
                    + "speechcoach jobs \(verb) 42, or speechcoach jobs \(verb) --state dead --since 2h")
        }
        try await OperatorSession.with(settings) { session in
            let ids = try await chosen(session)
            if options.dryRun { return try await preview(ids, session) }
            guard try confirmed(ids.count) else { throw CommandFailure(.failed, "nothing changed") }
            let outcomes = ids.isEmpty ? [] : try await apply(session, ids)
            try report(outcomes)
        }
    }

    private func chosen(_ session: OperatorSession) async throws -> [JobID] {
        guard options.ids.isEmpty else { return options.ids.map { JobID($0) } }
        return try await session.ledger.jobs(filter.filter).map { JobID($0.id) }
    }

    private func preview(_ ids: [JobID], _ session: OperatorSession) async throws {
        var named = JobFilter()
        named.ids = ids
        named.limit = max(1, ids.count)
        let jobs = ids.isEmpty ? [] : try await session.ledger.jobs(named)
        if json {
            let found = Set(jobs.map(\.id))
            let missing = ids.filter { !found.contains($0.rawValue) }
            return try Output.json(
                Document(
                    dryRun: true,
                    results: jobs.map {
                        OperatorOutcome(id: $0.id, result: .wouldChange, state: $0.state, stage: $0.stage)
                    } + missing.map { OperatorOutcome(id: $0.rawValue, result: .notFound) }))
        }
        Output.line("Would \(verb) \(jobs.count) job\(jobs.count == 1 ? "" : "s"); nothing was changed.")
        if !jobs.isEmpty { Output.line(JobTable.text(jobs)) }
    }

    /// Jobs that were named one by one need no question; a filter may have caught more than was meant.
    private func confirmed(_ count: Int) throws -> Bool {
        if options.yes || !options.ids.isEmpty || count == 0 { return true }
        guard isatty(STDIN_FILENO) == 1 else {
            throw CommandFailure(
                .unusable, "\(count) jobs match: add --yes to \(verb) them, or --dry-run to see them first")
        }
        Output.note("\(verb.capitalized) \(count) jobs? [y/N] ", newline: false)
        return ["y", "yes"].contains(readLine()?.lowercased() ?? "")
    }

    private func report(_ outcomes: [OperatorOutcome]) throws {
        if json {
            try Output.json(Document(dryRun: false, results: outcomes))
        } else if outcomes.isEmpty {
            Output.line("No jobs match.")
        } else {
            for outcome in outcomes { Output.line(line(outcome)) }
        }
        if outcomes.contains(where: { $0.result == .refused }) { throw CommandFailure.silent(.refused) }
        if outcomes.contains(where: { $0.result == .notFound }) { throw CommandFailure.silent(.notFound) }
    }

    private func line(_ outcome: OperatorOutcome) -> String {
        switch outcome.result {
        case .changed, .wouldChange: "job \(outcome.id): \(done)"
        case .notFound: "job \(outcome.id): not found"
        case .refused: "job \(outcome.id): refused, it is \(outcome.state?.rawValue ?? "unknown")"
        }
    }
}
