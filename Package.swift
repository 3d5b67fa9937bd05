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
let asyncAlgorithms = Target.Dependency.product(name: "AsyncAlgorithms", package: "swift-async-algorithms")
let collections = Target.Dependency.product(name: "Collections", package: "swift-collections")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
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
    products: [],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-async-algorithms", from: "1.1.4"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(
            url: "https://github.com/apple/swift-configuration", from: "1.4.0",
            traits: [.defaults, "YAML"]),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        systemLibrary("CHiredis", apt: "libhiredis-dev"),
        systemLibrary("CLibpq", pkgConfig: "libpq", apt: "libpq-dev"),

        shared("CoachDomain"),
        shared("Postgres", ["CLibpq"], settings: strictOverC),
        .target(
            name: "Migrations", path: "migrations", resources: [.embedInCode("0001_ledger.sql")],
            swiftSettings: strict),
        shared("CoachStore", ["CoachDomain", "Migrations", "Postgres"]),
        shared(
            "Conversation", ["CoachDomain", "CoachStore"], resources: [.embedInCode("Texts/en.json")]),
        shared("EmbeddedStack"),
        shared("Redis", ["CHiredis"], settings: strictOverC),
        shared("Observability", [coreMetrics, logging, metrics]),
        shared(
            "JobQueue",
            ["CoachDomain", "CoachStore", "Observability", "Redis", lifecycle, logging]),

        .target(
            name: "Support", dependencies: ["CoachStore", "EmbeddedStack", "Postgres"], path: "Tests/Support",
            swiftSettings: strict),
        tests(
            "JobQueueTests",
            [
                "CoachDomain", "CoachStore", "JobQueue", "Observability", "Postgres", "Redis", "Support",
                lifecycle,
                logging,
            ]),
        tests("CoachStoreTests", ["CoachDomain", "CoachStore", "Migrations", "Postgres", "Support"]),
        tests("CoachDomainTests", ["CoachDomain"]),
    ]
)
