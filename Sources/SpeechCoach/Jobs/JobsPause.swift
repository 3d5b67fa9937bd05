import ArgumentParser
import CoachDomain
import CoachStore
import Foundation
import ServiceKit

extension JobsCommand {
    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Keep a stage from starting jobs, for a while or until it is resumed.",
            discussion: """
                Notes are still accepted, and jobs that run go on. All workers obey at once. Whose note waits longer
                than two minutes is told so. Without a stage: shows what is paused.

                EXAMPLE
                  speechcoach jobs pause --stage coach --for 30m --reason "model provider is down"
                """)

        @Option(help: "The stage: \(JobStage.names).")
        var stage: JobStage?

        @Option(
            name: .customLong("for"),
            help: ArgumentHelp("How long: 90s, 30m, 2h, 7d; without it until resumed.", valueName: "time"))
        var duration: Age?

        @Option(help: ArgumentHelp("Why; kept with your name.", valueName: "text"))
        var reason: String?

        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: SettingsOptions

        func validate() throws {
            guard stage != nil || (duration == nil && reason == nil) else {
                throw ValidationError("name the stage: --stage \(JobStage.transcribe.rawValue)")
            }
        }

        private struct Document: Encodable { var paused: [StagePause] }

        func run() async throws {
            let pauses = try await OperatorSession.with(settings) { session in
                guard let stage else { return try await session.ledger.pauses() }
                return [try await session.ledger.pause(stage, reason: reason, for: duration?.duration)]
            }
            if output.json { return try Output.json(Document(paused: pauses)) }
            if pauses.isEmpty { Output.line("Nothing is paused.") }
            for pause in pauses { Output.line(pause.line) }
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a paused stage start jobs again.",
            discussion: """
                A stage that is not paused is refused (exit code 4).

                EXAMPLE
                  speechcoach jobs resume --stage coach --reason "provider is back"
                """)

        @Option(help: "The stage: \(JobStage.names).")
        var stage: JobStage

        @Option(help: ArgumentHelp("Why; kept with your name.", valueName: "text"))
        var reason: String?

        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: SettingsOptions

        private struct Document: Encodable {
            var stage: JobStage
            var resumed: Bool
        }

        func run() async throws {
            let resumed = try await OperatorSession.with(settings) {
                try await $0.ledger.resume(stage, reason: reason)
            }
            if output.json {
                try Output.json(Document(stage: stage, resumed: resumed))
            } else {
                Output.line("\(stage.rawValue): " + (resumed ? "resumed" : "refused, it is not paused"))
            }
            if !resumed { throw CommandFailure.silent(.refused) }
        }
    }
}

extension StagePause {
    /// For a person.
    var line: String {
        let end = expiresAt.map { "until " + Output.time($0) } ?? "until it is resumed"
        return "\(stage.rawValue): paused \(end) by \(pausedBy)" + (reason.map { ": " + $0 } ?? "")
    }
}
