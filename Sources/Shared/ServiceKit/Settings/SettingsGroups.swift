package import Logging
package import Observability

/// The ledger's server.
package struct PostgresSettings: Sendable, Equatable {
    /// A libpq URI or `key=value` pairs; may hold a password.
    package let uri: Secret
    package let poolSize: Int

    package init(uri: Secret, poolSize: Int) {
        self.uri = uri
        self.poolSize = poolSize
    }
}

/// The hint streams' server.
package struct RedisSettings: Sendable, Equatable {
    /// `redis://…` or `unix://…`; may hold a password.
    package let uri: Secret

    package init(uri: Secret) { self.uri = uri }
}

/// The bot.
package struct TelegramSettings: Sendable, Equatable {
    package let botToken: Secret?
    /// The Bot API server, without a slash at the end.
    package let apiURL: String
    package let webhookSecret: Secret?
    /// The public address of the webhook service, without a slash at the end.
    package let publicURL: String?
}

/// Where listeners bind.
package struct HTTPSettings: Sendable, Equatable {
    package let host: String
    /// The port that was set; nil when none was.
    package let givenPort: Int?

    /// The port of the role's HTTP server; 0 for any free one.
    ///
    /// Several workers may share a machine with a webhook service, so they do not fall back to its port.
    package func port(for role: Role) -> Int {
        switch role {
        case .audioWorker, .feedbackWorker: givenPort ?? 0
        default: givenPort ?? Self.defaultPort
        }
    }

    static let defaultPort = 8_080
}

/// What notes may be, and how they are shrunk.
package struct AudioSettings: Sendable, Equatable {
    package let speed: SpeedFactor
    package let longest: Duration
    /// What uploads are brought to; nil leaves them as they are.
    package let loudnessLUFS: Double?
    package let reducesNoise: Bool
}

/// How many jobs run at a time in one process.
package struct WorkerSettings: Sendable, Equatable {
    package let audioConcurrency: Int
    package let feedbackConcurrency: Int
}

/// What is logged, and how.
package struct LogSettings: Sendable, Equatable {
    package let level: Logger.Level
    package let format: LogFormat
}
