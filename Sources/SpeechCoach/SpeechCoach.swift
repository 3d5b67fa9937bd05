import ArgumentParser
import CoachStore
import Foundation
import Postgres
import ServiceKit

/// The one program; every role and every tool is a subcommand.
@main
struct SpeechCoach: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "speechcoach",
        abstract: "A Telegram bot that makes people better speakers.",
        discussion: """
            Try it without configuring anything:
              speechcoach demo

            Run your own bot on one machine (the token comes from @BotFather):
              TELEGRAM_BOT_TOKEN_FILE=token.txt speechcoach up

            Settings come from options, the environment, or a YAML file; docs/configuration.md lists them.
            Exit codes: 0 done, 1 failed, 2 unusable arguments or configuration, 3 not found, 4 refused.
            """,
        version: Build.version,
        subcommands: [
            DemoCommand.self, UpCommand.self, WebhookCommand.self, AudioWorkerCommand.self,
            FeedbackWorkerCommand.self, MigrateCommand.self, AnalyzeCommand.self, PrepareCommand.self,
            JobsCommand.self, PeopleCommand.self, ProvidersCommand.self, TelegramCommand.self,
            DoctorCommand.self,
            HealthcheckCommand.self,
        ])

    static func main() async {
        // A reader that goes away (`| head`) shows as a write error, not as the death of the process.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            let (code, message) = verdict(on: error)
            if !message.isEmpty {
                code == .done ? Output.line(message) : Output.note(message)
            }
            Foundation.exit(code.rawValue)
        }
    }

    /// The exit code that the contract promises, and what to say.
    private static func verdict(on error: any Error) -> (code: ServiceKit.ExitCode, message: String) {
        switch error {
        case let failure as CommandFailure:
            return (failure.code, failure.message.isEmpty ? "" : "speechcoach: " + failure.message)
        case let error as ConfigurationError:
            return (.unusable, "speechcoach: \(error.description)")
        case let error as StoreError:
            return error.verdict
        case let error as PostgresError:
            return StoreError.database(error).verdict
        case is CancellationError:
            return (.failed, "speechcoach: interrupted")
        default:
            let code = exitCode(for: error)
            if code == .success { return (.done, fullMessage(for: error)) }
            // ArgumentParser's own errors are usage errors; anything else that got here is a failure.
            if code == .validationFailure { return (.unusable, fullMessage(for: error)) }
            return (.failed, "speechcoach: \(error)")
        }
    }
}

extension StoreError {
    fileprivate var verdict: (code: ServiceKit.ExitCode, message: String) {
        switch self {
        case .notFound(let what): (.notFound, "speechcoach: no \(what)")
        case .database(.rejected(let state, _, _)) where state == "42P01":
            (.failed, "speechcoach: the database has no tables yet: run `speechcoach migrate` first")
        case .database(let error):
            (.failed, "speechcoach: the ledger (DATABASE_URL) cannot be used: \(error)")
        case .fenced(let job): (.refused, "speechcoach: job \(job) is in other hands")
        case .unreadable(let what):
            (.failed, "speechcoach: the ledger holds something this version cannot read: \(what)")
        }
    }
}
