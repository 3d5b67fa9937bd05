/// How a webhook request ended.
package enum WebhookOutcome: String, ClosedMetricLabel {
    case accepted, duplicate, ignored, unparseable, unauthorized
    case tooLarge = "too_large"
    case unavailable, other
    package static let label = "outcome"
}

/// A stage of the pipeline.
package enum StageLabel: String, ClosedMetricLabel {
    case transcribe, coach, deliver, converse, other
    package static let label = "stage"
}

/// A step inside a stage.
package enum StepLabel: String, ClosedMetricLabel {
    case total, download, decode, measure, trim
    case speedUp = "speed_up"
    case encode, transcribe, store, report, coach, validate, render, deliver, other
    package static let label = "step"
}

/// How one run of a job ended.
package enum JobOutcome: String, ClosedMetricLabel {
    case succeeded, retrying, dead, cancelled, released, fenced, other
    package static let label = "outcome"
}

/// A state of a job in the ledger that is not terminal, and `dead`.
package enum QueueState: String, ClosedMetricLabel {
    case ready, leased, retrying, dead, other
    package static let label = "state"
}

/// A recogniser, language model or voice.
package enum ProviderLabel: String, ClosedMetricLabel {
    case openai, groq, deepgram, elevenlabs, assemblyai, anthropic, gemini
    case localSTT = "local-stt"
    case localLLM = "local-llm"
    case pocketsphinx, rules, other
    package static let label = "provider"
}

/// What a provider is asked for.
package enum ProviderOperation: String, ClosedMetricLabel {
    case transcribe, coach, speak, other
    package static let label = "operation"
}

/// A limit on what may be spent.
package enum BudgetLabel: String, ClosedMetricLabel {
    case month
    case providerDay = "provider_day"
    case other
    package static let label = "budget"
}

/// How a provider's call ended, by the classes of the failover policy.
package enum ProviderOutcome: String, ClosedMetricLabel {
    case succeeded
    case rateLimited = "rate_limited"
    case quota, unauthorized, misconfigured, overloaded
    case timedOut = "timed_out"
    case network, truncated
    case contentBlocked = "content_blocked"
    case requestInvalid = "request_invalid"
    case tooLarge = "too_large"
    case invalidOutput = "invalid_output"
    case cancelled, other
    package static let label = "outcome"
}

/// Which audio is counted.
package enum AudioKind: String, ClosedMetricLabel {
    /// What the user sent.
    case original
    /// What went to the recogniser after trimming and speed-up.
    case upload
    case other
    package static let label = "kind"
}

/// A method of the Bot API that the product calls.
package enum TelegramMethod: String, ClosedMetricLabel {
    case getMe, getFile, getUpdates, sendMessage, editMessageText, sendChatAction, sendVoice
    case setMessageReaction, answerCallbackQuery, deleteMessage, sendDocument
    case setWebhook, getWebhookInfo, deleteWebhook, setMyCommands
    case downloadFile, other
    package static let label = "method"
}

/// How a Bot API call ended.
package enum TelegramOutcome: String, ClosedMetricLabel {
    case succeeded
    case unchanged = "not_modified"
    case rateLimited = "rate_limited"
    case forbidden
    case badRequest = "bad_request"
    case server
    case timedOut = "timed_out"
    case network, cancelled, other
    package static let label = "outcome"
}

/// What a pooled connection does.
package enum ConnectionState: String, ClosedMetricLabel {
    case idle, busy, opening, other
    package static let label = "state"
}

/// The build that runs; one value in a process.
package struct BuildVersion: MetricLabel {
    package static let label = "version"
    package static let values: [String]? = nil
    package let value: String

    package init(_ value: String) { self.value = value }
}
