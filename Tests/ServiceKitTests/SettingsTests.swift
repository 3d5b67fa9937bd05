import Foundation
import Logging
import Observability
import Testing

@testable import ServiceKit

@Suite struct SettingsTests {
    static let token = "123456:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsawx"

    /// What `load` reports, one line per problem.
    private func problems(
        _ environment: [String: String], options: [SettingOption] = []
    ) async -> String {
        do {
            _ = try await Settings.load(options: options, environment: environment)
            return "none"
        } catch {
            return error.description
        }
    }

    @Test func `without any setting the defaults hold`() async throws {
        let settings = try await Settings.load(environment: [:])
        #expect(settings.postgres == nil)
        #expect(settings.redis == nil)
        #expect(
            settings.telegram
                == TelegramSettings(
                    botToken: nil, apiURL: "https://api.telegram.org", webhookSecret: nil, publicURL: nil))
        #expect(settings.http == HTTPSettings(host: "127.0.0.1", givenPort: nil))
        #expect(settings.http.port(for: .webhook) == 8_080)
        #expect(settings.http.port(for: .audioWorker) == 0)
        #expect(settings.providers.speech == [ProviderLink(name: .pocketsphinx, endpoint: nil)])
        #expect(settings.providers.coaching == [ProviderLink(name: .rules, endpoint: nil)])
        #expect(
            settings.audio
                == AudioSettings(
                    speed: .automatic, longest: .seconds(1_800), loudnessLUFS: nil, reducesNoise: false))
        #expect(settings.feedbackDeadline == .seconds(60))
        #expect(settings.workers.audioConcurrency >= 1)
        #expect(settings.log == LogSettings(level: .info, format: .json))
        #expect(settings.tracesEndpoint == nil)
        #expect(settings.dataDirectory == ".speechcoach")
    }

    @Test func `the command line wins over the environment, that over the file, that over the default`()
        async throws
    {
        let file = try TemporaryFile("PORT: 3\nHOST: file\nLOG_LEVEL: debug\n")
        let environment = ["SPEECHCOACH_CONFIG": file.path, "PORT": "2", "HOST": "environment"]
        let option = SettingOption("--port", for: SettingsCatalogue.port, value: "1")
        let settings = try await Settings.load(options: [option], environment: environment)
        #expect(settings.http.givenPort == 1)
        #expect(settings.http.host == "environment")
        #expect(settings.log.level == .debug)
        #expect(settings.log.format == .json)
    }

    @Test func `the file itself may be named on the command line`() async throws {
        let file = try TemporaryFile("PORT: 3\n")
        let option = SettingOption("--config", for: SettingsCatalogue.configFile, value: file.path)
        let settings = try await Settings.load(
            options: [option], environment: ["SPEECHCOACH_CONFIG": "/nowhere"])
        #expect(settings.http.givenPort == 3)
    }

    @Test func `an empty value counts as absent everywhere`() async throws {
        let file = try TemporaryFile("HOST: \"\"\nPORT: 3\n")
        let emptySecret = try TemporaryFile("\n")
        let settings = try await Settings.load(
            options: [SettingOption("--port", for: SettingsCatalogue.port, value: "")],
            environment: [
                "SPEECHCOACH_CONFIG": file.path, "PORT": "", "TELEGRAM_BOT_TOKEN": "",
                "OPENAI_API_KEY_FILE": emptySecret.path,
            ])
        #expect(settings.http.givenPort == 3)
        #expect(settings.http.host == "127.0.0.1")
        #expect(settings.telegram.botToken == nil)
        #expect(
            settings.providers.skipped.contains(SkippedProvider(name: "openai", missing: "OPENAI_API_KEY")))
    }

    @Test(arguments: ["\(token)", "\(token)\n", "\(token)\r\n"])
    func `a secret may come from a file, less one line end`(content: String) async throws {
        let secret = try TemporaryFile(content)
        let direct = try await Settings.load(environment: ["TELEGRAM_BOT_TOKEN_FILE": secret.path])
        #expect(direct.telegram.botToken == Secret(Self.token))
        let file = try TemporaryFile("TELEGRAM_BOT_TOKEN_FILE: \(secret.path)\n")
        let viaFile = try await Settings.load(environment: ["SPEECHCOACH_CONFIG": file.path])
        #expect(viaFile.telegram.botToken == Secret(Self.token))
    }

    @Test func `a secret of the environment wins over a secret's file of the YAML file`() async throws {
        let file = try TemporaryFile("TELEGRAM_WEBHOOK_SECRET_FILE: /nowhere\n")
        let settings = try await Settings.load(
            environment: ["SPEECHCOACH_CONFIG": file.path, "TELEGRAM_WEBHOOK_SECRET": "s"])
        #expect(settings.telegram.webhookSecret == Secret("s"))
    }

    @Test func `secrets in files that cannot be used are reported by file, never by content`() async throws {
        let two = try TemporaryFile("private words\n\n")
        let binary = try TemporaryFile(Data([0xFF, 0xFE, 0x00]))
        let big = try TemporaryFile(String(repeating: "a", count: 70_000))
        for (path, expected) in [
            (
                two.path,
                "the value (not shown) is malformed. Give digits, a colon, then letters, digits, - and _."
            ),
            (binary.path, "is not a short text."), (big.path, "is not a short text."),
            ("/nowhere", "the file /nowhere cannot be read."), ("/", "the file / cannot be read."),
        ] {
            let text = await problems(["TELEGRAM_BOT_TOKEN_FILE": path])
            #expect(text.contains(expected), "\(text)")
            #expect(text.contains(path) && text.hasPrefix("TELEGRAM_BOT_TOKEN_FILE"))
            #expect(!text.contains("private"))
        }
    }

    @Test func `a secret given both ways is an error`() async {
        let text = await problems(["REDIS_URL": "redis://h", "REDIS_URL_FILE": "/x"])
        #expect(text == "REDIS_URL: also given by REDIS_URL_FILE. Keep one of the two.")
    }

    @Test(arguments: [
        ("PORT", "80a", #"PORT: "80a" is not a whole number. Give 0…65535."#),
        ("PORT", "65536", #"PORT: "65536" is out of range. Give 0…65535."#),
        ("MAX_AUDIO_SECONDS", "0", #"MAX_AUDIO_SECONDS: "0" is out of range. Give 1…14400."#),
        ("SPEED_FACTOR", "9", #"SPEED_FACTOR: "9" is no speed factor. Give auto, or a number within 0.5…3."#),
        (
            "SPEED_FACTOR", "nan",
            #"SPEED_FACTOR: "nan" is no speed factor. Give auto, or a number within 0.5…3."#
        ),
        ("LOG_FORMAT", "xml", #"LOG_FORMAT: "xml" is unknown. Give one of: json, text."#),
        (
            "LOG_LEVEL", "loud",
            #"LOG_LEVEL: "loud" is unknown. Give one of: trace, debug, info, notice, warning, error, critical."#
        ),
        (
            "LLM_PROVIDERS", "openai, opneai",
            #"LLM_PROVIDERS: "openai, opneai" is a list with the unknown name "opneai". Give names among: openai, anthropic, gemini, local-llm, rules."#
        ),
        (
            "LLM_PROVIDERS", "rules,openai,rules",
            #"LLM_PROVIDERS: "rules,openai,rules" is a list that names rules twice. Give each name once."#
        ),
        (
            "LLM_PROVIDERS", ",",
            #"LLM_PROVIDERS: "," is a list without a name. Give names among: openai, anthropic, gemini, local-llm, rules."#
        ),
        (
            "PUBLIC_URL", "coach.example",
            #"PUBLIC_URL: "coach.example" is not an address. Give https://… or http://… with a host."#
        ),
        (
            "PUBLIC_URL", "ftp://coach.example",
            #"PUBLIC_URL: "ftp://coach.example" is an address of the wrong kind (ftp). Give https://… or http://… with a host."#
        ),
        (
            "PUBLIC_URL", "https:///path",
            #"PUBLIC_URL: "https:///path" is an address without a host. Give https://… or http://… with a host."#
        ),
        (
            "OPENAI_BASE_URL", "https://h/v1?key=1",
            #"OPENAI_BASE_URL: "https://h/v1?key=1" is an address with a query or fragment. Give it without them."#
        ),
        (
            "DATABASE_URL", "mysql://private",
            "DATABASE_URL: the value (not shown) is no PostgreSQL address. Give postgresql://user:password@host:5432/database."
        ),
        (
            "REDIS_URL", "memcached://private",
            "REDIS_URL: the value (not shown) is no Redis address. Give redis://:password@host:6379/0 or unix:///run/redis.sock."
        ),
        (
            "REDIS_URL", "unix://relative.sock",
            "REDIS_URL: the value (not shown) is a socket without an absolute path. Give unix:///run/redis.sock."
        ),
        (
            "TELEGRAM_WEBHOOK_SECRET", "with space",
            "TELEGRAM_WEBHOOK_SECRET: the value (not shown) is malformed. Give 1 to 256 letters, digits, - and _."
        ),
        (
            "OPENAI_API_KEY", "two\nlines",
            "OPENAI_API_KEY: the value (not shown) is more than one line or holds a control character. Give one line of text."
        ),
    ]) func `an unusable value is named with its mend`(name: String, value: String, expected: String) async {
        #expect(await problems([name: value]) == expected)
    }

    @Test func `an option is named as the user typed it`() async {
        let option = SettingOption("--concurrency", for: SettingsCatalogue.audioConcurrency, value: "many")
        let text = await problems([:], options: [option])
        #expect(text == #"--concurrency: "many" is not a whole number. Give 1…256."#)
    }

    @Test func `all problems are told at once`() async {
        let text = await problems([
            "PORT": "x", "HOST": "\u{1}", "SPEED_FACTOR": "fast", "GROQ_BASE_URL": "h",
        ])
        #expect(text.split(separator: "\n").count == 4)
    }

    @Test func `what a role cannot do without is asked for by name`() async throws {
        let settings = try await Settings.load(environment: [:])
        #expect {
            try settings.requireBotToken(for: .webhook)
        } throws: { error in
            String(describing: error).hasPrefix(
                "TELEGRAM_BOT_TOKEN: not set, but `speechcoach webhook` needs it. Set TELEGRAM_BOT_TOKEN (or TELEGRAM_BOT_TOKEN_FILE,"
            )
        }
        #expect(throws: ConfigurationError.self) { try settings.requirePostgres(for: .migrate) }
        #expect(throws: ConfigurationError.self) { try settings.requireRedis(for: .audioWorker) }
        #expect(throws: ConfigurationError.self) { try settings.requireWebhookSecret(for: .webhook) }
        #expect(throws: ConfigurationError.self) { try settings.requirePublicURL(for: .telegram) }
    }

    @Test func `no secret shows when settings are printed`() async throws {
        let settings = try await Settings.load(environment: [
            "DATABASE_URL": "postgres://u:hunter2@h/d", "REDIS_URL": "/run/hunter2.sock",
            "TELEGRAM_BOT_TOKEN": Self.token, "TELEGRAM_WEBHOOK_SECRET": "hunter2",
            "OPENAI_API_KEY": "hunter2",
        ])
        var dumped = ""
        dump(settings, to: &dumped)
        for text in ["\(settings)", String(reflecting: settings), dumped] {
            #expect(!text.contains("hunter2") && !text.contains("AAHdqTcv"))
        }
        #expect(Set(settings.secrets.map(\.value)).isSuperset(of: [Self.token, "hunter2"]))
        #expect(settings.redis?.uri == Secret("unix:///run/hunter2.sock"))
    }

    @Test func `the passwords inside addresses are secrets of their own, as written and decoded`()
        async throws
    {
        let settings = try await Settings.load(environment: ["DATABASE_URL": "postgres://u:p%40ss-word@h/d"])
        #expect(Set(settings.secrets.map(\.value)).isSuperset(of: ["p%40ss-word", "p@ss-word"]))
    }

    @Test func `environment variables that look misspelt are suspects, not errors`() async throws {
        let settings = try await Settings.load(environment: [
            "TELEGRAM_TOKEN": "x", "LOCAL_STT_MODEL": "x", "DATABASE_ULR": "x", "OPENAI_API_KEYS": "x",
            "OPENAI_ORG_ID": "x", "POST": "x", "DATABASE_USER": "x", "LOG_LEVEL": "info", "HOME": "/",
            "PATH": "/bin",
        ])
        #expect(
            settings.suspects == [
                SuspectName(name: "DATABASE_ULR", meant: "DATABASE_URL"),
                SuspectName(name: "LOCAL_STT_MODEL", meant: "LOCAL_STT_STT_MODEL"),
                SuspectName(name: "OPENAI_API_KEYS", meant: "OPENAI_API_KEY"),
                SuspectName(name: "TELEGRAM_TOKEN", meant: "TELEGRAM_BOT_TOKEN"),
            ])
    }
}
