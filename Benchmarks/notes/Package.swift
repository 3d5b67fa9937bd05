// swift-tools-version: 6.3
import PackageDescription

// The emulator's and the fakes' own sources through symbolic links: `package` access does not cross packages.

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")

let package = Package(
    name: "note-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.80.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.19.0"),
    ],
    targets: [
        .systemLibrary(
            name: "CLibcurl", path: "Sources/CLibraries/CLibcurl", pkgConfig: "libcurl",
            providers: [.apt(["libcurl4-openssl-dev"])]),
        .target(
            name: "HTTPTransport", dependencies: ["CLibcurl"], swiftSettings: strict + [.strictMemorySafety()]
        ),
        .target(
            name: "BotAPIEmulator", dependencies: ["HTTPTransport", hummingbird, logging, nioCore],
            swiftSettings: strict),
        .target(name: "ProviderFakes", swiftSettings: strict),
        .executableTarget(
            name: "note-world", dependencies: ["BotAPIEmulator", "ProviderFakes", logging],
            swiftSettings: strict),
    ]
)
