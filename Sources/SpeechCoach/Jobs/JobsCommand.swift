import ArgumentParser

/// `speechcoach jobs`: the operator's hand on the queue.
struct JobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs",
        abstract: "List, inspect, retry and cancel jobs; pause and resume stages.",
        discussion: """
            A voice note becomes up to three jobs: transcribe, coach, deliver. Every change is written into the
            job's history with your name and reason.

            EXAMPLE
              speechcoach jobs list --state dead --since 2h
              speechcoach jobs retry --state dead --error telegram --reason "Telegram is back" --yes
            """,
        subcommands: [List.self, Show.self, Retry.self, Cancel.self, Pause.self, Resume.self, Stats.self],
        defaultSubcommand: List.self)
}
