import CoachDomain
import Foundation
package import HTTPTransport

/// Speech recognition over ElevenLabs' `POST /v1/speech-to-text`: verbatim unless asked otherwise.
package struct ElevenLabsSpeech: SpeechRecognizer {
    package let descriptor: RecognizerDescriptor
    package var uplink: LinkSpeed? { endpoint.uplink }
    private let endpoint: Endpoint

    /// - Parameter baseURL: Without the version, as `https://api.elevenlabs.io`.
    package init(
        name: String = "elevenlabs", model: String, client: HTTPClient, baseURL: String, apiKey: String
    ) {
        endpoint = Endpoint(
            client: client, baseURL: baseURL, authorization: .header(name: "xi-api-key", value: apiKey))
        descriptor = RecognizerDescriptor(
            name: name, model: model,
            capabilities: RecognizerCapabilities(fillers: .measured, wordTimes: true, wordConfidence: true),
            requirement: AudioRequirement(
                encodings: [.flac, .oggOpus, .wav], maximumPartBytes: 3_000_000_000,
                maximumPartSeconds: 36_000))
    }

    package func transcribe(
        _ audio: RecognizerAudio, context: CallContext
    ) async throws(ProviderError) -> ProviderTranscript {
        try await joined(audio, context: context) { part throws(ProviderError) in
            var fields = [
                ("model_id", descriptor.model), ("timestamps_granularity", "word"),
                // On by default: laughter in brackets would be counted as words.
                ("tag_audio_events", "false"), ("diarize", "false"),
            ]
            if let tag = context.language.flatMap(LanguageTag.init) {
                fields.append(("language_code", tag.primary))
            }
            let body = HTTPBody.multipart(
                fields.map { MultipartPart.field($0.0, $0.1) } + [part.file(encoding: audio.encoding)])
            let answer = try await endpoint.post("/v1/speech-to-text", body: body, context: context)
            return try Self.read(answer, seconds: part.span.duration)
        }
    }

    package func check(deadline: ContinuousClock.Instant) async throws(ProviderError) {
        _ = try await endpoint.get("/v1/models", deadline: deadline)
    }

    static func read(_ body: [UInt8], seconds: Double) throws(ProviderError) -> ProviderTranscript {
        guard let document = JSONValue(parsing: body) else { throw .malformedResponse }
        guard let text = document["text"]?.string else {
            guard document["detail"] != nil || document["error"]?.isNull == false else {
                throw .malformedResponse
            }
            throw .embedded(in: document, body: body)
        }
        let words = (document["words"]?.array ?? []).compactMap { entry -> Word? in
            // The list holds the spaces between the words, and sounds, as entries of their own.
            guard (entry["type"]?.string ?? "word") == "word",
                let text = entry["text"]?.string?.trimmingCharacters(in: .whitespacesAndNewlines),
                !text.isEmpty, let start = entry["start"]?.number, let end = entry["end"]?.number, start >= 0
            else { return nil }
            return Word(
                text: text, span: TimeSpan(start: start, end: max(start, end)),
                confidence: entry["logprob"]?.number.map { min(max(exp($0), 0), 1) })
        }
        return ProviderTranscript(
            text: text.trimmingCharacters(in: .whitespacesAndNewlines), words: words,
            language: document["language_code"]?.string.flatMap(LanguageTag.init)?.primary,
            usage: ProviderUsage(
                audioSeconds: document["audio_duration_secs"]?.number ?? seconds))
    }
}

extension RecognizerAudio.Part {
    /// The part as the file of a form.
    func file(encoding: AudioEncoding, field: String = "file") -> MultipartPart {
        switch content {
        case .bytes(let bytes):
            .file(field, bytes: bytes, filename: encoding.filename, contentType: encoding.contentType)
        case .file(let path, _):
            .file(field, path: path, filename: encoding.filename, contentType: encoding.contentType)
        }
    }
}
