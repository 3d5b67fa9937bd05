package import AudioEngine
import CoachDomain

/// Text to speech on this machine, by espeak-ng in a child process: no beauty, but it always answers.
package struct EspeakSynthesis: SpeechSynthesizer {
    package static let name = "espeak"
    /// Somewhat slower than the program's own 175, as an example to follow should be.
    private static let wordsPerMinute = 155

    package let descriptor: SynthesizerDescriptor
    private let voice: String?
    private let workshop: SynthesisWorkshop

    /// - Parameters:
    ///   - voice: One of espeak-ng's voices for every text; `nil` chooses by the text's language.
    ///   - engine: Runs the program on its threads.
    package init(voice: String? = nil, engine: AudioEngine) {
        self.voice = voice
        workshop = SynthesisWorkshop(engine: engine)
        descriptor = SynthesizerDescriptor(
            name: Self.name, model: "espeak-ng", voice: "\(voice ?? "auto")/\(Self.wordsPerMinute)",
            isLocal: true)
    }

    package func speak(
        _ passage: SpokenPassage, context: CallContext
    ) async throws(ProviderError) -> ProviderSpeech {
        let program: SpeechProgram
        do throws(SpeechProgram.Fault) {
            program = try SpeechProgram(
                voice: voice ?? Self.voice(for: passage.language), wordsPerMinute: Self.wordsPerMinute)
        } catch {
            throw .misconfigured(code: "voice_name")
        }
        return try await workshop.speech(saying: passage, with: program, deadline: context.deadline)
    }

    /// The variety of a language that is understood in most places; other languages by their own tag.
    static func voice(for language: String) -> String {
        switch language {
        case "en": "en-us"
        case "fr": "fr-fr"
        case "pt": "pt-br"
        case "zh": "cmn"
        default: language
        }
    }

    /// Speaks one word.
    package func check(deadline: ContinuousClock.Instant) async throws(ProviderError) {
        guard let word = SpokenPassage("one", language: "en") else { throw .requestInvalid(code: nil) }
        _ = try await speak(word, context: CallContext(deadline: deadline))
    }
}
