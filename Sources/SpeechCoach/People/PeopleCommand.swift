import ArgumentParser
import CoachStore
import Foundation
import ServiceKit

/// `speechcoach people`: what an operator does for a person who asks.
struct PeopleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "people",
        abstract: "Erase what is held of a person.",
        discussion: """
            People do it themselves with /delete; this is for those who ask by letter.

            EXAMPLE
              speechcoach people erase 123456789 --reason "letter of 3 May"
            """,
        subcommands: [Erase.self])

    struct Erase: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Erase everything that is held of a person, at once and for good.",
            discussion: """
                Notes, words, numbers, answers, settings, sound: every row that belongs to the person goes in one
                transaction; work on one of their notes can write nothing more. Bills stay, they name nobody. What
                stands in the chat is the person's to delete. Nobody of that number: exit code 3.

                EXAMPLE
                  speechcoach people erase 123456789 --yes
                """)

        @Argument(help: "The person's Telegram user id.")
        var user: Int64

        @Option(help: ArgumentHelp("Why; kept with your name, without the person's.", valueName: "text"))
        var reason: String?

        @Flag(help: "Do not ask.")
        var yes = false

        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: SettingsOptions

        private struct Document: Encodable {
            var user: Int64
            var erasedNotes: Int
        }

        func run() async throws {
            try confirm()
            let notes = try await OperatorSession.with(settings) {
                try await $0.ledger.erase(userID: user, reason: reason)
            }
            guard let notes else {
                throw CommandFailure(.notFound, "nothing is held of a person with the number \(user)")
            }
            if output.json { return try Output.json(Document(user: user, erasedNotes: notes)) }
            Output.line("Erased: everything of \(user), \(notes) note\(notes == 1 ? "" : "s") with it.")
        }

        private func confirm() throws {
            guard !yes else { return }
            guard isatty(STDIN_FILENO) == 1 else {
                throw CommandFailure(.unusable, "this cannot be undone: add --yes to erase person \(user)")
            }
            Output.note("Erase everything that is held of person \(user)? [y/N] ", newline: false)
            guard ["y", "yes"].contains(readLine()?.lowercased() ?? "") else {
                throw CommandFailure(.failed, "nothing changed")
            }
        }
    }
}
