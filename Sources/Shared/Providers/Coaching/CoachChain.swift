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
    private let cheapModels: [any LanguageModel]
    private let meter: CallMeter
    private let health: ProviderHealth
    private let settings: FailoverPolicy.Settings
    private let attemptLimit: Duration
    private let routing: QualityRouting

    /// - Parameters:
    ///   - cheapModels: Asked, beside the others, when money is short; of providers whose usual model is dearer.
    ///   - attemptLimit: Longest time given to one model.
    ///   - purse: Asked before every call.
    ///   - routing: Who is asked first when nothing else decides.
    package init(
        models: [any LanguageModel], cheapModels: [any LanguageModel] = [], prices: PriceTable,
        health: ProviderHealth,
        settings: FailoverPolicy.Settings = CoachChain.defaultSettings, attemptLimit: Duration = .seconds(15),
        purse: any SpendingGate = OpenPurse(), routing: QualityRouting = .order
    ) {
        self.models = models
        self.cheapModels = cheapModels
        meter = CallMeter(prices: prices, purse: purse)
        self.health = health
        self.settings = settings
        self.attemptLimit = attemptLimit
        self.routing = routing
    }

    /// With under three seconds left nobody is asked, with under eight nobody is asked to mend an answer.
    package static let defaultSettings: FailoverPolicy.Settings = {
        var settings = FailoverPolicy.Settings()
        settings.shortestAttempt = .milliseconds(1_500)
        settings.repairTime = .seconds(8)
        // The rules coach is ready; nobody is kept waiting for providers that are down.
        settings.longestPause = .milliseconds(500)
        return settings
    }()

    /// In order of preference, without the rules coach.
    package var descriptors: [ModelDescriptor] { models.map(\.descriptor) }

    /// Feedback on a note; never fails and returns by `context.deadline`.
    ///
    /// The local report is made first; a language model only replaces it. After cancellation the local report
    /// is returned at once.
    ///
    /// - Parameters:
    ///   - language: BCP-47 tag of the answer; `nil` for the language that was spoken.
    ///   - focus: What the speaker works on; `nil` to let the coach choose.
    package func coach(
        _ transcript: Transcript, metrics: SpeechMetrics, language: String?, focus: CoachingTopic? = nil,
        context: CallContext
    ) async -> CoachOutcome {
        let material = CoachingMaterial(
            transcript: transcript, metrics: metrics, language: language, focus: focus)
        var outcome = CoachOutcome(
            feedback: RulesCoach().feedback(material), calls: [], repairs: 0, flaws: [])
        guard !models.isEmpty, !material.tokens.isEmpty else { return outcome }
        let conversation = CoachingConversation(CoachPrompt.request(material), FeedbackValidator(material))
        let outlook = await meter.purse.outlook(note: context.note)
        let chosen = chosen(conversation.request, outlook)
        let tab = meter.tab(for: context)
        var settings = settings
        if outlook.level != .normal {
            settings.isHedging = false
            settings.repairTime = nil
        }
        let policy = FailoverPolicy(
            candidates: chosen.map {
                FailoverPolicy.Candidate(key: $0.descriptor.key, attemptLimit: attemptLimit)
            }, deadline: context.deadline, settings: settings)
        let race = ProviderRace<FeedbackValidator.Verdict>(
            health: health, operation: .coaching,
            abandoned: { [self] attempt, elapsed in
                tab.abandoned(attempt, typical(attempt.key, conversation.request), after: elapsed)
            },
            perform: { [self] attempt in
                await ask(chosen[attempt.index], attempt, conversation, tab, context)
            })
        let raced = await race.run(policy)
        outcome.calls = raced.calls
        outcome.flaws = conversation.flaws
        if case .answered(let verdict, _) = raced.result {
            outcome.feedback = verdict.feedback
            outcome.repairs = verdict.repairs
        }
        return outcome
    }

    private func chosen(_ request: StructuredRequest, _ outlook: SpendingOutlook) -> [any LanguageModel] {
        let usage = request.estimate
        switch outlook.level {
        case .normal:
            let ordered = routing.ordered(
                models, name: \.descriptor.name, random: { Double.random(in: 0..<1) })
            // A provider that is short of money is asked last, and then for its cheap model.
            let cheap = cheapModels.filter { outlook.providers[$0.descriptor.name] == .tight }
            let replaced = Set(cheap.map(\.descriptor.name))
            return meter.affordable(
                ordered.filter { !replaced.contains($0.descriptor.name) } + cheap, outlook, usage,
                key: \.descriptor.key)
        case .tight:
            let cheap = meter.cheapestFirst(
                models + cheapModels, usage, isLocal: { _ in false }, key: \.descriptor.key)
            return meter.affordable(cheap, outlook, usage, key: \.descriptor.key)
        case .exhausted:
            return models.filter { meter.price($0.descriptor.key, usage).microUSD == 0 }
        }
    }

    private typealias Race = ProviderRace<FeedbackValidator.Verdict>

    private func ask(
        _ model: any LanguageModel, _ attempt: FailoverPolicy.Attempt, _ conversation: CoachingConversation,
        _ tab: CallMeter.Tab, _ context: CallContext
    ) async -> Race.Report {
        let request = conversation.request(for: attempt)
        guard let bill = await tab.open(attempt, most: request.estimate) else {
            return Race.Report(end: .unpaid)
        }
        let answer: ModelAnswer
        do throws(ProviderError) {
            answer = try await model.complete(request, context: context.limited(to: attempt.deadline))
        } catch {
            let call = bill.close(error, estimate: typical(attempt.key, request))
            return Race.Report(end: .failed(error), call: call)
        }
        let usage = answer.usage(for: request)
        do throws(FeedbackValidator.Flaw) {
            let verdict = try conversation.validator.validate(answer.text, from: model.descriptor)
            return Race.Report(end: .answered(verdict), call: bill.close(usage), usage: usage)
        } catch {
            conversation.note(error, answer.text, of: attempt)
            return Race.Report(
                end: .rejected, call: bill.close(.malformedResponse, estimate: usage), usage: usage)
        }
    }

    /// What such a question consumes as a rule, for a bill that is not seen.
    private func typical(_ key: ProviderKey, _ request: StructuredRequest) -> ProviderUsage {
        guard let mean = health.meanUnits(of: key), let output = mean["output_token"] else {
            return request.estimate
        }
        return ProviderUsage(
            inputTokens: mean["input_token"].map { Int($0) } ?? request.estimate.inputTokens,
            outputTokens: Int(output))
    }
}

extension StructuredRequest {
    /// The most that it can consume. Three bytes a token is on the high side for every language here.
    var estimate: ProviderUsage {
        let bytes = instructions.utf8.count + input.utf8.count + schema.utf8.count
        return ProviderUsage(inputTokens: bytes / 3, outputTokens: maximumOutputTokens)
    }
}

extension ModelAnswer {
    /// What the vendor reported, or an estimate where it reported nothing: a call is never booked as free.
    func usage(for request: StructuredRequest) -> ProviderUsage {
        var usage = usage
        usage.inputTokens = usage.inputTokens ?? request.estimate.inputTokens
        usage.outputTokens = usage.outputTokens ?? max(1, text.utf8.count / 3)
        return usage
    }
}
