import Foundation

/// Every setting of a process, read and checked once at start.
package struct Settings: Sendable, Equatable {
    /// Nil when `DATABASE_URL` is not set; ``requirePostgres(for:)`` makes that an error.
    package let postgres: PostgresSettings?
    /// Nil when `REDIS_URL` is not set; ``requireRedis(for:)`` makes that an error.
    package let redis: RedisSettings?
    package let telegram: TelegramSettings
    package let http: HTTPSettings
    package let providers: ProviderSettings
    package let spending: SpendingSettings
    package let audio: AudioSettings
    /// Time from the update to the reply after which the local report is sent.
    package let feedbackDeadline: Duration
    /// Notes of one person in a day; `nil` for no limit.
    package let dailyQuota: Int?
    /// How long words are kept.
    package let retentionDays: Int
    package let workers: WorkerSettings
    package let log: LogSettings
    /// The OTLP/HTTP collector, without a slash at the end.
    package let tracesEndpoint: String?
    /// The directory of the embedded servers and their data, as given.
    package let dataDirectory: String
    /// What no log may show, whatever the setting it came from.
    package let secrets: [Secret]
    /// Environment variables that are no settings but look like misspelt ones.
    package let suspects: [SuspectName]

    /// Reads command line, environment, the file named by `SPEECHCOACH_CONFIG`, and defaults, in this order.
    ///
    /// A value counts as absent when it is empty. Reads files; changes nothing.
    ///
    /// - Parameters:
    ///   - options: What the command line gave; the last of several for one setting wins.
    ///   - environment: The process's environment.
    /// - Throws: Every problem found, together.
    package static func load(
        options: [SettingOption] = [], environment: [String: String] = ProcessInfo.processInfo.environment
    ) async throws(ConfigurationError) -> Settings {
        var sources = SettingSources(options: options, environment: environment)
        var reader = SettingsReader(sources)
        if let path = reader.read(SettingsCatalogue.configFile) {
            try await sources.addFile(path)
            reader = SettingsReader(sources)
        }
        let settings = Settings(&reader, suspects: SuspectName.all(in: environment))
        guard let settings, reader.problems.isEmpty else {
            throw ConfigurationError(problems: reader.problems)
        }
        return settings
    }

    /// Nil only when the reader has gathered a problem.
    private init?(_ reader: inout SettingsReader, suspects: [SuspectName]) {
        typealias Key = SettingsCatalogue
        let poolSize = reader.read(Key.databasePoolSize)
        postgres = reader.read(Key.databaseURL).flatMap { uri in
            poolSize.map { PostgresSettings(uri: uri, poolSize: $0) }
        }
        redis = reader.read(Key.redisURL).map(RedisSettings.init)
        let botToken = reader.read(Key.botToken)
        let apiURL = reader.read(Key.telegramAPI)
        let webhookSecret = reader.read(Key.webhookSecret)
        let publicURL = reader.read(Key.publicURL)
        let host = reader.read(Key.host)
        let givenPort = reader.readGiven(Key.port)
        let providers = ProviderSettings(&reader)
        let spending = SpendingSettings(&reader)
        let speed = reader.read(Key.speedFactor)
        let longest = reader.read(Key.maxAudioSeconds)
        let loudness = reader.read(Key.loudness)
        let noiseReduction = reader.read(Key.noiseReduction)
        let feedbackDeadline = reader.read(Key.feedbackDeadline)
        dailyQuota = reader.read(Key.dailyQuota)
        let retentionDays = reader.read(Key.retentionDays)
        let audioConcurrency = reader.read(Key.audioConcurrency)
        let feedbackConcurrency = reader.read(Key.feedbackConcurrency)
        let level = reader.read(Key.logLevel)
        let format = reader.read(Key.logFormat)
        tracesEndpoint = reader.read(Key.tracesEndpoint)
        let dataDirectory = reader.read(Key.dataDirectory)
        guard let apiURL, let host, let providers, let spending, let speed, let longest, let noiseReduction,
            let feedbackDeadline, let retentionDays, let audioConcurrency, let feedbackConcurrency, let level,
            let format,
            let dataDirectory
        else { return nil }
        telegram = TelegramSettings(
            botToken: botToken, apiURL: apiURL, webhookSecret: webhookSecret, publicURL: publicURL)
        http = HTTPSettings(host: host, givenPort: givenPort)
        self.providers = providers
        self.spending = spending
        audio = AudioSettings(
            speed: speed, longest: .seconds(longest), loudnessLUFS: loudness,
            reducesNoise: noiseReduction == .on)
        self.feedbackDeadline = .seconds(feedbackDeadline)
        self.retentionDays = retentionDays
        workers = WorkerSettings(
            audioConcurrency: audioConcurrency, feedbackConcurrency: feedbackConcurrency)
        log = LogSettings(level: level, format: format)
        self.dataDirectory = dataDirectory
        secrets = reader.secrets
        self.suspects = suspects
    }
}

extension Settings {
    /// The ledger, for a role that cannot do without.
    package func requirePostgres(for role: Role) throws(ConfigurationError) -> PostgresSettings {
        guard let postgres else { throw .missing(SettingsCatalogue.databaseURL.declaration, for: role) }
        return postgres
    }

    /// The hint streams, for a role that cannot do without.
    package func requireRedis(for role: Role) throws(ConfigurationError) -> RedisSettings {
        guard let redis else { throw .missing(SettingsCatalogue.redisURL.declaration, for: role) }
        return redis
    }

    /// The bot's token, for a role that cannot do without.
    package func requireBotToken(for role: Role) throws(ConfigurationError) -> Secret {
        guard let token = telegram.botToken else {
            throw .missing(SettingsCatalogue.botToken.declaration, for: role)
        }
        return token
    }

    /// The webhook's secret, for a role that cannot do without.
    package func requireWebhookSecret(for role: Role) throws(ConfigurationError) -> Secret {
        guard let secret = telegram.webhookSecret else {
            throw .missing(SettingsCatalogue.webhookSecret.declaration, for: role)
        }
        return secret
    }

    /// The public address, for a role that cannot do without.
    package func requirePublicURL(for role: Role) throws(ConfigurationError) -> String {
        guard let url = telegram.publicURL else {
            throw .missing(SettingsCatalogue.publicURL.declaration, for: role)
        }
        return url
    }
}
