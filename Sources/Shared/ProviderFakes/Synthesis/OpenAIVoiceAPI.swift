/// `POST /v1/audio/speech`, per OpenAI's specification of the endpoint.
struct OpenAIVoiceAPI: FakeAPI {
    let path = "/v1/audio/speech"
    let apiKey: String?
    let dialect: FakeOpenAI.Dialect

    func refusal(_ error: VendorError) -> WireResponse { OpenAIErrors.answer(error) }

    func answer(_ request: WireRequest, flaw: AnswerFlaw?) -> WireResponse {
        if let refused = OpenAIErrors.checkKey(apiKey, of: request) { return refused }
        if let refused = refusedContent(of: request) { return refused }
        guard let body = request.json, let text = body["input"]?.string else {
            return OpenAIErrors.error(400, "We could not parse the JSON body of your request.")
        }
        if flaw == .wrongSchema { return .json(["audio": "UklGRg=="]) }
        let voice = FakeVoice(text: text, isSilent: flaw == .refusal)
        return switch body["response_format"]?.string ?? "mp3" {
        case "opus": WireResponse(status: 200, contentType: "audio/opus", body: voice.opus)
        case "wav": WireResponse(status: 200, contentType: "audio/wav", body: voice.wave())
        case "pcm":
            WireResponse(status: 200, contentType: "audio/pcm", body: voice.samples(rateHz: 24_000))
        // The fake has no encoder for the others.
        default: OpenAIErrors.error(500, "Unsupported by the fake.", type: "server_error")
        }
    }

    private func refusedContent(of request: WireRequest) -> WireResponse? {
        guard request["content-type"]?.lowercased().hasPrefix("application/json") == true else {
            return OpenAIErrors.error(415, "Unsupported content type.")
        }
        guard let body = request.json, let members = body.object else {
            return OpenAIErrors.error(400, "We could not parse the JSON body of your request.")
        }
        for name in ["model", "input", "voice"] where body[name]?.string?.isEmpty ?? true {
            return OpenAIErrors.error(
                400, "Missing required parameter: '\(name)'.", param: name,
                code: "missing_required_parameter")
        }
        let model = body["model"]?.string ?? ""
        let format = body["response_format"]?.string ?? "mp3"
        guard Self.formats.contains(format), dialect != .schemaless || format == "wav" else {
            return OpenAIErrors.error(
                400, "Input should be 'mp3', 'opus', 'aac', 'flac', 'wav' or 'pcm'.",
                param: "response_format", code: "unsupported_value")
        }
        guard (body["input"]?.string ?? "").count <= 4_096 else {
            return OpenAIErrors.error(
                400, "String too long. Expected a string with maximum length 4096.", param: "input",
                code: "string_above_max_length")
        }
        guard dialect == .openAI else { return nil }
        if let unknown = members.keys.sorted().first(where: { !Self.parameters.contains($0) }) {
            return OpenAIErrors.error(
                400, "Unknown parameter: '\(unknown)'.", param: unknown, code: "unknown_parameter")
        }
        guard Self.models.contains(model) else {
            return OpenAIErrors.error(
                404, "The model `\(model)` does not exist or you do not have access to it.",
                code: "model_not_found")
        }
        guard Self.voices.contains(body["voice"]?.string ?? "") else {
            return OpenAIErrors.error(
                400, "Input should be one of the voices.", param: "voice", code: "invalid_value")
        }
        if model.hasPrefix("tts-"), body["instructions"] != nil {
            return OpenAIErrors.error(
                400, "'instructions' is not supported with this model.", param: "instructions",
                code: "unsupported_parameter")
        }
        return nil
    }

    private static let formats: Set<String> = ["mp3", "opus", "aac", "flac", "wav", "pcm"]
    private static let models: Set<String> = [
        "tts-1", "tts-1-hd", "gpt-4o-mini-tts", "gpt-4o-mini-tts-2025-12-15",
    ]
    private static let voices: Set<String> = [
        "alloy", "ash", "ballad", "coral", "echo", "fable", "onyx", "nova", "sage", "shimmer", "verse",
        "marin", "cedar",
    ]
    private static let parameters: Set<String> = [
        "model", "input", "voice", "instructions", "response_format", "speed", "stream_format",
    ]
}
