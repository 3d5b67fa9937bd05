package import CoachDomain

/// What became of a text in a chain of synthesisers.
package struct SynthesisOutcome: Sendable {
    package struct Spoken: Hashable, Sendable {
        package var clip: VoiceClip
        /// Contract name of who spoke it.
        package var provider: String
        package var model: String
        /// Whether the sound had been kept from before, so that nothing was paid for it.
        package var isFromCache: Bool
    }

    package enum Failure: Error, Hashable, Sendable {
        case cancelled
        /// Every synthesiser failed, or time ran out; `last` is what the last one said.
        case exhausted(FailoverPolicy.Stop, last: ProviderError?)
    }

    package var result: Result<Spoken, Failure>
    /// Every attempt in order, failed ones included; the ledger books them whatever the result is.
    package var calls: [ProviderCall]
}

/// Synthesisers in order of preference, and the rule by which one stands in for another.
package final class SynthesisChain: Sendable {
    /// Vendors take a few seconds for a minute of speech.
    private static let attemptLimit = Duration.seconds(15)

    private let synthesizers: [any SpeechSynthesizer]
    private let meter: CallMeter
    private let health: ProviderHealth
    private let settings: FailoverPolicy.Settings

    /// - Parameters:
    ///   - synthesizers: In order of preference; one on this machine belongs at the end.
    ///   - purse: Asked before every call over the network.
    package init(
        synthesizers: [any SpeechSynthesizer], prices: PriceTable, health: ProviderHealth,
        settings: FailoverPolicy.Settings = SynthesisChain.defaultSettings,
        purse: any SpendingGate = OpenPurse()
    ) {
        self.synthesizers = synthesizers
        meter = CallMeter(prices: prices, purse: purse)
        self.health = health
        self.settings = settings
    }

    /// No rivals, because a spoken answer is an extra that can wait; three seconds stay for the synthesiser on
    /// this machine.
    package static let defaultSettings: FailoverPolicy.Settings = {
        var settings = FailoverPolicy.Settings()
        settings.isHedging = false
        settings.reserve = .seconds(3)
        settings.longestPause = .milliseconds(500)
        return settings
    }()

    /// In order of preference.
    package var descriptors: [SynthesizerDescriptor] { synthesizers.map(\.descriptor) }

    /// Speaks a passage with the first synthesiser that can, or takes what one of them spoke before.
    ///
    /// Returns by `context.deadline`. Cancelling stops the attempt under way.
    ///
    /// - Parameter cache: Asked before anybody is paid, told after.
    package func speak(
        _ passage: SpokenPassage, cache: (any SpokenTextCache)? = nil, context: CallContext
    ) async -> SynthesisOutcome {
        if let cache, let known = await kept(passage, in: cache) {
            return SynthesisOutcome(result: .success(known), calls: [])
        }
        let usage = ProviderUsage(characters: passage.text.count)
        let chosen = chosen(await meter.purse.outlook(note: context.note), usage)
        let tab = meter.tab(for: context)
        let policy = FailoverPolicy(
            candidates: chosen.map { synthesizer in
                let descriptor = synthesizer.descriptor
                return FailoverPolicy.Candidate(
                    key: descriptor.key, isLocal: descriptor.isLocal, attemptLimit: Self.attemptLimit)
            }, deadline: context.deadline, settings: settings)
        let race = ProviderRace<VoiceClip>(
            health: health, operation: .voice,
            abandoned: { tab.abandoned($0, usage, after: $1) },
            perform: { [self] attempt in
                await self.attempt(attempt, by: chosen[attempt.index], passage, usage, tab, context)
            })
        let outcome = await race.run(policy)
        switch outcome.result {
        case .answered(let clip, let attempt):
            let descriptor = chosen[attempt.index].descriptor
            await cache?.store(clip, under: SpokenTextKey(passage, by: descriptor))
            let spoken = SynthesisOutcome.Spoken(
                clip: clip, provider: descriptor.name, model: descriptor.model, isFromCache: false)
            return SynthesisOutcome(result: .success(spoken), calls: outcome.calls)
        case .stopped(let stop):
            return SynthesisOutcome(
                result: .failure(
                    outcome.isCancelled ? .cancelled : .exhausted(stop, last: outcome.lastError)),
                calls: outcome.calls)
        }
    }

    /// What anybody was paid for before is as good as what the first one would say now. What came from this
    /// machine is taken only when nobody else could say it better.
    private func kept(
        _ passage: SpokenPassage, in cache: any SpokenTextCache
    ) async -> SynthesisOutcome.Spoken? {
        let remote = descriptors.filter { !$0.isLocal }
        for descriptor in remote.isEmpty ? descriptors : remote {
            guard let bytes = await cache.lookup(SpokenTextKey(passage, by: descriptor)),
                let clip = VoiceClip(oggOpus: bytes)
            else { continue }
            return SynthesisOutcome.Spoken(
                clip: clip, provider: descriptor.name, model: descriptor.model, isFromCache: true)
        }
        return nil
    }

    private func chosen(_ outlook: SpendingOutlook, _ usage: ProviderUsage) -> [any SpeechSynthesizer] {
        switch outlook.level {
        case .normal:
            meter.affordable(synthesizers, outlook, usage, key: \.descriptor.key)
        case .tight:
            meter.affordable(
                meter.cheapestFirst(
                    synthesizers, usage, isLocal: \.descriptor.isLocal, key: \.descriptor.key), outlook,
                usage,
                key: \.descriptor.key)
        case .exhausted: synthesizers.filter { meter.price($0.descriptor.key, usage).microUSD == 0 }
        }
    }

    private func attempt(
        _ attempt: FailoverPolicy.Attempt, by synthesizer: any SpeechSynthesizer, _ passage: SpokenPassage,
        _ usage: ProviderUsage, _ tab: CallMeter.Tab, _ context: CallContext
    ) async -> ProviderRace<VoiceClip>.Report {
        guard let bill = await tab.open(attempt, most: usage) else {
            return ProviderRace.Report(end: .unpaid)
        }
        do throws(ProviderError) {
            let speech = try await synthesizer.speak(passage, context: context.limited(to: attempt.deadline))
            let call = bill.close(speech.usage)
            return ProviderRace.Report(end: .answered(speech.clip), call: call, usage: speech.usage)
        } catch {
            return ProviderRace.Report(end: .failed(error), call: bill.close(error, estimate: usage))
        }
    }
}
