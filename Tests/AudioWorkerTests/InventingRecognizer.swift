import CoachDomain
import Providers
import Synchronization

/// Costs money and makes up a sentence, whatever it hears, as recognisers do with noise.
final class InventingRecognizer: SpeechRecognizer {
    static let sentence = "Thank you for watching, see you next time."

    let descriptor = RecognizerDescriptor(
        name: "inventing", model: "m",
        capabilities: RecognizerCapabilities(fillers: .notAvailable, wordTimes: true, wordConfidence: false),
        requirement: AudioRequirement(encodings: [.flac]), isLocal: false)
    private let count = Mutex(0)

    var calls: Int { count.withLock { $0 } }

    func transcribe(
        _ audio: RecognizerAudio, context: CallContext
    ) async throws(ProviderError) -> ProviderTranscript {
        count.withLock { $0 += 1 }
        let words = Self.sentence.split(separator: " ").enumerated().map { index, word in
            Word(
                text: String(word),
                span: TimeSpan(start: Double(index) * 0.2, end: Double(index) * 0.2 + 0.2))
        }
        return ProviderTranscript(
            text: Self.sentence, words: words, language: "en",
            usage: ProviderUsage(audioSeconds: audio.seconds))
    }

    func check(deadline: ContinuousClock.Instant) async throws(ProviderError) {}
}
