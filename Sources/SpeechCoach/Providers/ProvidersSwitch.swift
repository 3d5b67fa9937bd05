import ArgumentParser
import CoachDomain
import CoachStore
import Foundation
import ServiceKit

extension ProvidersCommand {
    struct SwitchOptions: ParsableArguments {
        @Argument(help: "The provider.")
        var provider: ProviderName

        @Option(help: "Only for this; otherwise for everything that it is asked for.")
        var operation: ProviderCall.Operation?

        @Option(help: ArgumentHelp("Why; kept with your name.", valueName: "text"))
        var reason: String?

        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: SettingsOptions

        func validate() throws {
            guard !provider.isInProcess else {
                throw ValidationError(
                    "\(provider.name) runs inside the program and answers when nobody else does; it has no switch. "
                        + "Name a provider that is called over the network.")
            }
        }

        var operations: [ProviderCall.Operation] { operation.map { [$0] } ?? provider.operations }
    }

    struct Open: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Keep all workers from calling a provider, for a while or until it is closed again.",
            discussion: """
                Its breaker is held open: jobs go to the next provider at once. Calls under
                way go on. Workers obey within seconds, and those that start later too.
                Replaces an earlier switch.

                EXAMPLE
                  speechcoach providers open openai --for 2h --reason "bad answers"
                """)

        @OptionGroup var options: SwitchOptions

        @Option(
            name: .customLong("for"),
            help: ArgumentHelp("How long: 90s, 30m, 2h, 7d; without it until closed.", valueName: "time"))
        var duration: Age?

        func run() async throws {
            let options = options
            let switches = try await OperatorSession.with(options.settings) {
                try await $0.ledger.openProvider(
                    options.provider.name, options.operations, reason: options.reason,
                    for: duration?.duration)
            }
            try SwitchReport(switches: switches, forgotten: false).show(options, verb: "open")
        }
    }

    struct Close: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let workers call a provider again, whatever is known against it.",
            discussion: """
                Takes an `open` back and forgets the failures that workers found; new ones
                count from the start. With --for failures do not count so long. A pause that
                the provider itself has asked for is kept. When nothing speaks against it, it
                is refused (exit code 4).

                EXAMPLE
                  speechcoach providers close openai --reason "credit was added"
                """)

        @OptionGroup var options: SwitchOptions

        @Option(
            name: .customLong("for"),
            help: ArgumentHelp("How long its failures shall not count: 90s, 30m, 2h, 7d.", valueName: "time"))
        var duration: Age?

        func run() async throws {
            let options = options
            let report: SwitchReport? = try await OperatorSession.with(options.settings) { session in
                let known = try await session.ledger.exchange([])
                let isKnown = { (name: String, operation: ProviderCall.Operation) in
                    name == options.provider.name && options.operations.contains(operation)
                }
                let isSwitched = known.switches.contains { isKnown($0.provider, $0.operation) }
                let isDown = known.states.contains {
                    isKnown($0.state.key.provider, $0.state.key.operation) && $0.state.state != "closed"
                }
                guard isSwitched || isDown || duration != nil else { return nil }
                let switches = try await session.ledger.closeProvider(
                    options.provider.name, options.operations, reason: options.reason,
                    for: duration?.duration)
                return SwitchReport(switches: switches, forgotten: true)
            }
            guard let report else {
                throw CommandFailure(
                    .refused,
                    "\(options.provider.name) is not open, and no worker has found anything against it; "
                        + "see `speechcoach providers`")
            }
            try report.show(options, verb: "closed")
        }
    }
}

/// What a switch did.
private struct SwitchReport: Encodable {
    /// Those that hold now.
    var switches: [KeptSwitch]
    /// Whether failures that were found are forgotten.
    var forgotten: Bool

    func show(_ options: ProvidersCommand.SwitchOptions, verb: String) throws {
        if options.output.json { return try Output.json(self) }
        if switches.isEmpty { Output.line("\(options.provider.name): \(verb), workers may call it") }
        for word in switches { Output.line(word.line) }
    }
}

extension KeptSwitch {
    /// For a person.
    var line: String {
        let end = expiresAt.map { "until " + Output.time($0) } ?? "until it is closed"
        let what = isOpen ? "open, nobody calls it" : "closed, called whatever its failures"
        return "\(provider) (\(operation.rawValue)): \(what), \(end), by \(setBy)"
            + (reason.map { ": " + $0 } ?? "")
    }
}
