/// How to reach one provider.
package struct ProviderEndpoint: Sendable, Equatable {
    /// Nil for a local server that asks for none.
    package let apiKey: Secret?
    /// Without a slash at the end; see `docs/configuration.md` on whether it includes the version.
    package let baseURL: String
    package let model: String
    /// For the days when money is short; nil where there is none.
    package let cheapModel: String?

    package init(apiKey: Secret?, baseURL: String, model: String, cheapModel: String? = nil) {
        self.apiKey = apiKey
        self.baseURL = baseURL
        self.model = model
        self.cheapModel = cheapModel
    }
}

/// One link of a chain of providers.
package struct ProviderLink<Name: Sendable & Hashable>: Sendable, Equatable {
    package let name: Name
    /// Nil for a provider inside this process.
    package let endpoint: ProviderEndpoint?
}

/// One link of the chain of synthesisers.
package struct VoiceLink: Sendable, Equatable {
    package let name: VoiceProviderName
    /// Nil for the synthesiser on this machine.
    package let endpoint: ProviderEndpoint?
    /// As the provider names it; nil for one that goes by the language of the text.
    package let voice: String?
}

/// A provider that is asked for but cannot be used.
package struct SkippedProvider: Sendable, Equatable {
    package let name: String
    /// The setting that would bring it into the chain.
    package let missing: String
}

/// The chains of providers, usable links only, in the order in which to try them.
package struct ProviderSettings: Sendable, Equatable {
    /// Ends with the recogniser inside this process.
    package let speech: [ProviderLink<SpeechProviderName>]
    /// Whether an operator chose the order of `speech`; otherwise recognisers are ranked by what they can do.
    package let isSpeechOrderGiven: Bool
    /// Ends with the rules coach.
    package let coaching: [ProviderLink<CoachProviderName>]
    /// Ends with the synthesiser on this machine.
    package let voice: [VoiceLink]
    package let speechRouting: RoutingChoice
    package let coachRouting: RoutingChoice
    /// The most calls at a time, by the name of a provider.
    package let concurrency: [String: Double]
    /// Named in a list, default lists included, but without key or URL.
    package let skipped: [SkippedProvider]
}
