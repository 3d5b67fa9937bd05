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
    private let recognizers: [any SpeechRecognizer]
    private let prices: PriceTable
    private let health: ProviderHealth
    private let settings: FailoverPolicy.Settings

    /// - Parameter ranking: `.byCapability` when nobody has said which recogniser comes first.
    package init(
        recognizers: [any SpeechRecognizer], prices: PriceTable, health: ProviderHealth,
        settings: FailoverPolicy.Settings = .init(), ranking: RecognizerRanking = .asGiven
    ) {
        self.recognizers = ranking.ranked(recognizers)
        self.prices = prices
        self.health = health
        self.settings = settings
    }

    /// In order of preference.
    package var descriptors: [RecognizerDescriptor] { recognizers.map(\.descriptor) }

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
        let fluent = recognizers.filter { $0.descriptor.understands(context.language) }
        // Somebody who guesses is better than nobody.
        let chosen = fluent.isEmpty ? recognizers : fluent
        let limit = Self.attemptLimit(audioSeconds: audioSeconds)
        var policy = FailoverPolicy(
            candidates: chosen.enumerated().map { index, recognizer in
                let descriptor = recognizer.descriptor
                // The last one has nobody to hand over to, so it may use what time there is.
                let isLast = index == chosen.count - 1
                // A local one spends its time in our own line, where giving up early gains nothing.
                let patience = descriptor.isLocal ? context.deadline - .now : isLast ? limit * 2 : limit
                return FailoverPolicy.Candidate(
                    key: descriptor.key, isLocal: descriptor.isLocal, attemptLimit: patience)
            }, deadline: context.deadline, settings: settings)
        var calls: [ProviderCall] = []
        var last: ProviderError?
        while true {
            switch policy.next(at: .now, admission: { health.admission(of: $0, at: .now) }) {
            case .attempt(let index, let deadline, _):
                let recognizer = chosen[index]
                let audio: RecognizerAudio
                do {
                    audio = try await supply.audio(for: recognizer.descriptor.requirement)
                } catch {
                    let isCancelled = error is CancellationError || Task.isCancelled
                    return SpeechOutcome(
                        result: .failure(isCancelled ? .cancelled : .audio(error)), calls: calls)
                }
                let (result, call) = await attempt(recognizer, audio, context.limited(to: deadline))
                calls.append(call)
                switch result {
                case .success(let heard):
                    return SpeechOutcome(
                        result: .success(Self.heard(heard, by: recognizer.descriptor, on: audio)),
                        calls: calls)
                case .failure(.cancelled) where Task.isCancelled:
                    return SpeechOutcome(result: .failure(.cancelled), calls: calls)
                case .failure(let error):
                    last = error
                    policy.record(error, of: index, at: .now, random: Double.random(in: 0..<1))
                }
            case .wait(let until):
                guard (try? await Task.sleep(until: until, clock: .continuous)) != nil else {
                    return SpeechOutcome(result: .failure(.cancelled), calls: calls)
                }
            case .stop(let reason):
                return SpeechOutcome(result: .failure(.exhausted(reason, last: last)), calls: calls)
            }
        }
    }

    private func attempt(
        _ recognizer: any SpeechRecognizer, _ audio: RecognizerAudio, _ context: CallContext
    ) async -> (Result<ProviderTranscript, ProviderError>, ProviderCall) {
        let descriptor = recognizer.descriptor
        let meter = CallMeter(key: descriptor.key, prices: prices)
        if !descriptor.isLocal { health.begin(descriptor.key, at: .now) }
        do throws(ProviderError) {
            let transcript = try await recognizer.transcribe(audio, context: context)
            if !descriptor.isLocal { health.record(.succeeded, of: descriptor.key, at: .now) }
            return (.success(transcript), meter.success(transcript.usage))
        } catch {
            if !descriptor.isLocal { health.record(.init(error), of: descriptor.key, at: .now) }
            let estimate = ProviderUsage(audioSeconds: audio.seconds)
            return (.failure(error), meter.failure(error, estimate: estimate))
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
