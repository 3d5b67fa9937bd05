/// OpenAI's speech, chat and voice operations on a loopback port, strict about what it is sent.
///
/// Stops when it is released.
package final class FakeOpenAI: Sendable {
    /// Whose wire it is.
    package enum Dialect: Sendable {
        /// OpenAI itself (and Groq): its models, and only the parameters that they take.
        case openAI
        /// A server that speaks OpenAI's wire: any model, and parameters that OpenAI does not know are ignored.
        case compatible
        /// The same, of an age that knows no `json_schema`, and with sound in WAV only.
        case schemaless
    }

    package let speech: FakeEndpoint
    package let chat: FakeEndpoint
    package let voice: FakeEndpoint
    package let models: FakeEndpoint
    private let server: FakeServer
    private let speechAPI: OpenAISpeechAPI

    /// - Parameters:
    ///   - apiKey: What requests must bear; `nil` for a server that asks for none.
    ///   - recognition: What is heard in every file.
    ///   - author: Signs what the model writes.
    package init(
        apiKey: String?, dialect: Dialect = .openAI, recognition: Recognition = .sample,
        author: String = "openai"
    ) throws {
        speechAPI = OpenAISpeechAPI(apiKey: apiKey, dialect: dialect, recognition: recognition)
        speech = FakeEndpoint(speechAPI)
        chat = FakeEndpoint(OpenAIChatAPI(apiKey: apiKey, dialect: dialect, author: author))
        voice = FakeEndpoint(OpenAIVoiceAPI(apiKey: apiKey, dialect: dialect))
        models = FakeEndpoint(
            OpenAIModelsAPI(
                apiKey: apiKey, models: ["gpt-6-luna", "gpt-6.1-terra", "gpt-transcribe", "whisper-1"]))
        server = try FakeServer([speech, chat, voice, models], notFound: OpenAIErrors.notFound)
    }

    deinit { server.stop() }

    /// For `OPENAI_BASE_URL` and its like: the version included.
    package var baseURL: String { server.origin + "/v1" }

    /// Changes what is heard from now on.
    package func hear(_ recognition: Recognition) { speechAPI.hear(recognition) }

    /// Refuses connections from now on and breaks off those that are open.
    package func stop() { server.stop() }
}
