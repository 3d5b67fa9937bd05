package import CoachDomain

/// What every call to a provider needs to know besides its content.
package struct CallContext: Hashable, Sendable {
    /// The instant by which the call has returned, with whatever result. Adapters never outlive it.
    package var deadline: ContinuousClock.Instant
    /// BCP-47 primary tag of what the speaker probably speaks; `nil` lets the recogniser find out.
    package var language: String?
    package var note: NoteID?
    package var job: JobID?

    package init(
        deadline: ContinuousClock.Instant, language: String? = nil, note: NoteID? = nil, job: JobID? = nil
    ) {
        self.deadline = deadline
        self.language = language
        self.note = note
        self.job = job
    }

    func limited(to deadline: ContinuousClock.Instant) -> CallContext {
        var context = self
        context.deadline = min(self.deadline, deadline)
        return context
    }
}

/// Who does what: one circuit breaker, one price and one row of statistics each.
package struct ProviderKey: Hashable, Sendable, Codable, CustomStringConvertible {
    /// Contract name, for example `openai`.
    package var provider: String
    package var model: String
    package var operation: ProviderCall.Operation

    package init(provider: String, model: String, operation: ProviderCall.Operation) {
        self.provider = provider
        self.model = model
        self.operation = operation
    }

    package var description: String { "\(provider)/\(model)/\(operation.rawValue)" }
}

/// What a call consumed, as the vendor reported it; absent is unknown.
package struct ProviderUsage: Hashable, Sendable, Codable {
    package var audioSeconds: Double?
    /// All prompt tokens, cached ones included.
    package var inputTokens: Int?
    /// The part of `inputTokens` read from the vendor's cache.
    package var cachedInputTokens: Int?
    package var outputTokens: Int?
    /// Of text that was spoken.
    package var characters: Int?

    package init(
        audioSeconds: Double? = nil, inputTokens: Int? = nil, cachedInputTokens: Int? = nil,
        outputTokens: Int? = nil, characters: Int? = nil
    ) {
        self.audioSeconds = audioSeconds
        self.inputTokens = inputTokens
        self.cachedInputTokens = cachedInputTokens
        self.outputTokens = outputTokens
        self.characters = characters
    }

    /// Quantities by the unit names of the price table.
    package var units: [String: Double] {
        var units: [String: Double] = [:]
        units["audio_second"] = audioSeconds
        units["input_token"] = inputTokens.map(Double.init)
        units["cached_input_token"] = cachedInputTokens.map(Double.init)
        units["output_token"] = outputTokens.map(Double.init)
        units["character"] = characters.map(Double.init)
        return units
    }

    static func + (left: ProviderUsage, right: ProviderUsage) -> ProviderUsage {
        func sum<Number: AdditiveArithmetic>(_ one: Number?, _ other: Number?) -> Number? {
            guard let one else { return other }
            return other.map { one + $0 } ?? one
        }
        return ProviderUsage(
            audioSeconds: sum(left.audioSeconds, right.audioSeconds),
            inputTokens: sum(left.inputTokens, right.inputTokens),
            cachedInputTokens: sum(left.cachedInputTokens, right.cachedInputTokens),
            outputTokens: sum(left.outputTokens, right.outputTokens),
            characters: sum(left.characters, right.characters))
    }
}
