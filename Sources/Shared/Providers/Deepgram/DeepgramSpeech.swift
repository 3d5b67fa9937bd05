import CoachDomain
import Foundation
package import HTTPTransport

/// Speech recognition over Deepgram's `POST /v1/listen`: the audio is the body, everything else the query.
package struct DeepgramSpeech: SpeechRecognizer {
    package let descriptor: RecognizerDescriptor
    package var uplink: LinkSpeed? { endpoint.uplink }
    private let endpoint: Endpoint

    /// - Parameters:
    ///   - model: Always sent, because the vendor's default is a model of an older generation.
    ///   - baseURL: Without the version, as `https://api.deepgram.com`.
    package init(
        name: String = "deepgram", model: String, client: HTTPClient, baseURL: String, apiKey: String
    ) {
        endpoint = Endpoint(
            client: client, baseURL: baseURL,
            authorization: .header(name: "Authorization", value: "Token " + apiKey))
        descriptor = RecognizerDescriptor(
            name: name, model: model,
            capabilities: RecognizerCapabilities(
                fillers: Self.keepsFillers(model) ? .measured : .notAvailable, wordTimes: true,
                wordConfidence: true),
            requirement: AudioRequirement(
                encodings: [.flac, .oggOpus, .wav], maximumPartBytes: 2_000_000_000))
    }

    package func transcribe(
        _ audio: RecognizerAudio, context: CallContext
    ) async throws(ProviderError) -> ProviderTranscript {
        let path = "/v1/listen?" + query(language: context.language)
        return try await joined(audio, context: context) { part throws(ProviderError) in
            let body: HTTPBody =
                switch part.content {
                case .bytes(let bytes): .bytes(bytes)
                case .file(let path, _): .file(path: path)
                }
            let answer = try await endpoint.post(
                path, body: body, contentType: audio.encoding.contentType, context: context)
            return try read(answer, seconds: part.span.duration, asked: context.language)
        }
    }

    package func check(deadline: ContinuousClock.Instant) async throws(ProviderError) {
        _ = try await endpoint.get("/v1/projects", deadline: deadline)
    }

    private func query(language: String?) -> String {
        var items = [("model", descriptor.model), ("smart_format", "true"), ("punctuate", "true")]
        if descriptor.capabilities.fillers != .notAvailable { items.append(("filler_words", "true")) }
        if let tag = language.flatMap(LanguageTag.init) {
            items.append(("language", tag.primary))
        } else {
            // Otherwise everything would be taken for English.
            items.append(("detect_language", "true"))
        }
        return items.map { "\($0)=\(Self.escaped($1))" }.joined(separator: "&")
    }

    private static func escaped(_ text: String) -> String {
        let plain = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-._~"))
        return text.addingPercentEncoding(withAllowedCharacters: plain) ?? ""
    }

    /// Documented for the general models of the Nova generations, not for Whisper, Enhanced or the variants
    /// trained for one trade.
    private static func keepsFillers(_ model: String) -> Bool {
        guard model.hasPrefix("nova") else { return false }
        let tail = model.split(separator: "-").dropFirst()
        return tail.allSatisfy { $0.allSatisfy(\.isNumber) || $0 == "general" }
    }

    func read(
        _ body: [UInt8], seconds: Double, asked: String?
    ) throws(ProviderError) -> ProviderTranscript {
        guard let document = JSONValue(parsing: body) else { throw .malformedResponse }
        guard let channel = document["results"]?["channels"]?[0], let heard = channel["alternatives"]?[0],
            let text = heard["transcript"]?.string
        else {
            guard document["err_code"] != nil || document["error"]?.isNull == false else {
                throw .malformedResponse
            }
            throw .embedded(in: document, body: body)
        }
        let words = (heard["words"]?.array ?? []).compactMap { entry -> Word? in
            guard let text = (entry["punctuated_word"] ?? entry["word"])?.string, !text.isEmpty,
                let start = entry["start"]?.number, let end = entry["end"]?.number, start >= 0
            else { return nil }
            return Word(
                text: text, span: TimeSpan(start: start, end: max(start, end)),
                confidence: entry["confidence"]?.number.map { min(max($0, 0), 1) })
        }
        let language = (channel["detected_language"]?.string ?? asked).flatMap(LanguageTag.init)?.primary
        return ProviderTranscript(
            text: text.trimmingCharacters(in: .whitespacesAndNewlines), words: words, language: language,
            usage: ProviderUsage(audioSeconds: document["metadata"]?["duration"]?.number ?? seconds),
            // The documented list of hesitations is English; what happens to others nobody promises.
            fillers: descriptor.capabilities.fillers == .measured && language != "en" ? .lowerBound : nil)
    }
}
