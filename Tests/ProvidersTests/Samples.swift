import CoachDomain
import Foundation

@testable import Providers

/// Notes, audio and clocks that several tests use.
enum Samples {
    static let spoken =
        "Hello everyone, my name is Anna. Today I want to talk about our new project. Um, you know, many people "
        + "like the result. The next step is to test it with more users."

    static func transcript(
        _ text: String = spoken, language: String? = "en", fillers: Evidence = .measured, isTimed: Bool = true
    ) -> Transcript {
        let words = text.split(separator: " ").enumerated().map { index, word in
            Word(
                text: String(word), span: TimeSpan(start: Double(index) * 0.4, end: Double(index) * 0.4 + 0.3)
            )
        }
        return Transcript(
            text: text, language: language, provider: "test", model: "test",
            capabilities: RecognizerCapabilities(fillers: fillers, wordTimes: isTimed, wordConfidence: false),
            words: isTimed ? words : [])
    }

    static func material(_ text: String = spoken, language: String? = nil) -> CoachingMaterial {
        CoachingMaterial(transcript: transcript(text), metrics: SpeechMetrics(), language: language)
    }

    static let prices: PriceTable = {
        guard let table = try? PriceTable.bundled() else {
            preconditionFailure("prices.json is not readable")
        }
        return table
    }()

    /// One second of a quiet tone as RIFF/WAVE, 16 kHz mono.
    static let wave: [UInt8] = {
        let data = (0..<16_000).flatMap { index -> [UInt8] in
            let sample = Int16(1_000 * sin(Double(index) / 10))
            return [UInt8(truncatingIfNeeded: sample), UInt8(truncatingIfNeeded: sample >> 8)]
        }
        func number(_ value: Int, bytes: Int) -> [UInt8] {
            (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        return Array("RIFF".utf8) + number(36 + data.count, bytes: 4) + Array("WAVEfmt ".utf8)
            + number(16, bytes: 4) + number(1, bytes: 2) + number(1, bytes: 2) + number(16_000, bytes: 4)
            + number(32_000, bytes: 4) + number(2, bytes: 2) + number(16, bytes: 2) + Array("data".utf8)
            + number(data.count, bytes: 4) + data
    }()

    static func audio(parts: Int = 1, encoding: AudioEncoding = .wav) -> RecognizerAudio {
        RecognizerAudio(
            encoding: encoding,
            parts: (0..<parts).map { index in
                RecognizerAudio.Part(
                    content: .bytes(wave), span: TimeSpan(start: Double(index), end: Double(index + 1)))
            }, timeline: .identity(seconds: Double(parts)))
    }

    /// - Parameter seconds: By default more than any call here needs on the busiest machine.
    static func context(seconds: Double = 120, language: String? = nil) -> CallContext {
        CallContext(deadline: .now + .seconds(seconds), language: language)
    }
}

/// Hands out what it was given and counts.
actor FixedSupply: AudioSupply {
    private let made: RecognizerAudio
    private(set) var requests: [AudioRequirement] = []

    init(_ audio: RecognizerAudio = Samples.audio()) { made = audio }

    func audio(for requirement: AudioRequirement, link: LinkSpeed?) async throws -> RecognizerAudio {
        requests.append(requirement)
        return made
    }
}
