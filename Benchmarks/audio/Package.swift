// swift-tools-version: 6.3
import PackageDescription

// The engine's own sources through symbolic links: `package` access does not cross packages, and a
// benchmark of another build than the product's would measure something else.

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

func systemLibrary(_ name: String, apt: String) -> Target {
    .systemLibrary(name: name, path: "Sources/CLibraries/\(name)", providers: [.apt([apt])])
}

let package = Package(
    name: "audio-benchmarks",
    platforms: [.macOS(.v15)],
    targets: [
        .target(name: "CoachDomain", swiftSettings: strict),
        .target(name: "CLinux", path: "Sources/CLibraries/CLinux"),
        systemLibrary("CFLAC", apt: "libflac-dev"),
        systemLibrary("COgg", apt: "libogg-dev"),
        systemLibrary("COpus", apt: "libopus-dev"),
        systemLibrary("CSndfile", apt: "libsndfile1-dev"),
        systemLibrary("CSonic", apt: "libsonic-dev"),
        systemLibrary("CSoxr", apt: "libsoxr-dev"),
        .target(
            name: "AudioEngine",
            dependencies: ["CoachDomain", "CFLAC", "CLinux", "COgg", "COpus", "CSndfile", "CSonic", "CSoxr"],
            swiftSettings: strict + [.strictMemorySafety()]),
        .target(
            name: "SpeechAnalysis", dependencies: ["CoachDomain"],
            resources: ["de", "en", "es", "fr", "pt", "ru"].map {
                .embedInCode("Resources/lexicon-\($0).json")
            }, swiftSettings: strict),
        .executableTarget(
            name: "audio-floor",
            cSettings: [.unsafeFlags(["-O3", "-march=native"])],
            linkerSettings: ["FLAC", "m", "ogg", "opus", "sonic"].map { .linkedLibrary($0) }),
        .executableTarget(name: "audio-prepare", dependencies: ["AudioEngine"], swiftSettings: strict),
        .executableTarget(
            name: "audio-benchmark", dependencies: ["AudioEngine", "CoachDomain", "SpeechAnalysis"],
            swiftSettings: strict),
    ]
)
