/// Every metric the product exposes. `docs/metrics.md` is written from ``all`` and tested against it.
///
/// Units are seconds, bytes and micro-USD; labels are closed sets. Nothing here identifies a user.
package enum MetricsCatalogue {
    // Webhook
    package static let webhookRequests = CounterMetric(
        "speechcoach_webhook_requests_total", unit: "requests",
        help: "Webhook requests by how they ended.", labels: WebhookOutcome.self)
    package static let webhookDuration = HistogramMetric(
        "speechcoach_webhook_duration_seconds", unit: "seconds",
        help: "Time from a webhook request's head to its answer.", bounds: fast)
    package static let duplicateUpdates = CounterMetric(
        "speechcoach_duplicate_updates_total", unit: "updates",
        help: "Updates that Telegram delivered again and the ledger already had.")

    // Jobs
    package static let jobsClaimed = CounterMetric(
        "speechcoach_jobs_claimed_total", unit: "claims",
        help: "Jobs claimed in the ledger, first runs and retries.", labels: StageLabel.self)
    package static let jobsFinished = CounterMetric(
        "speechcoach_jobs_finished_total", unit: "runs",
        help: "Runs of a job by how they ended.", labels: StageLabel.self, JobOutcome.self)
    package static let stageDuration = HistogramMetric(
        "speechcoach_stage_duration_seconds", unit: "seconds",
        help: "Time spent in each step of a stage; step total is the whole run.", bounds: slow,
        labels: StageLabel.self, StepLabel.self)
    package static let queueOldestAge = GaugeMetric(
        "speechcoach_queue_oldest_age_seconds", unit: "seconds",
        help: "Age of the oldest job that is due and unfinished, from the ledger.",
        labels: StageLabel.self)
    package static let queueDepth = GaugeMetric(
        "speechcoach_queue_depth", unit: "jobs",
        help: "Jobs in each state, from the ledger.", labels: StageLabel.self, QueueState.self)
    package static let fencedWrites = CounterMetric(
        "speechcoach_fenced_writes_total", unit: "writes",
        help: "Writes that the ledger refused because their lease token was stale.")
    package static let rescuedJobs = CounterMetric(
        "speechcoach_rescued_jobs_total", unit: "jobs",
        help: "Jobs that the sweeper took back after their lease expired.")
    package static let redisWipes = CounterMetric(
        "speechcoach_redis_wipes_total", unit: "wipes",
        help: "Times Redis was found empty and its streams were rebuilt from the ledger.")
    package static let voiceNoteLatency = HistogramMetric(
        "speechcoach_voice_note_latency_seconds", unit: "seconds",
        help: "Time from the update's acceptance to the delivered reply.", bounds: slow)

    // Audio
    package static let audioSeconds = CounterMetric(
        "speechcoach_audio_seconds_total", unit: "seconds",
        help: "Audio received and audio sent to recognisers.", labels: AudioKind.self)

    // Providers
    package static let providerCalls = CounterMetric(
        "speechcoach_provider_calls_total", unit: "calls",
        help: "Calls to speech and language providers by how they ended.",
        labels: ProviderLabel.self, ProviderOperation.self, ProviderOutcome.self)
    package static let providerDuration = HistogramMetric(
        "speechcoach_provider_duration_seconds", unit: "seconds",
        help: "Time of a provider's call, failures included.", bounds: medium,
        labels: ProviderLabel.self, ProviderOperation.self)
    package static let providerCost = CounterMetric(
        "speechcoach_provider_cost_microusd_total", unit: "micro-USD",
        help: "Cost of provider calls at the price frozen with each call.",
        labels: ProviderLabel.self, ProviderOperation.self)
    package static let answerRepairs = CounterMetric(
        "speechcoach_answer_repairs_total", unit: "repairs",
        help: "Things that were mended in language models' answers before they were shown.")
    package static let answersRefused = CounterMetric(
        "speechcoach_answers_refused_total", unit: "answers",
        help: "Answers of language models that did not pass the check and were not shown.")
    package static let providerUsable = GaugeMetric(
        "speechcoach_provider_usable", unit: "0 or 1",
        help:
            "1 while jobs are sent to the provider; 0 while its breaker, its own wish or an operator keeps them away.",
        labels: ProviderLabel.self, ProviderOperation.self)
    package static let budgetUsed = GaugeMetric(
        "speechcoach_budget_used_ratio", unit: "share",
        help: "Share of a budget that is spent or set aside; of providers the one that is nearest its end.",
        labels: BudgetLabel.self)

    // Telegram
    package static let telegramCalls = CounterMetric(
        "speechcoach_telegram_calls_total", unit: "calls",
        help: "Calls to the Bot API by how they ended.", labels: TelegramMethod.self, TelegramOutcome.self)
    package static let ambiguousSends = CounterMetric(
        "speechcoach_ambiguous_sends_total", unit: "sends",
        help: "Sends whose answer was lost, so that a placeholder may exist twice.")

    // Process
    package static let poolConnections = GaugeMetric(
        "speechcoach_pool_connections", unit: "connections",
        help: "Connections to PostgreSQL by what they do.", labels: ConnectionState.self)
    package static let buildInfo = GaugeMetric(
        "speechcoach_build_info", unit: "constant 1",
        help: "The build that runs.", labels: BuildVersion.self)
    package static let processCPU = CounterMetric(
        "process_cpu_seconds_total", unit: "seconds", help: "User and system CPU time of the process.")
    package static let processResidentMemory = GaugeMetric(
        "process_resident_memory_bytes", unit: "bytes", help: "Resident memory of the process.")
    package static let processOpenFiles = GaugeMetric(
        "process_open_fds", unit: "descriptors", help: "Open file descriptors.")
    package static let processMaxFiles = GaugeMetric(
        "process_max_fds", unit: "descriptors", help: "Most file descriptors the process may open.")
    package static let processStartTime = GaugeMetric(
        "process_start_time_seconds", unit: "seconds", help: "When the process started, since the Unix epoch."
    )

    /// All declarations, in the order of the exposition.
    package static let all: [MetricDeclaration] = [
        webhookRequests.declaration, webhookDuration.declaration, duplicateUpdates.declaration,
        jobsClaimed.declaration, jobsFinished.declaration, stageDuration.declaration,
        queueOldestAge.declaration, queueDepth.declaration, fencedWrites.declaration,
        rescuedJobs.declaration, redisWipes.declaration, voiceNoteLatency.declaration,
        audioSeconds.declaration, providerCalls.declaration, providerDuration.declaration,
        providerCost.declaration, answerRepairs.declaration, answersRefused.declaration,
        providerUsable.declaration, budgetUsed.declaration,
        telegramCalls.declaration, ambiguousSends.declaration,
        poolConnections.declaration, buildInfo.declaration, processCPU.declaration,
        processResidentMemory.declaration, processOpenFiles.declaration, processMaxFiles.declaration,
        processStartTime.declaration,
    ]

    /// For what must answer within a second.
    private static let fast: [Double] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]
    /// For calls to other services.
    private static let medium: [Double] = [0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 8, 12, 20, 30, 60]
    /// For stages and whole journeys; 60 s is the promise to the user.
    private static let slow: [Double] = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 45, 60, 120, 300]
}
