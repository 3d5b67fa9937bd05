// swift-tools-version: 6.3
import Foundation
import PackageDescription

// The queue's own sources through symbolic links: `package` access does not cross packages.

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]
let migrations = try FileManager.default.contentsOfDirectory(
    atPath: Context.packageDirectory + "/../../migrations"
)
.filter { $0.hasSuffix(".sql") }.sorted()
let strictOverC: [SwiftSetting] = strict + [.strictMemorySafety()]
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")

let package = Package(
    name: "queue-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(
            name: "CHiredis", path: "Sources/CLibraries/CHiredis", providers: [.apt(["libhiredis-dev"])]),
        .systemLibrary(
            name: "CLibpq", path: "Sources/CLibraries/CLibpq", pkgConfig: "libpq",
            providers: [.apt(["libpq-dev"])]),
        .target(name: "CoachDomain", swiftSettings: strict),
        .target(name: "Failpoints", swiftSettings: strict),
        .target(name: "EmbeddedStack", swiftSettings: strict),
        .target(name: "Postgres", dependencies: ["CLibpq"], swiftSettings: strictOverC),
        .target(name: "Redis", dependencies: ["CHiredis"], swiftSettings: strictOverC),
        .target(
            name: "Migrations", path: "Sources/migrations",
            resources: migrations.map { .embedInCode($0) },
            swiftSettings: strict),
        .target(
            name: "CoachStore", dependencies: ["CoachDomain", "Migrations", "Postgres"], swiftSettings: strict
        ),
        .target(name: "Observability", dependencies: [coreMetrics, logging], swiftSettings: strict),
        .target(
            name: "JobQueue",
            dependencies: [
                "CoachDomain", "CoachStore", "Failpoints", "Observability", "Redis", lifecycle, logging,
            ], swiftSettings: strict),
        .executableTarget(
            name: "queue-benchmark",
            dependencies: [
                "CoachDomain", "CoachStore", "EmbeddedStack", "JobQueue", "Observability", "Postgres",
                "Redis",
                lifecycle, logging,
            ], swiftSettings: strict),
    ]
)
