import Foundation
import Testing

@testable import ServiceKit

@Suite struct SettingsReferenceTests {
    private static let page = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../docs/configuration.md").standardizedFileURL

    /// Set `SPEECHCOACH_WRITE_DOCS=1` to write the page instead of comparing it.
    @Test func `docs configuration page is what the catalogue writes`() throws {
        let expected = SettingsReference.markdown()
        if ProcessInfo.processInfo.environment["SPEECHCOACH_WRITE_DOCS"] == "1" {
            try Data(expected.utf8).write(to: Self.page)
        }
        let actual = try String(contentsOf: Self.page, encoding: .utf8)
        #expect(actual == expected)
    }

    @Test func `the catalogue has every name of the contract, once, and a legal default`() {
        let names = SettingsCatalogue.all.map(\.name)
        #expect(Set(names).count == names.count)
        let contract =
            [
                "DATABASE_URL", "REDIS_URL", "TELEGRAM_BOT_TOKEN", "TELEGRAM_API_URL",
                "TELEGRAM_WEBHOOK_SECRET",
                "PUBLIC_URL", "HOST", "PORT", "STT_PROVIDERS", "LLM_PROVIDERS", "SPEED_FACTOR",
                "MAX_AUDIO_SECONDS",
                "FEEDBACK_DEADLINE_SECONDS", "LOG_LEVEL", "LOG_FORMAT", "OTEL_EXPORTER_OTLP_ENDPOINT",
                "SPEECHCOACH_CONFIG", "SPEECHCOACH_DATA",
            ]
            + ["OPENAI", "GROQ", "LOCAL_STT", "LOCAL_LLM"].flatMap { prefix in
                ["API_KEY", "BASE_URL", "STT_MODEL", "LLM_MODEL"].map { "\(prefix)_\($0)" }
            }
            + ["DEEPGRAM", "ELEVENLABS", "ASSEMBLYAI", "ANTHROPIC", "GEMINI"].flatMap { prefix in
                ["API_KEY", "BASE_URL", "MODEL"].map { "\(prefix)_\($0)" }
            }
        for name in contract { #expect(names.contains(name), "\(name)") }
        for setting in SettingsCatalogue.all {
            #expect(setting.name.wholeMatch(of: /[A-Z][A-Z0-9_]*/) != nil)
            #expect(setting.summary.hasSuffix("."), "\(setting.name)")
            #expect(!setting.isSecret || setting.defaultValue == nil)
            #expect(!setting.summary.contains("|") && !setting.form.contains("|"))
            #expect(setting.unit.isEmpty == !setting.form.contains(/[0-9]…-?[0-9]/), "\(setting.name)")
        }
    }
}
