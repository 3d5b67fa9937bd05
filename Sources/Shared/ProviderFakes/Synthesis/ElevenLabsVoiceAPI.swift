/// `POST /v1/text-to-speech/{voice_id}`.
struct ElevenLabsVoiceAPI: FakeAPI {
    /// The one voice that there is.
    static let voice = "JBFqnCBsd6RMkjVDRZzb"

    let path = "/v1/text-to-speech/"
    let apiKey: String
    /// Whether the account's plan includes Opus.
    let hasOpus: Bool

    func serves(path: String) -> Bool {
        path.hasPrefix(self.path) && !path.dropFirst(self.path.count).contains("/")
    }

    func refusal(_ error: VendorError) -> WireResponse { ElevenLabsErrors.answer(error) }

    func answer(_ request: WireRequest, flaw: AnswerFlaw?) -> WireResponse {
        if let refused = ElevenLabsErrors.checkKey(apiKey, of: request) { return refused }
        guard request.path.dropFirst(path.count) == Self.voice else {
            return ElevenLabsErrors.error(404, "voice_not_found", "A voice with that ID was not found.")
        }
        guard let body = request.json, let members = body.object else {
            return ElevenLabsErrors.error(400, "invalid_body", "Invalid JSON")
        }
        guard members.keys.allSatisfy(Self.fields.contains), let text = body["text"]?.string, !text.isEmpty
        else { return ElevenLabsErrors.error(422, "invalid_fields", "text is required") }
        let model = body["model_id"]?.string ?? "eleven_multilingual_v2"
        guard Self.models.contains(model) else {
            return ElevenLabsErrors.error(400, "model_not_found", "A model with that ID was not found.")
        }
        guard body["language_code"] == nil || model.hasSuffix("_v2_5") else {
            return ElevenLabsErrors.error(
                400, "unsupported_language", "Model '\(model)' does not support the language_code.")
        }
        if flaw == .wrongSchema { return .json(["audio_base64": ""]) }
        let voice = FakeVoice(text: text, isSilent: flaw == .refusal)
        switch request.query("output_format") ?? "mp3_44100_128" {
        case "opus_48000_32" where hasOpus, "opus_48000_64" where hasOpus:
            return WireResponse(status: 200, contentType: "audio/ogg", body: voice.opus)
        case "pcm_24000":
            return WireResponse(status: 200, contentType: "audio/pcm", body: voice.samples(rateHz: 24_000))
        default:
            return ElevenLabsErrors.error(
                400, "output_format_not_allowed", "The requested output format is not available to you.")
        }
    }

    private static let models: Set<String> = [
        "eleven_v3", "eleven_multilingual_v2", "eleven_flash_v2_5", "eleven_turbo_v2_5",
    ]
    private static let fields: Set<String> = [
        "text", "model_id", "language_code", "voice_settings", "pronunciation_dictionary_locators", "seed",
        "previous_text", "next_text", "previous_request_ids", "next_request_ids",
        "apply_text_normalization", "apply_language_text_normalization", "use_pvc_as_ivc",
    ]
}
