package import CoachDomain

/// What became of a note in a chain of recognisers.
package struct SpeechOutcome: Sendable {
    package struct Heard: Sendable {
        /// On the clock of the original note.
        package var transcript: Transcript
        /// The form of audio that the successful recogniser was given.
        package var requirement: AudioRequirement
    }

    package enum Failure: Error, Sendable {
        /// The supply could not make audio; no recogniser is at fault.
        case audio(any Error)
        case cancelled
        /// Every recogniser failed, or time or attempts ran out; `last` is what the last one said.
        case exhausted(FailoverPolicy.Stop, last: ProviderError?)
    }

    package var result: Result<Heard, Failure>
    /// Every attempt in order, failed ones included; the ledger books them whatever the result is.
    package var calls: [ProviderCall]
}

/// Recognisers in order of preference, and the rule by which one stands in for another.
package final class SpeechChain: Sendable {
    /// Above this length a second recogniser at work costs more than the wait.
    private static let longestHedgedSeconds = 60.0

    private let recognizers: [any SpeechRecognizer]
    private let meter: CallMeter
    private let health: ProviderHealth
    private let settings: FailoverPolicy.Settings
    private let routing: QualityRouting

    /// - Parameters:
    ///   - ranking: `.byCapability` when nobody has said which recogniser comes first.
    ///   - purse: Asked before every call that costs.
    ///   - routing: Which of those who understand the language is asked first.
    package init(
        recognizers: [any SpeechRecognizer], prices: PriceTable, health: ProviderHealth,
        settings: FailoverPolicy.Settings = .init(), ranking: RecognizerRanking = .asGiven,
        purse: any SpendingGate = OpenPurse(), routing: QualityRouting = .order
    ) {
        self.recognizers = ranking.ranked(recognizers)
        meter = CallMeter(prices: prices, purse: purse)
        self.health = health
        self.settings = settings
        self.routing = routing
    }

    /// In order of preference.
    package var descriptors: [RecognizerDescriptor] { recognizers.map(\.descriptor) }

    /// How fast audio has travelled to one of the recognisers up to now.
    package func uplink(of key: ProviderKey) -> LinkSpeed? {
        recognizers.first { $0.descriptor.key == key }?.uplink
    }

    /// How long a recogniser may take before another is tried: 8 s and a quarter of the audio's length.
    static func attemptLimit(audioSeconds: Double) -> Duration { .seconds(8 + 0.25 * max(0, audioSeconds)) }

    /// Recognises a note with the first recogniser that can.
    ///
    /// Returns by `context.deadline`. Cancelling stops the attempt under way.
    ///
    /// - Parameters:
    ///   - audioSeconds: Length of the note.
    ///   - supply: Asked for audio once per attempt.
    package func transcribe(
        audioSeconds: Double, supply: any AudioSupply, context: CallContext
    ) async -> SpeechOutcome {
        let outlook = await meter.purse.outlook(note: context.note)
        let chosen = chosen(for: context, outlook, audioSeconds: audioSeconds)
        let tab = meter.tab(for: context)
        var settings = settings
        if outlook.level != .normal || audioSeconds > Self.longestHedgedSeconds { settings.isHedging = false }
        let limit = Self.attemptLimit(audioSeconds: audioSeconds)
        let policy = FailoverPolicy(
            candidates: chosen.enumerated().map { index, recognizer in
                let descriptor = recognizer.descriptor
                // The last one has nobody to hand over to, so it may use what time there is.
                let isLast = index == chosen.count - 1
                // A local one spends its time in our own line, where giving up early gains nothing.
                let patience = descriptor.isLocal ? context.deadline - .now : isLast ? limit * 2 : limit
                return FailoverPolicy.Candidate(
                    key: descriptor.key, isLocal: descriptor.isLocal, attemptLimit: patience)
            }, deadline: context.deadline, settings: settings)
        let estimate = ProviderUsage(audioSeconds: audioSeconds)
        let race = ProviderRace<Result<SpeechOutcome.Heard, AudioFailure>>(
            health: health, operation: .speech,
            abandoned: { tab.abandoned($0, estimate, after: $1) },
            perform: { [self] attempt in
                await self.attempt(attempt, by: chosen[attempt.index], supply, tab, context)
            })
        let outcome = await race.run(policy)
        switch outcome.result {
        case .answered(.success(let heard), _):
            return SpeechOutcome(result: .success(heard), calls: outcome.calls)
        case .answered(.failure(let failure), _):
            let isCancelled = failure.cause is CancellationError || Task.isCancelled
            return SpeechOutcome(
                result: .failure(isCancelled ? .cancelled : .audio(failure.cause)), calls: outcome.calls)
        case .stopped(let stop):
            return SpeechOutcome(
                result: .failure(
                    outcome.isCancelled ? .cancelled : .exhausted(stop, last: outcome.lastError)),
                calls: outcome.calls)
        }
    }

    private func chosen(
        for context: CallContext, _ outlook: SpendingOutlook, audioSeconds: Double
    ) -> [any SpeechRecognizer] {
        let fluent = recognizers.filter { $0.descriptor.understands(context.language) }
        // Somebody who guesses is better than nobody.
        let able = fluent.isEmpty ? recognizers : fluent
        let usage = ProviderUsage(audioSeconds: audioSeconds)
        switch outlook.level {
        case .normal:
            let ordered = routing.ordered(
                able, name: \.descriptor.name, random: { Double.random(in: 0..<1) })
            return meter.affordable(ordered, outlook, usage, key: \.descriptor.key)
        case .tight:
            let cheap = meter.cheapestFirst(
                able, usage, isLocal: \.descriptor.isLocal, key: \.descriptor.key)
            return meter.affordable(cheap, outlook, usage, key: \.descriptor.key)
        case .exhausted:
            // What costs nothing may still be asked.
            return able.filter { meter.price($0.descriptor.key, usage).microUSD == 0 }
        }
    }

    /// The audio could not be made: an end of the chain, not of one attempt.
    private struct AudioFailure: Error { var cause: any Error }

    private typealias Race = ProviderRace<Result<SpeechOutcome.Heard, AudioFailure>>

    private func attempt(
        _ attempt: FailoverPolicy.Attempt, by recognizer: any SpeechRecognizer, _ supply: any AudioSupply,
        _ tab: CallMeter.Tab, _ context: CallContext
    ) async -> Race.Report {
        let descriptor = recognizer.descriptor
        let audio: RecognizerAudio
        do {
            audio = try await supply.audio(for: descriptor.requirement, link: recognizer.uplink)
        } catch {
            // A rival or a probe that cannot be fed leaves the others alone.
            guard attempt.purpose != .hedge, attempt.purpose != .probe else {
                return Race.Report(end: .unpaid)
            }
            return Race.Report(end: .answered(.failure(AudioFailure(cause: error))))
        }
        let estimate = ProviderUsage(audioSeconds: audio.seconds)
        guard let bill = await tab.open(attempt, most: estimate) else {
            return Race.Report(end: .unpaid)
        }
        do throws(ProviderError) {
            let transcript = try await recognizer.transcribe(
                audio, context: context.limited(to: attempt.deadline))
            let call = bill.close(transcript.usage)
            return Race.Report(
                end: .answered(.success(Self.heard(transcript, by: descriptor, on: audio))), call: call,
                usage: transcript.usage)
        } catch {
            return Race.Report(end: .failed(error), call: bill.close(error, estimate: estimate))
        }
    }

    /// The transcript on the original clock, promising only what this answer really has.
    private static func heard(
        _ answer: ProviderTranscript, by descriptor: RecognizerDescriptor, on audio: RecognizerAudio
    ) -> SpeechOutcome.Heard {
        var capabilities = descriptor.capabilities
        if let fillers = answer.fillers { capabilities.fillers = fillers }
        if !answer.text.isEmpty, answer.words.isEmpty { capabilities.wordTimes = false }
        if !answer.words.contains(where: { $0.confidence != nil }) { capabilities.wordConfidence = false }
        return SpeechOutcome.Heard(
            transcript: Transcript(
                text: answer.text, language: answer.language, provider: descriptor.name,
                model: descriptor.model,
                capabilities: capabilities, words: audio.timeline.original(of: answer.words)),
            requirement: descriptor.requirement)
    }
}
