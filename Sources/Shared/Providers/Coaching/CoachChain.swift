package import CoachDomain

/// What became of a question to the coaches.
package struct CoachOutcome: Sendable {
    /// Always there: the rules coach answers when nobody else can.
    package var feedback: Feedback
    /// Every attempt in order, failed ones included.
    package var calls: [ProviderCall]
    /// How many things had to be mended in the answer that is shown.
    package var repairs: Int
    /// Why a language model's answer was refused, in order.
    package var flaws: [FeedbackValidator.Flaw]
}

/// Language models in order of preference, with the rules coach behind them.
package final class CoachChain: Sendable {
    private let models: [any LanguageModel]
    private let prices: PriceTable
    private let health: ProviderHealth
    private let settings: FailoverPolicy.Settings
    private let attemptLimit: Duration

    /// - Parameter attemptLimit: Longest time given to one model.
    package init(
        models: [any LanguageModel], prices: PriceTable, health: ProviderHealth,
        settings: FailoverPolicy.Settings = CoachChain.defaultSettings, attemptLimit: Duration = .seconds(15)
    ) {
        self.models = models
        self.prices = prices
        self.health = health
        self.settings = settings
        self.attemptLimit = attemptLimit
    }

    /// With under three seconds left nobody is asked.
    package static let defaultSettings: FailoverPolicy.Settings = {
        var settings = FailoverPolicy.Settings()
        settings.shortestAttempt = .milliseconds(1_500)
        return settings
    }()

    /// In order of preference, without the rules coach.
    package var descriptors: [ModelDescriptor] { models.map(\.descriptor) }

    /// Feedback on a note; never fails and returns by `context.deadline`.
    ///
    /// The local report is made first; a language model only replaces it. After cancellation the local report
    /// is returned at once.
    ///
    /// - Parameter language: BCP-47 tag of the answer; `nil` for the language that was spoken.
    package func coach(
        _ transcript: Transcript, metrics: SpeechMetrics, language: String?, context: CallContext
    ) async -> CoachOutcome {
        let material = CoachingMaterial(transcript: transcript, metrics: metrics, language: language)
        var outcome = CoachOutcome(
            feedback: RulesCoach().feedback(material), calls: [], repairs: 0, flaws: [])
        guard !models.isEmpty, !material.tokens.isEmpty else { return outcome }
        let request = CoachPrompt.request(material)
        let validator = FeedbackValidator(material)
        var policy = FailoverPolicy(
            candidates: models.map {
                FailoverPolicy.Candidate(key: $0.descriptor.key, attemptLimit: attemptLimit)
            }, deadline: context.deadline, settings: settings)
        while !Task.isCancelled {
            switch policy.next(at: .now, admission: { health.admission(of: $0, at: .now) }) {
            case .attempt(let index, let deadline, let enlarged):
                var question = request
                if enlarged { question.maximumOutputTokens += question.maximumOutputTokens / 2 }
                let attempt = await ask(models[index], question, validator, context.limited(to: deadline))
                outcome.calls.append(attempt.call)
                if let flaw = attempt.flaw { outcome.flaws.append(flaw) }
                switch attempt.result {
                case .success(let verdict):
                    outcome.feedback = verdict.feedback
                    outcome.repairs = verdict.repairs
                    return outcome
                case .failure(let error):
                    policy.record(error, of: index, at: .now, random: Double.random(in: 0..<1))
                }
            case .wait(let until):
                // Cancellation ends the sleep early and then the loop.
                try? await Task.sleep(until: until, clock: .continuous)
            case .stop:
                return outcome
            }
        }
        return outcome
    }

    private struct Attempt {
        var result: Result<FeedbackValidator.Verdict, ProviderError>
        var call: ProviderCall
        var flaw: FeedbackValidator.Flaw?
    }

    private func ask(
        _ model: any LanguageModel, _ request: StructuredRequest, _ validator: FeedbackValidator,
        _ context: CallContext
    ) async -> Attempt {
        let key = model.descriptor.key
        let meter = CallMeter(key: key, prices: prices)
        health.begin(key, at: .now)
        let answer: ModelAnswer
        do throws(ProviderError) {
            answer = try await model.complete(request, context: context)
        } catch {
            health.record(.init(error), of: key, at: .now)
            return Attempt(result: .failure(error), call: meter.failure(error, estimate: estimate(request)))
        }
        do throws(FeedbackValidator.Flaw) {
            let verdict = try validator.validate(answer.text, from: model.descriptor)
            health.record(.succeeded, of: key, at: .now)
            return Attempt(result: .success(verdict), call: meter.success(usage(answer, request)))
        } catch {
            health.record(.invalid, of: key, at: .now)
            return Attempt(
                result: .failure(.malformedResponse),
                call: meter.failure(.malformedResponse, estimate: usage(answer, request)), flaw: error)
        }
    }

    /// What the vendor reported, or an estimate where it reported nothing: a call is never booked as free.
    private func usage(_ answer: ModelAnswer, _ request: StructuredRequest) -> ProviderUsage {
        var usage = answer.usage
        usage.inputTokens = usage.inputTokens ?? estimate(request).inputTokens
        usage.outputTokens = usage.outputTokens ?? max(1, answer.text.utf8.count / 3)
        return usage
    }

    /// Three bytes a token is on the high side for every language here.
    private func estimate(_ request: StructuredRequest) -> ProviderUsage {
        let bytes = request.instructions.utf8.count + request.input.utf8.count + request.schema.utf8.count
        return ProviderUsage(inputTokens: bytes / 3, outputTokens: request.maximumOutputTokens)
    }
}
