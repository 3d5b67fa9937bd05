import CoachDomain
import Foundation
import HTTPTransport

/// Reads the answers of `/audio/transcriptions`, leniently.
enum OpenAITranscription {
    /// - Parameters:
    ///   - body: Of a 2xx answer.
    ///   - seconds: Length of the audio, for usage that the server leaves out.
    static func read(_ body: [UInt8], seconds: Double) throws(ProviderError) -> ProviderTranscript {
        guard let document = JSONValue(parsing: body) else { throw .malformedResponse }
        guard let text = document["text"]?.string else {
            // Some gateways put an error into a 200.
            guard let error = document["error"], !error.isNull else { throw .malformedResponse }
            throw .embedded(in: document, body: body)
        }
        let segments = document["segments"]?.array ?? []
        let invented = segments.filter(isInvented)
        var words = words(in: document, segments: segments).filter { word in
            !invented.contains { segment in
                guard let start = segment["start"]?.number, let end = segment["end"]?.number else {
                    return false
                }
                return word.span.start >= start && word.span.end <= end
            }
        }
        var spoken = text.trimmingCharacters(in: .whitespacesAndNewlines)
        if !invented.isEmpty {
            spoken = segments.filter { !isInvented($0) }.compactMap { $0["text"]?.string }
                .joined().trimmingCharacters(in: .whitespacesAndNewlines)
            if spoken.isEmpty { words = [] }
        }
        return ProviderTranscript(
            text: spoken, words: Punctuation.attach(from: spoken, to: words), language: language(document),
            usage: usage(document["usage"], seconds: document["duration"]?.number ?? seconds))
    }

    /// Whisper's own test for text written over silence (`no_speech_threshold` and `logprob_threshold`).
    private static func isInvented(_ segment: JSONValue) -> Bool {
        guard let silence = segment["no_speech_prob"]?.number, let sureness = segment["avg_logprob"]?.number
        else {
            return false
        }
        return silence > 0.6 && sureness < -1
    }

    /// From the top of the document (OpenAI, Groq) or from inside the segments (faster-whisper servers).
    private static func words(in document: JSONValue, segments: [JSONValue]) -> [Word] {
        let top = document["words"]?.array ?? []
        let entries = top.isEmpty ? segments.flatMap { $0["words"]?.array ?? [] } : top
        return entries.compactMap { entry in
            guard let text = (entry["word"] ?? entry["text"])?.string?.trimmingCharacters(in: .whitespaces),
                !text.isEmpty, let start = entry["start"]?.number, let end = entry["end"]?.number, start >= 0
            else { return nil }
            let probability = (entry["probability"] ?? entry["score"])?.number
            return Word(
                text: text, span: TimeSpan(start: start, end: end),
                confidence: probability.map { min(max($0, 0), 1) })
        }
        .sorted { $0.span.start < $1.span.start }
    }

    private static func language(_ document: JSONValue) -> String? {
        if let detected = document["languages"]?.array {
            // Objects or plain tags; empty means undetected.
            return detected.first.flatMap { $0.string ?? ($0["language"] ?? $0["code"])?.string }.flatMap(
                LanguageTag.init)?
                .primary
        }
        return document["language"]?.string.flatMap(LanguageTag.init)?.primary
    }

    private static func usage(_ value: JSONValue?, seconds: Double) -> ProviderUsage {
        ProviderUsage(
            audioSeconds: value?["seconds"]?.number ?? seconds, inputTokens: value?["input_tokens"]?.count,
            outputTokens: value?["output_tokens"]?.count)
    }
}
