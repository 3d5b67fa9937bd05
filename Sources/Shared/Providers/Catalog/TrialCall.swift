package import CoachDomain
import Foundation

/// The smallest real call that a provider can be asked to answer: what works here works for a note.
package enum TrialCall {
    /// Of the audio that is sent.
    private static let seconds = 1.0
    private static let sampleRate = 16_000

    /// Has one second of a quiet tone recognised; that no word is heard in it is a good answer.
    package static func recognize(
        with recognizer: any SpeechRecognizer, deadline: ContinuousClock.Instant
    ) async throws(ProviderError) -> ProviderUsage {
        let isRaw = recognizer.descriptor.requirement.encodings.contains(.pcm16)
        let audio = RecognizerAudio(
            encoding: isRaw ? .pcm16 : .wav,
            parts: [
                RecognizerAudio.Part(
                    content: .bytes(isRaw ? samples : wave), span: TimeSpan(start: 0, end: seconds))
            ], timeline: .identity(seconds: seconds))
        let usage = try await recognizer.transcribe(audio, context: CallContext(deadline: deadline)).usage
        return usage.units.isEmpty ? ProviderUsage(audioSeconds: seconds) : usage
    }

    /// Has one word answered in JSON.
    ///
    /// - Throws: ``ProviderError/malformedResponse`` when the answer is not the document that was asked for.
    package static func ask(
        _ model: any LanguageModel, deadline: ContinuousClock.Instant
    ) async throws(ProviderError) -> ProviderUsage {
        let answer = try await model.complete(question, context: CallContext(deadline: deadline))
        guard let document = try? JSONDecoder().decode([String: Bool].self, from: Data(answer.text.utf8)),
            document["ok"] != nil
        else { throw .malformedResponse }
        return answer.usage(for: question)
    }

    /// Has one word spoken.
    package static func speak(
        with synthesizer: any SpeechSynthesizer, deadline: ContinuousClock.Instant
    ) async throws(ProviderError) -> ProviderUsage {
        guard let passage = SpokenPassage(word, language: "en") else { throw .requestInvalid(code: nil) }
        return try await synthesizer.speak(passage, context: CallContext(deadline: deadline)).usage
    }

    /// The most that a call can consume.
    package static func most(_ operation: ProviderCall.Operation) -> ProviderUsage {
        switch operation {
        case .speech: ProviderUsage(audioSeconds: seconds)
        case .coaching: question.estimate
        case .voice: ProviderUsage(characters: word.count)
        }
    }

    private static let word = "Hello."

    private static let question = StructuredRequest(
        instructions: "Answer with the JSON document {\"ok\": true} and nothing else.",
        input: "Are you there?",
        schemaName: "trial",
        schema: """
            {"type":"object","properties":{"ok":{"type":"boolean"}},"required":["ok"],"additionalProperties":false}
            """, maximumOutputTokens: 256)

    private static var samples: [UInt8] {
        (0..<Int(seconds * Double(sampleRate))).flatMap { index -> [UInt8] in
            let sample = Int16(1_000 * sin(Double(index) * 2 * .pi * 220 / Double(sampleRate)))
            return [UInt8(truncatingIfNeeded: sample), UInt8(truncatingIfNeeded: sample >> 8)]
        }
    }

    /// RIFF/WAVE, 16 bit mono.
    private static var wave: [UInt8] {
        func number(_ value: Int, bytes: Int) -> [UInt8] {
            (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        let data = samples
        return Array("RIFF".utf8) + number(36 + data.count, bytes: 4) + Array("WAVEfmt ".utf8)
            + number(16, bytes: 4) + number(1, bytes: 2) + number(1, bytes: 2) + number(sampleRate, bytes: 4)
            + number(2 * sampleRate, bytes: 4) + number(2, bytes: 2) + number(16, bytes: 2)
            + Array("data".utf8) + number(data.count, bytes: 4) + data
    }
}
