import Synchronization

/// `POST /v1/audio/transcriptions`.
final class OpenAISpeechAPI: FakeAPI {
    let path = "/v1/audio/transcriptions"
    private let apiKey: String?
    private let dialect: FakeOpenAI.Dialect
    private let recognition: Mutex<Recognition>

    init(apiKey: String?, dialect: FakeOpenAI.Dialect, recognition: Recognition) {
        self.apiKey = apiKey
        self.dialect = dialect
        self.recognition = Mutex(recognition)
    }

    func hear(_ new: Recognition) { recognition.withLock { $0 = new } }

    func refusal(_ error: VendorError) -> WireResponse { OpenAIErrors.answer(error) }

    func answer(_ request: WireRequest, flaw: AnswerFlaw?) -> WireResponse {
        if let refused = OpenAIErrors.checkKey(apiKey, of: request) { return refused }
        switch upload(in: request) {
        case .failure(let refused): return refused.response
        case .success(let upload): return answer(to: upload, flaw: flaw)
        }
    }

    private struct Refused: Error { var response: WireResponse }

    private struct Upload {
        var model: String
        var format: String
        var granularities: Set<String>
        var seconds: Double
    }

    // MARK: Checks

    /// Per OpenAI's specification of the endpoint.
    private func upload(in request: WireRequest) -> Result<Upload, Refused> {
        func refuse(_ message: String, param: String? = nil, code: String? = nil, status: Int = 400)
            -> Result<Upload, Refused>
        {
            .failure(
                Refused(response: OpenAIErrors.error(status, message, param: param, code: code)))
        }
        guard request.body.count <= 26_214_400 else {
            return refuse("Maximum content size limit (26214400) exceeded.", status: 413)
        }
        guard let form = request.form else { return refuse("Could not parse multipart form") }
        guard let model = form.first("model")?.text, !model.isEmpty else {
            return refuse("you must provide a model parameter")
        }
        let isWhisper = model.contains("whisper")
        guard dialect == .compatible || Self.models.contains(model) else {
            return refuse(
                "The model `\(model)` does not exist or you do not have access to it.",
                code: "model_not_found", status: 404)
        }
        if let unknown = form.parts.first(where: { !Self.fields.contains($0.name) }) {
            return refuse(
                "Unknown parameter: '\(unknown.name)'.", param: unknown.name, code: "unknown_parameter")
        }
        let format = form.first("response_format")?.text ?? "json"
        let formats = isWhisper ? ["json", "text", "srt", "verbose_json", "vtt"] : ["json"]
        guard formats.contains(format) else {
            return refuse(
                "response_format '\(format)' is not compatible with model '\(model)'.",
                param: "response_format", code: "unsupported_value")
        }
        let granularities = Set(form.all("timestamp_granularities[]").map(\.text))
        guard granularities.isSubset(of: ["word", "segment"]),
            granularities.isEmpty || format == "verbose_json"
        else {
            return refuse(
                "timestamp_granularities needs response_format verbose_json.",
                param: "timestamp_granularities")
        }
        guard let file = form.first("file") else { return refuse("file is required", param: "file") }
        let endings = ["flac", "mp3", "mp4", "mpeg", "mpga", "m4a", "ogg", "wav", "webm"]
        guard let name = file.filename, let dot = name.lastIndex(of: "."),
            endings.contains(name[name.index(after: dot)...].lowercased()),
            let probe = AudioProbe(file.bytes)
        else {
            return refuse(
                "Invalid file format. Supported formats: \(endings)", param: "file",
                code: "unsupported_format")
        }
        let seconds = probe.seconds ?? 1
        guard seconds >= 0.1 else {
            return refuse(
                "Audio file is too short. Minimum audio length is 0.1 seconds.", param: "file",
                code: "audio_too_short")
        }
        return .success(
            Upload(
                model: model, format: format,
                granularities: granularities.isEmpty ? ["segment"] : granularities, seconds: seconds))
    }

    private static let models: Set<String> = [
        "whisper-1", "gpt-4o-transcribe", "gpt-4o-mini-transcribe", "gpt-transcribe", "whisper-large-v3",
        "whisper-large-v3-turbo",
    ]

    private static let fields: Set<String> = [
        "file", "model", "language", "prompt", "response_format", "temperature", "include[]",
        "timestamp_granularities[]", "stream", "chunking_strategy", "languages[]", "keywords[]",
    ]

    // MARK: Answers

    private func answer(to upload: Upload, flaw: AnswerFlaw?) -> WireResponse {
        if flaw == .wrongSchema { return .json(["transcription": ["unexpected": true]]) }
        var heard = recognition.withLock { $0 }
        if flaw == .refusal { heard.text = "" }
        switch upload.format {
        case "text": return .text(heard.text + "\n")
        case "json": return .json(short(heard, upload), headers: OpenAIErrors.standardHeaders)
        case "verbose_json": return .json(verbose(heard, upload), headers: OpenAIErrors.standardHeaders)
        default: return .text("1\n00:00:00,000 --> 00:00:01,000\n\(heard.text)\n\n")
        }
    }

    private func short(_ heard: Recognition, _ upload: Upload) -> JSONValue {
        var answer: [String: JSONValue] = ["text": .string(heard.text), "usage": usage(heard, upload)]
        if upload.model == "gpt-transcribe" { answer["languages"] = [.string(heard.language)] }
        return .object(answer)
    }

    private func verbose(_ heard: Recognition, _ upload: Upload) -> JSONValue {
        let words = heard.words(over: upload.seconds)
        var answer: [String: JSONValue] = [
            "task": "transcribe", "language": .string(Self.languageNames[heard.language] ?? heard.language),
            "duration": .number(upload.seconds), "text": .string(heard.text),
            "usage": usage(heard, upload),
        ]
        if upload.granularities.contains("word") {
            // Whisper's words come without their punctuation.
            answer["words"] = .array(
                words.map {
                    [
                        "word": .string($0.text.filter { $0.isLetter || $0.isNumber || $0 == "'" }),
                        "start": .number($0.start), "end": .number($0.end),
                    ]
                })
        }
        if upload.granularities.contains("segment") {
            answer["segments"] = .array(words.isEmpty ? [] : [segment(heard, upload.seconds)])
        }
        return .object(answer)
    }

    private func segment(_ heard: Recognition, _ seconds: Double) -> JSONValue {
        [
            "id": 0, "seek": 0, "start": 0.0, "end": .number(seconds), "text": .string(" " + heard.text),
            "tokens": [50364, 2425, 50564], "temperature": 0.0, "avg_logprob": -0.2860786020755768,
            "compression_ratio": 1.2363636493682861, "no_speech_prob": 0.00985979475080967,
        ]
    }

    /// A union: whisper is billed by duration, the others by tokens.
    private func usage(_ heard: Recognition, _ upload: Upload) -> JSONValue {
        if upload.model.contains("whisper") {
            return ["type": "duration", "seconds": .integer(Int(upload.seconds.rounded(.up)))]
        }
        let heardTokens = Int(upload.seconds * 10)
        let writtenTokens = heard.text.count / 4
        return [
            "type": "tokens", "input_tokens": .integer(heardTokens), "output_tokens": .integer(writtenTokens),
            "total_tokens": .integer(heardTokens + writtenTokens),
            "input_token_details": ["text_tokens": 0, "audio_tokens": .integer(heardTokens)],
        ]
    }

    /// verbose_json names the language in English instead of by tag.
    private static let languageNames = [
        "en": "english", "de": "german", "es": "spanish", "fr": "french", "it": "italian", "pt": "portuguese",
        "ru": "russian", "uk": "ukrainian",
    ]
}
