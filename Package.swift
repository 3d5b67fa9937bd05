// swift-tools-version: 6.3
import PackageDescription

/// Every target compiles under the same strict rules; see CONTRIBUTING.md.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

/// Targets that touch C also make every such touch a greppable `unsafe`.
let strictOverC: [SwiftSetting] = strict + [.strictMemorySafety()]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")

/// A C library from the system, with the Debian package that brings its headers.
func systemLibrary(_ name: String, pkgConfig: String? = nil, apt: String) -> Target {
    .systemLibrary(
        name: name, path: "Sources/Shared/CLibraries/\(name)", pkgConfig: pkgConfig,
        providers: [.apt([apt])])
}

/// A library target of `Sources/Shared`.
func shared(
    _ name: String, _ dependencies: [Target.Dependency] = [], settings: [SwiftSetting] = strict,
    resources: [Resource]? = nil
) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Sources/Shared/\(name)", resources: resources,
        swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, path: "Tests/\(name)", resources: resources,
        swiftSettings: strict)
}

let package = Package(
    name: "speechcoach",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "speechcoach", targets: ["SpeechCoach"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(
            url: "https://github.com/apple/swift-configuration", from: "1.4.0",
            traits: [.defaults, "YAML"]),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // C libraries of the system
        systemLibrary("CCairo", pkgConfig: "cairo-ft", apt: "libcairo2-dev"),
        systemLibrary("CFLAC", apt: "libflac-dev"),
        systemLibrary("CHiredis", apt: "libhiredis-dev"),
        systemLibrary("CLibcurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
        systemLibrary("CLibpq", pkgConfig: "libpq", apt: "libpq-dev"),
        .target(name: "CLinux", path: "Sources/Shared/CLibraries/CLinux"),
        systemLibrary("COgg", apt: "libogg-dev"),
        systemLibrary("COpus", apt: "libopus-dev"),
        systemLibrary("CPNG", pkgConfig: "libpng", apt: "libpng-dev"),
        systemLibrary("CPocketSphinx", pkgConfig: "pocketsphinx", apt: "libpocketsphinx-dev"),
        systemLibrary("CSndfile", apt: "libsndfile1-dev"),
        systemLibrary("CSonic", apt: "libsonic-dev"),
        systemLibrary("CSoxr", apt: "libsoxr-dev"),

        // Pure
        shared("CoachDomain"),
        shared(
            "SpeechAnalysis", ["CoachDomain"],
            resources: ["de", "en", "es", "fr", "pt", "ru"].map {
                .embedInCode("Resources/lexicon-\($0).json")
            }),

        // Places where the fault suite may strike
        shared("Failpoints"),

        // Wrappers: the only ones that import C
        shared(
            "AudioEngine",
            ["CoachDomain", "CFLAC", "CLinux", "COgg", "COpus", "CSndfile", "CSonic", "CSoxr"],
            settings: strictOverC),
        shared("HTTPTransport", ["CLibcurl", "CLinux"], settings: strictOverC),
        shared("Pictures", ["CCairo", "CPNG"], settings: strictOverC),
        shared("PocketSphinx", ["CoachDomain", "CPocketSphinx"], settings: strictOverC),
        shared("Postgres", ["CLibpq"], settings: strictOverC),
        shared("Redis", ["CHiredis"], settings: strictOverC),

        // Ledger, queue, messenger, providers
        .target(
            name: "Migrations", path: "migrations",
            resources: [
                .embedInCode("0001_ledger.sql"), .embedInCode("0002_reliability.sql"),
                .embedInCode("0003_spending.sql"),
                .embedInCode("0004_conversation.sql"),
            ],
            swiftSettings: strict),
        shared("CoachStore", ["CoachDomain", "Migrations", "Postgres"]),
        shared("Observability", [coreMetrics, logging]),
        shared(
            "JobQueue",
            ["CoachDomain", "CoachStore", "Failpoints", "Observability", "Redis", lifecycle, logging]),
        shared("Telegram", ["CoachDomain", "HTTPTransport"]),
        shared(
            "Providers", ["AudioEngine", "CoachDomain", "HTTPTransport", "PocketSphinx", "SpeechAnalysis"],
            resources: [.embedInCode("Resources/prices.json")]
                + ["de", "en", "es", "fr", "pt", "ru"].map { .embedInCode("Resources/rules-\($0).json") }),
        shared(
            "ProviderLedger",
            ["CoachDomain", "CoachStore", "Observability", "Providers", lifecycle, logging]),
        shared(
            "Conversation",
            [
                "CoachDomain", "CoachStore", "Failpoints", "JobQueue", "Observability", "Pictures",
                "Telegram", logging,
            ],
            resources: ["de", "en", "es", "fr", "pt", "ru"].flatMap {
                [.embedInCode("Texts/\($0).json"), .embedInCode("Texts/topics-\($0).json")]
            }),
        shared(
            "ServiceKit",
            ["Observability", configuration, hummingbird, lifecycle, logging, nioCore, unixSignals]),

        // Servers of our own, for laptops, demonstrations and tests
        shared("EmbeddedStack"),
        shared("BotAPIEmulator", ["HTTPTransport", hummingbird, logging, nioCore]),

        // The roles
        .target(
            name: "WebhookService",
            dependencies: [
                "CoachDomain", "CoachStore", "Conversation", "Failpoints", "JobQueue", "Observability",
                "Telegram",
                httpTypes,
                hummingbird, lifecycle, logging,
            ], swiftSettings: strict),
        .target(
            name: "AudioWorker",
            dependencies: [
                "AudioEngine", "CoachDomain", "CoachStore", "Conversation", "Failpoints", "JobQueue",
                "Observability", "Providers", "SpeechAnalysis", "Telegram", logging,
            ], swiftSettings: strict),
        .target(
            name: "FeedbackWorker",
            dependencies: [
                "CoachDomain", "CoachStore", "Conversation", "Failpoints", "JobQueue", "Observability",
                "Pictures", "Providers", "Telegram", logging,
            ], swiftSettings: strict),
        .executableTarget(
            name: "SpeechCoach",
            dependencies: [
                "AudioEngine", "AudioWorker", "BotAPIEmulator", "CoachDomain", "CoachStore", "Conversation",
                "EmbeddedStack", "FeedbackWorker", "HTTPTransport", "JobQueue", "Observability",
                "Pictures", "PocketSphinx",
                "Postgres", "ProviderLedger", "Providers", "Redis", "ServiceKit", "SpeechAnalysis",
                "Telegram",
                "WebhookService", argumentParser,
                hummingbird, lifecycle, logging,
            ], swiftSettings: strict),

        // Tests
        .target(name: "LoopbackHTTP", path: "Tests/LoopbackHTTP", swiftSettings: strict),
        .target(
            name: "Support", dependencies: ["CoachStore", "EmbeddedStack", "Postgres"], path: "Tests/Support",
            swiftSettings: strict),
        shared("ProviderFakes"),
        tests("AudioEngineTests", ["AudioEngine", "CoachDomain", "COpus", "PocketSphinx"]),
        .testTarget(
            name: "PicturesTests", dependencies: ["CPNG", "Pictures"], path: "Tests/PicturesTests",
            exclude: ["Approved"], swiftSettings: strict),
        tests(
            "AudioWorkerTests",
            ["AudioEngine", "AudioWorker", "CoachDomain", "CoachStore", "Providers", "SpeechAnalysis"]),
        tests("PocketSphinxTests", ["CoachDomain", "PocketSphinx"]),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "BotAPIEmulator", "EmbeddedStack", "HTTPTransport", "Postgres", "ProviderFakes", "Redis",
                "SpeechCoach", "Support", logging,
            ], path: "Tests/EndToEnd", swiftSettings: strict),
        tests("ProviderFakesTests", ["HTTPTransport", "ProviderFakes"]),
        tests(
            "ProvidersTests",
            [
                "AudioEngine", "CoachDomain", "HTTPTransport", "PocketSphinx", "ProviderFakes", "Providers",
                "SpeechAnalysis",
            ]),
        tests("FailoverTests", ["CoachDomain", "Providers"]),
        tests(
            "ProviderLedgerTests",
            [
                "CoachDomain", "CoachStore", "Observability", "Postgres", "ProviderLedger", "Providers",
                "Support",
                logging,
            ]),
        tests("SpeechAnalysisTests", ["CoachDomain", "SpeechAnalysis"]),
        .executableTarget(
            name: "SoundReport", dependencies: ["AudioEngine", "CoachDomain", "SpeechAnalysis"],
            path: "Tests/Praat/SoundReport", swiftSettings: strict),
        tests(
            "BotAPIEmulatorTests",
            ["BotAPIEmulator", "CoachDomain", "HTTPTransport", "LoopbackHTTP", "Telegram"]),
        tests("CoachDomainTests", ["CoachDomain"]),
        tests("ConversationTests", ["CoachDomain", "CoachStore", "Conversation"]),
        tests("CoachStoreTests", ["CoachDomain", "CoachStore", "Migrations", "Postgres", "Support"]),
        tests("EmbeddedStackTests", ["EmbeddedStack"]),
        tests("HTTPTransportTests", ["HTTPTransport", "LoopbackHTTP"]),
        tests(
            "JobQueueTests",
            [
                "CoachDomain", "CoachStore", "Failpoints", "JobQueue", "Observability", "Postgres", "Redis",
                "Support",
                lifecycle,
                logging,
            ]),
        tests("ObservabilityTests", ["Observability", coreMetrics, logging]),
        tests("PostgresTests", ["EmbeddedStack", "Postgres"]),
        tests("RedisTests", ["EmbeddedStack", "Redis"]),
        tests(
            "ServiceKitTests",
            ["HTTPTransport", "Observability", "ServiceKit", lifecycle, logging]),
        tests(
            "WebhookServiceTests",
            [
                "CoachDomain", "CoachStore", "Conversation", "JobQueue", "Observability", "Postgres", "Redis",
                "Support", "Telegram", "WebhookService", httpTypes, hummingbird, logging, nioCore,
            ]),
        tests("TelegramTests", ["CoachDomain", "HTTPTransport", "LoopbackHTTP", "Telegram"]),
    ]
)
