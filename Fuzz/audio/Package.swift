// swift-tools-version: 6.3
import PackageDescription

// The engine's own sources through symbolic links, built with coverage feedback for libFuzzer.

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .unsafeFlags(["-sanitize=fuzzer"]),
]

func systemLibrary(_ name: String) -> Target {
    .systemLibrary(name: name, path: "Sources/CLibraries/\(name)")
}

let package = Package(
    name: "audio-fuzzing",
    platforms: [.macOS(.v15)],
    targets: [
        .target(name: "CoachDomain", swiftSettings: strict),
        .target(name: "CLinux", path: "Sources/CLibraries/CLinux"),
        .target(name: "CFuzzer"),
        systemLibrary("CFLAC"), systemLibrary("COgg"), systemLibrary("COpus"), systemLibrary("CSndfile"),
        systemLibrary("CSonic"), systemLibrary("CSoxr"),
        .target(
            name: "AudioEngine",
            dependencies: ["CoachDomain", "CFLAC", "CLinux", "COgg", "COpus", "CSndfile", "CSonic", "CSoxr"],
            swiftSettings: strict),
        .executableTarget(
            name: "fuzz-audio", dependencies: ["AudioEngine", "CoachDomain", "CFuzzer"],
            swiftSettings: strict,
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])]),
    ]
)
