import CoachDomain
import Foundation
import Testing

@testable import Providers

@Suite struct PriceTableTests {
    private let table = Samples.prices
    private let day = Date(timeIntervalSince1970: 1_795_219_200)  // 2026-11-21

    private func cost(
        _ provider: String, _ model: String, _ operation: ProviderCall.Operation = .coaching,
        _ usage: ProviderUsage
    ) -> Int64 {
        table.cost(
            of: ProviderKey(provider: provider, model: model, operation: operation), usage: usage, at: day
        ).microUSD
    }

    @Test func `tokens cost what the list says`() {
        let usage = ProviderUsage(inputTokens: 1_500, outputTokens: 600)
        // 1 500 × 0.10 + 600 × 0.50 USD per million.
        #expect(cost("openai", "gpt-6-luna", .coaching, usage) == 450)
        #expect(cost("anthropic", "claude-haiku-5-5", .coaching, usage) == 450)
        #expect(cost("openai", "gpt-6-luna-2026-09-01", .coaching, usage) == 450)
    }

    @Test func `cached tokens are cheaper and not paid twice`() {
        let usage = ProviderUsage(inputTokens: 10_000, cachedInputTokens: 9_000, outputTokens: 0)
        #expect(cost("openai", "gpt-6-luna", .coaching, usage) == 190)
    }

    @Test func `a band may have prices of its own`() {
        let key = ProviderKey(provider: "gemini", model: "gemini-3.1-pro-preview", operation: .coaching)
        let date = Date(timeIntervalSince1970: 1_795_219_200)
        func cost(_ input: Int) -> Int64 {
            Samples.prices.cost(
                of: key, usage: ProviderUsage(inputTokens: input, outputTokens: 1_000), at: date
            ).microUSD
        }
        #expect(cost(200_000) == 412_000)
        #expect(cost(300_000) == 1_218_000)
    }

    @Test func `a long prompt pays its band`() {
        let usage = ProviderUsage(inputTokens: 200_000, outputTokens: 0)
        #expect(cost("anthropic", "claude-haiku-5-5", .coaching, usage) == 100_000)
    }

    @Test func `audio is billed by the second with the vendor's minimum`() {
        #expect(cost("openai", "whisper-1", .speech, ProviderUsage(audioSeconds: 60)) == 6_000)
        #expect(
            cost("groq", "whisper-large-v3-turbo", .speech, ProviderUsage(audioSeconds: 2))
                == cost("groq", "whisper-large-v3-turbo", .speech, ProviderUsage(audioSeconds: 10)))
        #expect(cost("groq", "whisper-large-v3-turbo", .speech, ProviderUsage(audioSeconds: 3_600)) == 40_001)
    }

    @Test func `a longer name is another model, not a cheaper variant`() {
        #expect(
            cost("groq", "whisper-large-v3", .speech, ProviderUsage(audioSeconds: 100))
                > cost("groq", "whisper-large-v3-turbo", .speech, ProviderUsage(audioSeconds: 100)))
    }

    @Test func `an unknown model costs the ceiling, never nothing`() {
        #expect(
            cost("openai", "gpt-9", .coaching, ProviderUsage(inputTokens: 1_000, outputTokens: 100)) == 15_000
        )
        #expect(cost("nobody", "x", .speech, ProviderUsage(audioSeconds: 60)) == 36_000)
    }

    @Test func `an ended price no longer holds`() {
        let later = Date(timeIntervalSince1970: 1_804_000_000)
        let key = ProviderKey(provider: "openai", model: "whisper-1", operation: .speech)
        #expect(table.cost(of: key, usage: ProviderUsage(audioSeconds: 60), at: later).microUSD == 36_000)
    }

    @Test func `local work is free`() {
        #expect(cost("pocketsphinx", "en-us-ptm", .speech, ProviderUsage(audioSeconds: 600)) == 0)
        #expect(
            cost("local-llm", "llama", .coaching, ProviderUsage(inputTokens: 9_999, outputTokens: 99)) == 0)
    }

    @Test func `the smallest use costs at least one and absurd numbers do not overflow`() {
        #expect(cost("openai", "gpt-6-luna", .coaching, ProviderUsage(inputTokens: 1)) == 1)
        #expect(cost("openai", "gpt-6-astra", .coaching, ProviderUsage(inputTokens: .max)) > 0)
        #expect(cost("openai", "whisper-1", .speech, ProviderUsage(audioSeconds: .infinity)) == 0)
    }

    @Test func `announced ends of models are known, dated releases included`() {
        func end(_ provider: String, _ model: String) -> String? {
            Samples.prices.retirement(of: ProviderKey(provider: provider, model: model, operation: .speech))?
                .on
        }
        #expect(end("openai", "whisper-1") == "2027-02-26")
        #expect(end("openai", "gpt-4o-mini-transcribe-2025-12-15") == "2027-02-26")
        #expect(end("openai", "gpt-transcribe") == nil && end("groq", "whisper-1") == nil)
    }

    @Test func `every model that the settings start with has a price of its own`() {
        let defaults: [(String, String, ProviderCall.Operation)] = [
            ("openai", "whisper-1", .speech), ("openai", "gpt-6-luna", .coaching),
            ("groq", "whisper-large-v3-turbo", .speech), ("groq", "llama-3.3-70b-versatile", .coaching),
            ("deepgram", "nova-3", .speech), ("elevenlabs", "scribe_v2", .speech),
            ("assemblyai", "universal-2", .speech), ("anthropic", "claude-haiku-5-5", .coaching),
            ("gemini", "gemini-3.5-flash-lite", .coaching),
        ]
        let usage = ProviderUsage(audioSeconds: 60, inputTokens: 1_000, outputTokens: 1_000)
        for (provider, model, operation) in defaults {
            let known = ProviderKey(provider: provider, model: model, operation: operation)
            let unknown = ProviderKey(provider: provider, model: "?", operation: operation)
            let date = Date(timeIntervalSince1970: 1_795_219_200)
            #expect(
                Samples.prices.cost(of: known, usage: usage, at: date).microUSD
                    < Samples.prices.cost(of: unknown, usage: usage, at: date).microUSD, "\(known)")
        }
    }
}
