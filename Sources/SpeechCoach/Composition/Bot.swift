import AudioEngine
import AudioWorker
import CoachDomain
import CoachStore
import Conversation
import FeedbackWorker
import Foundation
import HTTPTransport
import JobQueue
import Logging
import Observability
import PocketSphinx
import ProviderLedger
import Providers
import ServiceKit
import ServiceLifecycle
import Telegram
import WebhookService

/// The only place that names concrete types: puts the roles together from their parts.
struct Bot: Sendable {
    let context: RoleContext
    let stores: Stores
    let http: HTTPClient
    let phrasebooks: Phrasebooks
    private let topics: TopicBank
    let telegram: TelegramClient
    private let botID: Int64
    private let placeholders: PlaceholderKeeper
    private let chains: ProviderChains
    private let purse: LedgerPurse
    private let sharedHealth: SharedHealth

    private var settings: Settings { context.settings }
    private var logger: Logger { context.logger }

    init(context: RoleContext, stores: Stores) throws {
        self.context = context
        self.stores = stores
        http = HTTPClient()
        phrasebooks = try Phrasebooks()
        topics = try TopicBank()
        let token = try context.settings.requireBotToken(for: context.role).value
        guard let endpoint = TelegramEndpoint(token: token, apiURL: context.settings.telegram.apiURL),
            let botID = token.split(separator: ":").first.flatMap({ Int64($0) })
        else {
            throw CommandFailure(
                .unusable, "TELEGRAM_BOT_TOKEN does not look like a token: it is digits, a colon and letters")
        }
        self.botID = botID
        telegram = TelegramClient(endpoint: endpoint, http: http)
        purse = LedgerPurse(
            ledger: stores.ledger, limits: SpendingLimits(context.settings.spending), logger: context.logger)
        chains = try ProviderChains(
            settings: context.settings, http: http, logger: context.logger, purse: purse)
        sharedHealth = SharedHealth(
            ledger: stores.ledger, health: chains.health, logger: context.logger)
        chains.health.report(to: context.metrics)
        placeholders = PlaceholderKeeper(
            ledger: stores.ledger, telegram: telegram, phrasebooks: phrasebooks, metrics: context.metrics,
            logger: context.logger)
    }

    // MARK: Intake

    private var classifier: UpdateClassifier { UpdateClassifier() }

    private func intake() -> IntakeBatcher {
        IntakeBatcher(
            ledger: stores.ledger, hints: stores.hints, botID: botID,
            rules: IntakeRules(
                dailyQuota: settings.dailyQuota, refusal: phrasebooks.advice(.overQuota, limitMinutes: 0)),
            logger: logger)
    }

    func webhook(secret: String) -> WebhookController {
        WebhookController(
            secret: secret, classifier: classifier, intake: intake(), metrics: context.metrics, logger: logger
        )
    }

    func poller() -> any Service {
        UpdatePoller(telegram: telegram, classifier: classifier, intake: intake(), logger: logger)
    }

    // MARK: Providers

    /// Takes over what other processes know about the providers; before the first job.
    func learn() async { await sharedHealth.learn() }

    /// What keeps knowledge and money in step with the ledger. Ends after the stages, so that their last calls
    /// are booked.
    func providerUpkeep() -> [any Service] {
        [
            sharedHealth,
            SpendingUpkeep(
                ledger: stores.ledger, purse: purse, prices: chains.prices,
                limits: SpendingLimits(settings.spending), metrics: context.metrics, logger: logger),
        ]
    }

    // MARK: Stages

    private var typing: TypingIndicator { TypingIndicator(telegram: telegram, logger: logger) }

    func transcription(workspace: Workspace, concurrency: Int) -> JobRunner {
        let handler = TranscribeHandler(
            ledger: stores.ledger, telegram: telegram, placeholders: placeholders,
            typing: typing, transcriber: chains.transcriber(), phrasebooks: phrasebooks,
            showsWords: !chains.coaches().descriptors.isEmpty, workspace: workspace,
            feedbackDeadline: settings.feedbackDeadline, metrics: context.metrics,
            logger: logger)
        return runner(handler, concurrency: concurrency)
    }

    /// Gets the first note's recogniser ready while the rest of the process starts.
    func warmUp() -> any Service { WarmUp(chains: chains) }

    private struct WarmUp: Service {
        let chains: ProviderChains

        func run() async throws {
            await chains.warmUp()
            try? await gracefulShutdown()
        }
    }

    func coaching(concurrency: Int) -> JobRunner {
        let handler = CoachHandler(
            ledger: stores.ledger,
            chain: chains.coaches(), typing: typing,
            phrasebooks: phrasebooks, metrics: context.metrics, logger: logger)
        return runner(handler, concurrency: concurrency)
    }

    func delivery(concurrency: Int) -> JobRunner {
        let handler = DeliverHandler(
            ledger: stores.ledger, telegram: telegram, placeholders: placeholders,
            attachments: LedgerAttachments(
                ledger: stores.ledger, phrasebooks: phrasebooks, speakers: chains.speakers(), logger: logger),
            metrics: context.metrics, logger: logger)
        return runner(handler, concurrency: concurrency)
    }

    func conversation(concurrency: Int) -> JobRunner {
        let handler = ConverseHandler(
            ledger: stores.ledger, telegram: telegram, phrasebooks: phrasebooks, topics: topics,
            retentionDays: settings.retentionDays, logger: logger)
        return runner(handler, concurrency: concurrency)
    }

    /// Forgets what is older than people were promised.
    func retention() -> any Service {
        let (ledger, days, logger) = (stores.ledger, settings.retentionDays, logger)
        return RecurringService("retention", every: .seconds(600), logger: logger) {
            let batch = 200
            while try await ledger.forgetWords(olderThan: days, limit: batch) == batch, !Task.isCancelled {}
        }
    }

    func reminders() -> any Service {
        let (ledger, hints, messages) = (stores.ledger, stores.hints, phrasebooks.reminders)
        return RecurringService("reminders", every: .seconds(30), logger: logger) {
            try await hints.announce(await ledger.remind(messages, limit: 200))
        }
    }

    func sweeper() -> any Service {
        Sweeper(
            ledger: stores.ledger, hints: stores.hints, advice: advice, notice: phrasebooks.notice,
            metrics: context.metrics, logger: logger)
    }

    private func runner(_ handler: any StageHandler, concurrency: Int) -> JobRunner {
        JobRunner(
            handler: handler, ledger: stores.ledger, hints: stores.hints, redis: stores.redis, advice: advice,
            configuration: JobRunnerConfiguration(concurrency: concurrency), metrics: context.metrics,
            logger: logger)
    }

    private var advice: AdviceCatalogue {
        let minutes = max(1, Int(settings.audio.longest.inSeconds) / 60)
        var texts: [UserAdvice: LocalizedText] = [:]
        for advice in UserAdvice.allCases {
            texts[advice] = phrasebooks.advice(advice, limitMinutes: minutes)
        }
        return AdviceCatalogue(texts)
    }
}
