import CoachDomain
import CoachStore
import Foundation
import Postgres
import Support

/// A ledger of one test's own.
struct LedgerFixture {
    let pool: PostgresPool
    let ledger: Ledger

    init() async throws {
        let uri = try await TestServers.shared.migratedDatabase()
        pool = try PostgresPool(configuration: PostgresConfiguration(uri: uri, poolSize: 4))
        ledger = Ledger(pool: pool, actor: "test@host/1/a")
    }

    /// The same ledger as another process sees it.
    func another(_ name: String) -> Ledger { Ledger(pool: pool, actor: name) }

    func note(update: Int64 = 1, user: Int64 = 7, message: Int64? = nil, language: String? = "en")
        -> IncomingNote
    {
        IncomingNote(
            userID: user, chatID: user, updateID: update, messageID: message ?? update, kind: .voice,
            fileID: "file-\(update)", fileUniqueID: nil, fileBytes: 1_000, mimeType: "audio/ogg",
            declaredSeconds: 4.5, languageCode: language)
    }

    /// Accepts one note and claims its first job.
    func claimedNote(update: Int64 = 1) async throws -> ClaimedJob {
        let accepted = try await ledger.accept([note(update: update)], botID: 1, deadline: nil)
        guard let job = accepted[update]?.job,
            let claimed = try await ledger.claim([job], lease: .seconds(30)).first
        else { throw FixtureError() }
        return claimed
    }

    func execute(_ sql: String) async throws { _ = try await pool.query(PostgresStatement(sql)) }

    func integer(_ sql: String) async throws -> Int {
        try await pool.query(PostgresStatement(sql)).first?.decode(0, as: Int.self) ?? -1
    }

    func text(_ sql: String) async throws -> String? {
        try await pool.query(PostgresStatement(sql)).first?.decode(0, as: String?.self)
    }
}

struct FixtureError: Error {}

extension TranscribedNote {
    static var sample: TranscribedNote {
        TranscribedNote(
            audio: AudioSummary(
                originalSeconds: 4, speechSeconds: 3, uploadSeconds: 2, uploadBytes: 100,
                sampleRateHz: 16_000,
                speed: 1.5, speedReason: "default", pipelineVersion: "audio-1", isPartial: false,
                timeline: Timeline.identity(seconds: 4).segments),
            transcript: Transcript(
                text: "hello world", language: "en", provider: "pocketsphinx", model: "en-us",
                capabilities: RecognizerCapabilities(
                    fillers: .measured, wordTimes: true, wordConfidence: true),
                words: [
                    Word(text: "hello", span: TimeSpan(start: 0.1, end: 0.5), confidence: 0.9),
                    Word(text: "um", span: TimeSpan(start: 0.6, end: 0.8), isFiller: true),
                    Word(text: "world", span: TimeSpan(start: 1, end: 1.5)),
                ]),
            metrics: SpeechMetrics(
                measures: [
                    .wordsPerMinute: Measure(120, unit: "words/min", definition: "words-per-minute/1")
                ],
                pauses: [Pause(span: TimeSpan(start: 2, end: 3))], fillerEvidence: .measured))
    }
}

extension Feedback {
    static var sample: Feedback {
        Feedback(
            provider: "rules", model: "rules-1", promptVersion: "1", summary: "Good.", strengths: ["Clear."],
            improvements: [
                Improvement(quote: "um", start: 0.6, end: 0.8, why: "It distracts.", suggestion: "Pause.")
            ], rewrite: "Hello, world.", drill: "Say it again.")
    }
}

extension ProviderCall {
    static var sample: ProviderCall {
        ProviderCall(
            provider: "openai", model: "whisper-1", operation: .speech, units: ["audio_second": 2],
            costMicroUSD: 200, priceVersion: "2026-11", latencySeconds: 0.3, outcome: .success)
    }
}

let advice: LocalizedText = ["en": RichText(text: "Sorry."), "de": RichText(text: "Leider.")]
