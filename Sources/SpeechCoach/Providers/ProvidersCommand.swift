import ArgumentParser
import CoachDomain
import ServiceKit

/// `speechcoach providers`: who is asked, how they do, and the operator's switch.
struct ProvidersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "providers",
        abstract: "Show speech and language providers, try one, keep jobs away from one.",
        discussion: """
            Failures open a provider's breaker by themselves, and all workers learn of it
            within seconds; `open` and `close` are for what only a person knows.

            EXAMPLE
              speechcoach providers
              speechcoach providers test openai
              speechcoach providers open gemini --for 2h --reason "bad answers since noon"
            """,
        subcommands: [List.self, Test.self, Open.self, Close.self], defaultSubcommand: List.self)
}

/// A provider by its contract name.
struct ProviderName: ExpressibleByArgument {
    var name: String

    private static let speech = SpeechProviderName.allCases.map(\.rawValue)
    private static let coaching = CoachProviderName.allCases.map(\.rawValue)
    private static let voice = VoiceProviderName.allCases.map(\.rawValue)
    private static let inProcess = [
        SpeechProviderName.inProcess.rawValue, CoachProviderName.inProcess.rawValue,
        VoiceProviderName.inProcess.rawValue,
    ]

    init?(argument: String) {
        guard Self.allValueStrings.contains(argument) else { return nil }
        name = argument
    }

    static var allValueStrings: [String] {
        (speech + coaching + voice).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// Whether it runs inside the program, where nothing can be switched.
    var isInProcess: Bool { Self.inProcess.contains(name) }

    /// What it is asked for.
    var operations: [ProviderCall.Operation] {
        (Self.speech.contains(name) ? [.speech] : []) + (Self.coaching.contains(name) ? [.coaching] : [])
            + (Self.voice.contains(name) ? [.voice] : [])
    }
}

extension ProviderCall.Operation: ExpressibleByArgument {}
