package import Logging
package import Observability

/// Every setting, once. Reading, `docs/configuration.md` and `speechcoach doctor` all follow this table.
package enum SettingsCatalogue {
    /// All declarations, in the order of the reference.
    package static let all: [SettingDeclaration] =
        [
            databaseURL.declaration, databasePoolSize.declaration, redisURL.declaration,
            botToken.declaration, telegramAPI.declaration, webhookSecret.declaration, publicURL.declaration,
            host.declaration, port.declaration,
            speechProviders.declaration, coachProviders.declaration, voiceProviders.declaration,
            speechRouting.declaration, coachRouting.declaration, providerConcurrency.declaration,
        ] + ProviderKeys.all.flatMap(\.declarations) + [espeakVoice.declaration] + budgets + [
            speedFactor.declaration, maxAudioSeconds.declaration, loudness.declaration,
            noiseReduction.declaration, feedbackDeadline.declaration,
            dailyQuota.declaration, retentionDays.declaration, audioConcurrency.declaration,
            feedbackConcurrency.declaration,
            configFile.declaration, dataDirectory.declaration, logLevel.declaration, logFormat.declaration,
            tracesEndpoint.declaration,
        ]

    private static let services: [Role] = [.demo, .up, .webhook, .audioWorker, .feedbackWorker]

    // MARK: Stores

    package static let databaseURL = Setting(
        "DATABASE_URL", .stores, .secret(.postgresURI),
        default: .absent("`up` and `demo` start their own server"),
        "The ledger; a libpq URI, several hosts allowed.",
        roles: services + [.migrate, .jobs, .providers, .doctor])
    package static let databasePoolSize = Setting(
        "DATABASE_POOL_SIZE", .stores, .integer(1...1_000), unit: "connections", default: .value("8"),
        "The most connections one process opens to the ledger.", roles: services)
    package static let redisURL = Setting(
        "REDIS_URL", .stores, .secret(.redisURI), default: .absent("`up` and `demo` start their own server"),
        "The hint streams; an address or the path of a unix socket.", roles: services + [.jobs, .doctor])

    // MARK: Telegram

    package static let botToken = Setting(
        "TELEGRAM_BOT_TOKEN", .telegram, .secret(.botToken), default: .absent("`demo` makes one up"),
        "The bot's token, from @BotFather.", roles: services + [.telegram, .doctor])
    package static let telegramAPI = Setting(
        "TELEGRAM_API_URL", .telegram, .url("https", "http"), default: .value("https://api.telegram.org"),
        "The Bot API server.", roles: services + [.telegram, .doctor])
    package static let webhookSecret = Setting(
        "TELEGRAM_WEBHOOK_SECRET", .telegram, .secret(.webhookSecret),
        default: .absent("`up` makes one up; `webhook` needs it"),
        "What Telegram repeats in each webhook request to prove itself.",
        roles: [.up, .webhook, .telegram, .doctor])
    package static let publicURL = Setting(
        "PUBLIC_URL", .telegram, .url("https", "http"), default: .absent("`up` long-polls Telegram"),
        "The public address of the webhook service; `/telegram/webhook` is appended.",
        roles: [.up, .telegram, .doctor])

    // MARK: HTTP

    package static let host = Setting(
        "HOST", .http, .text, default: .value("127.0.0.1"), "The address that every listener binds.",
        roles: services)
    package static let port = Setting(
        "PORT", .http, .integer(0...65_535), unit: "TCP port",
        default: .value(String(HTTPSettings.defaultPort)),
        "The port of a role's HTTP server; 0 takes any free one and logs it, as does a worker by default.",
        roles: services + [.healthcheck])

    // MARK: Providers

    package static let speechProviders = Setting(
        "STT_PROVIDERS", .providers, .list(of: SpeechProviderName.self),
        default: .value("elevenlabs,deepgram,assemblyai,groq,local-stt,openai,pocketsphinx"),
        "Recognisers in order of preference; one without its key or URL is left out, `pocketsphinx` always ends the chain.",
        roles: [.demo, .up, .audioWorker, .analyze, .providers, .doctor])
    package static let coachProviders = Setting(
        "LLM_PROVIDERS", .providers, .list(of: CoachProviderName.self),
        default: .value("openai,anthropic,gemini,local-llm,rules"),
        "Coaches in order of preference; one without its key or URL is left out, `rules` always ends the chain.",
        roles: [.demo, .up, .feedbackWorker, .analyze, .providers, .doctor])

    package static let voiceProviders = Setting(
        "TTS_PROVIDERS", .providers, .list(of: VoiceProviderName.self),
        default: .value("openai,elevenlabs,espeak"),
        "Synthesisers of spoken replies in order of preference; one without its key is left out, `espeak` always ends the chain.",
        roles: [.demo, .up, .feedbackWorker, .doctor])
    package static let espeakVoice = Setting(
        "ESPEAK_VOICE", .providers, .text, default: .absent("by the language of the text"),
        "The voice of espeak-ng for every text, as `espeak-ng --voices` names it, with a variant if wanted (`en-us+f3`).",
        roles: [.demo, .up, .feedbackWorker, .doctor])

    // MARK: Audio and feedback

    package static let speedFactor = Setting(
        "SPEED_FACTOR", .audio, .speedFactor, unit: "times", default: .value("auto"),
        "How much faster the upload is than the original; `auto` chooses for each note.",
        roles: [.demo, .up, .audioWorker, .analyze, .prepare])
    package static let maxAudioSeconds = Setting(
        "MAX_AUDIO_SECONDS", .audio, .integer(1...14_400), unit: "seconds", default: .value("1800"),
        "Longer notes are refused with an explanation.", roles: services + [.analyze, .prepare])
    package static let loudness = Setting(
        "LOUDNESS_LUFS", .audio, .number(-36...(-10)), unit: "LUFS", default: .absent("as recorded"),
        "Loudness that uploads are brought to; what it does to recognition is in docs/audio.md.",
        roles: [.demo, .up, .audioWorker, .analyze, .prepare])
    package static let noiseReduction = Setting(
        "NOISE_REDUCTION", .audio, .choice(Switch.self), default: .value("off"),
        "Takes steady noise out of uploads; what it does to recognition is in docs/audio.md.",
        roles: [.demo, .up, .audioWorker, .analyze, .prepare])
    package static let feedbackDeadline = Setting(
        "FEEDBACK_DEADLINE_SECONDS", .audio, .integer(5...3_600), unit: "seconds", default: .value("60"),
        "Time from the update to the reply after which the local report is sent.", roles: services)
    package static let dailyQuota = Setting(
        "DAILY_NOTES_PER_PERSON", .audio, .integer(1...100_000), unit: "notes", default: .absent("no limit"),
        "Notes of one person in a day (UTC) after which further ones are politely refused.",
        roles: [.demo, .up, .webhook])
    package static let retentionDays = Setting(
        "TRANSCRIPT_RETENTION_DAYS", .audio, .integer(1...3_650), unit: "days", default: .value("180"),
        "How long words and answers are kept; numbers stay until their speaker deletes them.",
        roles: services)
    package static let audioConcurrency = Setting(
        "AUDIO_WORKER_CONCURRENCY", .audio, .integer(1...256), unit: "jobs",
        default: .value("8"),
        "Notes that one process transcribes at a time; sound is worked on by as many as there are processors.",
        roles: [.demo, .up, .audioWorker])
    package static let feedbackConcurrency = Setting(
        "FEEDBACK_WORKER_CONCURRENCY", .audio, .integer(1...1_024), unit: "jobs", default: .value("32"),
        "Notes that one process coaches at a time.", roles: [.demo, .up, .feedbackWorker])

    // MARK: Operation

    package static let configFile = Setting(
        "SPEECHCOACH_CONFIG", .operation, .text, default: .absent("no file"),
        "The YAML file that is read after the environment; not itself a key of that file.")
    package static let dataDirectory = Setting(
        "SPEECHCOACH_DATA", .operation, .text, default: .value(".speechcoach"),
        "The directory of the embedded servers and their data.", roles: [.demo, .up])
    package static let logLevel = Setting(
        "LOG_LEVEL", .operation, .choice(Logger.Level.self), default: .value("info"),
        "The lowest level that is logged.")
    package static let logFormat = Setting(
        "LOG_FORMAT", .operation, .choice(LogFormat.self), default: .value("json"),
        "JSON lines for machines or text for people, on standard error.")
    package static let tracesEndpoint = Setting(
        "OTEL_EXPORTER_OTLP_ENDPOINT", .operation, .url("https", "http"), default: .absent("no traces"),
        "The OTLP/HTTP collector that receives traces.", roles: services)
}
