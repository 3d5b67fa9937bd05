import CoachDomain
import Foundation
package import HTTPTransport

/// Speech recognition over AssemblyAI's asynchronous wire: upload, order, ask until it is done.
package struct AssemblyAISpeech: SpeechRecognizer {
    /// Waits between two questions: short notes are ready within a second or two.
    struct Pace: Hashable, Sendable {
        var first: Duration = .milliseconds(400)
        var longest: Duration = .seconds(2)
    }

    package let descriptor: RecognizerDescriptor
    package var uplink: LinkSpeed? { endpoint.uplink }
    private let endpoint: Endpoint
    private let pace: Pace

    /// - Parameter baseURL: Without the version, as `https://api.assemblyai.com`.
    package init(
        name: String = "assemblyai", model: String, client: HTTPClient, baseURL: String, apiKey: String
    ) {
        self.init(name: name, model: model, client: client, baseURL: baseURL, apiKey: apiKey, pace: Pace())
    }

    init(
        name: String = "assemblyai", model: String, client: HTTPClient, baseURL: String, apiKey: String,
        pace: Pace
    ) {
        endpoint = Endpoint(
            client: client, baseURL: baseURL, authorization: .header(name: "Authorization", value: apiKey))
        self.pace = pace
        descriptor = RecognizerDescriptor(
            name: name, model: model,
            capabilities: RecognizerCapabilities(fillers: .measured, wordTimes: true, wordConfidence: true),
            requirement: AudioRequirement(
                encodings: [.flac, .oggOpus, .wav], maximumPartBytes: 2_200_000_000,
                maximumPartSeconds: 36_000))
    }

    package func transcribe(
        _ audio: RecognizerAudio, context: CallContext
    ) async throws(ProviderError) -> ProviderTranscript {
        try await joined(audio, context: context) { part throws(ProviderError) in
            let place = try await upload(part, context)
            let order = try await order(place, context)
            do throws(ProviderError) {
                return try await result(of: order, seconds: part.span.duration, context)
            } catch .network, .timedOut {
                // The vendor goes on with what it was ordered, and bills it.
                throw Task.isCancelled ? .cancelled : .timedOut(mayHaveActed: true)
            }
        }
    }

    package func check(deadline: ContinuousClock.Instant) async throws(ProviderError) {
        _ = try await endpoint.get("/v2/transcript?limit=1", deadline: deadline)
    }

    /// - Returns: The vendor's address of the audio: as good as the audio itself, so it goes nowhere else.
    private func upload(
        _ part: RecognizerAudio.Part, _ context: CallContext
    ) async throws(ProviderError) -> String {
        let body: HTTPBody =
            switch part.content {
            case .bytes(let bytes): .bytes(bytes)
            case .file(let path, _): .file(path: path)
            }
        let answer: [UInt8]
        do {
            answer = try await endpoint.post(
                "/v2/upload", body: body, contentType: "application/octet-stream", context: context)
        } catch .network {
            // Nothing is billed before the order.
            throw .network(mayHaveActed: false)
        } catch .timedOut {
            throw .timedOut(mayHaveActed: false)
        }
        guard let place = JSONValue(parsing: answer)?["upload_url"]?.string else { throw .malformedResponse }
        return place
    }

    private func order(_ place: String, _ context: CallContext) async throws(ProviderError) -> String {
        var body: [String: JSONValue] = [
            "audio_url": .string(place), "speech_models": [.string(descriptor.model)], "disfluencies": true,
            "punctuate": true, "format_text": true,
        ]
        if let tag = context.language.flatMap(LanguageTag.init) {
            body["language_code"] = .string(tag.primary)
        } else {
            body["language_detection"] = true
        }
        // Hesitations are kept for English only, and the switch is refused elsewhere.
        if let tag = context.language.flatMap(LanguageTag.init), tag.primary != "en" {
            body["disfluencies"] = nil
        }
        let answer = try await endpoint.post(
            "/v2/transcript", body: .bytes(JSONValue.object(body).bytes), contentType: "application/json",
            context: context)
        guard let document = JSONValue(parsing: answer) else { throw .malformedResponse }
        if document["status"]?.string == "error" { throw Self.failure(document) }
        guard let id = document["id"]?.string, Self.isIdentifier(id) else { throw .malformedResponse }
        return id
    }

    private func result(
        of order: String, seconds: Double, _ context: CallContext
    ) async throws(ProviderError) -> ProviderTranscript {
        var wait = pace.first
        var failures = 0
        while true {
            let next = ContinuousClock.now + wait
            guard next < context.deadline else { throw .timedOut(mayHaveActed: true) }
            guard (try? await Task.sleep(until: next, clock: .continuous)) != nil else { throw .cancelled }
            let answer: [UInt8]
            do throws(ProviderError) {
                answer = try await endpoint.get("/v2/transcript/" + order, deadline: context.deadline)
                failures = 0
            } catch {
                // The order is paid for and a question is free, so one that gets lost is asked again.
                failures += 1
                guard error.isTransient, error != .cancelled, failures < 3 else { throw error }
                continue
            }
            guard let document = JSONValue(parsing: answer) else { throw .malformedResponse }
            switch document["status"]?.string {
            case "queued", "processing": wait = min(wait * 3 / 2, pace.longest)
            case "completed": return try Self.read(document, seconds: seconds, asked: context.language)
            case "error": throw Self.failure(document)
            default: throw .malformedResponse
            }
        }
    }

    /// The path of the next request is made of it.
    private static func isIdentifier(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count)
            && text.unicodeScalars.allSatisfy {
                $0.isASCII && ($0.properties.isAlphabetic || "0123456789-_".unicodeScalars.contains($0))
            }
    }

    /// A job that failed comes with status 200 and a text; no identifier tells the reasons apart.
    private static func failure(_ document: JSONValue) -> ProviderError {
        let text = document["error"]?.string?.lowercased() ?? ""
        if text.contains("balance") || text.contains("credit") { return .quota }
        let isAudio = ["decod", "audio file", "no spoken audio", "too short", "does not appear to contain"]
            .contains { text.contains($0) }
        return isAudio ? .requestInvalid(code: "audio_refused") : .server(status: 200)
    }

    static func read(
        _ document: JSONValue, seconds: Double, asked: String?
    ) throws(ProviderError) -> ProviderTranscript {
        guard let text = document["text"]?.string ?? (document["text"]?.isNull == true ? "" : nil) else {
            throw .malformedResponse
        }
        let words = (document["words"]?.array ?? []).compactMap { entry -> Word? in
            guard let text = entry["text"]?.string, !text.isEmpty, let start = entry["start"]?.number,
                let end = entry["end"]?.number, start >= 0
            else { return nil }
            return Word(
                text: text, span: TimeSpan(start: start / 1_000, end: max(start, end) / 1_000),
                confidence: entry["confidence"]?.number.map { min(max($0, 0), 1) })
        }
        let language = (document["language_code"]?.string ?? asked).flatMap(LanguageTag.init)?.primary
        return ProviderTranscript(
            text: text.trimmingCharacters(in: .whitespacesAndNewlines), words: words, language: language,
            usage: ProviderUsage(audioSeconds: document["audio_duration"]?.number ?? seconds),
            fillers: language == "en" ? nil : .notAvailable)
    }
}
