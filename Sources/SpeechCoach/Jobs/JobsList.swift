import ArgumentParser
import CoachDomain
import CoachStore
import Foundation

extension JobsCommand {
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List jobs, newest first.",
            discussion: "EXAMPLE\n  speechcoach jobs list --state dead --stage transcribe --since 24h --json")

        @OptionGroup var filter: JobFilterOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: SettingsOptions

        private struct Document: Encodable { var jobs: [JobSummary] }

        func run() async throws {
            let jobs = try await OperatorSession.with(settings) { try await $0.ledger.jobs(filter.filter) }
            if output.json { return try Output.json(Document(jobs: jobs)) }
            guard !jobs.isEmpty else { return Output.line("No jobs match.") }
            Output.line(JobTable.text(jobs))
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show everything that happened to one job and its note.",
            discussion: "EXAMPLE\n  speechcoach jobs show 42")

        @Argument(help: "The job's number.")
        var id: Int64

        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: SettingsOptions

        func run() async throws {
            let dossier = try await OperatorSession.with(settings) {
                try await $0.ledger.dossier(.init(id))
            }
            if output.json { return try Output.json(dossier) }
            for line in DossierText.lines(dossier) { Output.line(line) }
        }
    }

    struct Stats: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Count jobs by stage and state.",
            discussion: "EXAMPLE\n  speechcoach jobs stats --json")

        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: SettingsOptions

        private struct Document: Encodable {
            var counts: [JobCount]
            var paused: [StagePause]
        }

        func run() async throws {
            let (counts, paused) = try await OperatorSession.with(settings) {
                (try await $0.ledger.jobCounts(), try await $0.ledger.pauses())
            }
            if output.json { return try Output.json(Document(counts: counts, paused: paused)) }
            for pause in paused { Output.line(pause.line) }
            guard !counts.isEmpty else { return Output.line("No jobs yet.") }
            let rows = counts.map {
                [$0.stage.rawValue, $0.state.rawValue, "\($0.count)", Output.age($0.oldestSeconds)]
            }
            Output.line(TextTable(header: ["STAGE", "STATE", "JOBS", "OLDEST"], rows: rows).text)
        }
    }
}

/// Jobs as lines for a person.
enum JobTable {
    static func text(_ jobs: [JobSummary]) -> String {
        TextTable(
            header: ["JOB", "NOTE", "STAGE", "STATE", "TRIES", "CRASHES", "CREATED", "USER", "ERROR"],
            rows: jobs.map {
                [
                    "\($0.id)", $0.note.map(String.init) ?? "-", $0.stage.rawValue, $0.state.rawValue,
                    "\($0.attempts)", "\($0.crashes)", Output.time($0.createdAt), "\($0.user)",
                    $0.errorCode ?? "",
                ]
            }
        ).text
    }
}
