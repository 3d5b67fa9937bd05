import CoachDomain
import HTTPTransport

/// Speech recognition over OpenAI's wire: OpenAI itself, Groq, and self-hosted servers that speak it.
package struct OpenAISpeech: SpeechRecognizer {
    /// Which of the endpoint's answers a model can give.
    package enum Family: Hashable, Sendable {
        /// `verbose_json` with times per word; takes a prompt that shows the wanted style.
        case whisper
        /// `json`: text alone.
        case textOnly
        /// `json`, several expected languages, detected languages in the answer (`gpt-transcribe`).
        case multilingualTextOnly

        /// The family that a model of this name belongs to. Names that are not OpenAI's own are taken for
        /// Whisper, which nearly every compatible server runs.
        package init(model: String) {
            let model = model.lowercased()
            if model.hasPrefix("gpt-transcribe") {
                self = .multilingualTextOnly
            } else if model.hasPrefix("gpt-") {
                self = .textOnly
            } else {
                self = .whisper
            }
        }
    }

    package let descriptor: RecognizerDescriptor
    package var uplink: LinkSpeed? { endpoint.uplink }
    private let endpoint: Endpoint
    private let family: Family
    /// Set once a server has refused word times; shared by all copies of this adapter.
    private let refusesWordTimes = Flag()

    /// - Parameters:
    ///   - name: Contract name.
    ///   - model: As the server knows it.
    ///   - endpoint: Base URL with the version, as `https://api.openai.com/v1`.
    ///   - requirement: The vendor's limits and minimum bill.
    package init(name: String, model: String, endpoint: Endpoint, requirement: AudioRequirement) {
        let family = Family(model: model)
        self.endpoint = endpoint
        self.family = family
        descriptor = RecognizerDescriptor(
            name: name, model: model,
            capabilities: RecognizerCapabilities(
                // Whisper was trained on edited text: it writes some hesitations and drops others. Of the
                // text-only models nothing is documented.
                fillers: family == .whisper ? .lowerBound : .notAvailable,
                wordTimes: family == .whisper, wordConfidence: false),
            requirement: requirement)
    }

    package func transcribe(
        _ audio: RecognizerAudio, context: CallContext
    ) async throws(ProviderError) -> ProviderTranscript {
        try await joined(audio, context: context) { part throws(ProviderError) in
            if family == .whisper, !refusesWordTimes.isSet {
                do throws(ProviderError) {
                    return try await recognize(part, of: audio, as: .whisper, context)
                } catch .requestInvalid {
                    // Not every self-hosted model knows `verbose_json`; text alone is better than nothing. A
                    // refused request costs nothing, and the next note asks the right way at once.
                    let heard = try await recognize(part, of: audio, as: .textOnly, context)
                    refusesWordTimes.set()
                    return heard
                }
            }
            return try await recognize(part, of: audio, as: family == .whisper ? .textOnly : family, context)
        }
    }

    private func recognize(
        _ part: RecognizerAudio.Part, of audio: RecognizerAudio, as family: Family, _ context: CallContext
    ) async throws(ProviderError) -> ProviderTranscript {
        let body = HTTPBody.multipart(
            fields(family, language: context.language).map { MultipartPart.field($0.0, $0.1) }
                + [part.file(encoding: audio.encoding)])
        let answer = try await endpoint.post("/audio/transcriptions", body: body, context: context)
        return try OpenAITranscription.read(answer, seconds: part.span.duration)
    }

    package func check(deadline: ContinuousClock.Instant) async throws(ProviderError) {
        _ = try await endpoint.get("/models", deadline: deadline)
    }

    /// The form fields besides the file, exactly those that the model's family takes.
    private func fields(_ family: Family, language: String?) -> [(String, String)] {
        let language = language.map { String($0.prefix { $0 != "-" && $0 != "_" }).lowercased() }
        var fields = [("model", descriptor.model)]
        switch family {
        case .whisper:
            fields += [
                ("response_format", "verbose_json"), ("timestamp_granularities[]", "word"),
                ("timestamp_granularities[]", "segment"), ("temperature", "0"),
            ]
            if let language {
                fields.append(("language", language))
                if let prompt = VerbatimPrompt.text(language: language) { fields.append(("prompt", prompt)) }
            }
        case .textOnly:
            fields.append(("response_format", "json"))
            if let language { fields.append(("language", language)) }
        case .multilingualTextOnly:
            fields.append(("response_format", "json"))
            if let language { fields.append(("languages[]", language)) }
        }
        return fields
    }
}

/// A line of hesitant speech that shows Whisper the register to write in.
///
/// The only lever there is: its effect is weak and fades after the first 30 s, so a count stays a lower bound.
enum VerbatimPrompt {
    static func text(language: String) -> String? { lines[language] }

    private static let lines = [
        "en": "Um, so, uh, I was, like, I mean, I- I wanted to, hmm, you know, say that, er, well.",
        "es": "Eh, bueno, este, yo, o sea, quería, mmm, pues, yo- yo quería decir, em, que sí.",
        "de": "Ähm, also, äh, ich wollte, hm, ich- ich meine, halt, öh, sagen wir mal, ja.",
        "fr": "Euh, bon, ben, je, heu, je- je voulais, hum, tu vois, dire que, voilà, quoi.",
        "ru": "Эм, ну, э-э, я, как бы, я- я хотел, м-м, вот, это самое, сказать, что, ну, да.",
        "pt": "Hum, bom, é, eu, ahn, tipo, eu- eu queria, é, sabe, dizer que, né, então.",
    ]
}
