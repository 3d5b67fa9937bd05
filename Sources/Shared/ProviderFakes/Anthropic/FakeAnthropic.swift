/// Anthropic's Messages operation on a loopback port, strict about what it is sent.
///
/// Stops when it is released.
package final class FakeAnthropic: Sendable {
    package let messages: FakeEndpoint
    package let models: FakeEndpoint
    private let server: FakeServer

    /// - Parameters:
    ///   - apiKey: What requests must carry in `x-api-key`.
    ///   - author: Signs what the model writes.
    package init(apiKey: String, author: String = "anthropic") throws {
        messages = FakeEndpoint(AnthropicMessagesAPI(apiKey: apiKey, author: author))
        models = FakeEndpoint(AnthropicModelsAPI(apiKey: apiKey))
        server = try FakeServer([messages, models], notFound: AnthropicErrors.notFound)
    }

    deinit { server.stop() }

    /// For `ANTHROPIC_BASE_URL`: without the version.
    package var baseURL: String { server.origin }

    /// Refuses connections from now on and breaks off those that are open.
    package func stop() { server.stop() }
}

/// `GET /v1/models`.
struct AnthropicModelsAPI: FakeAPI {
    let method = "GET"
    let path = "/v1/models"
    let apiKey: String

    func refusal(_ error: VendorError) -> WireResponse { AnthropicErrors.answer(error) }

    func answer(_ request: WireRequest, flaw: AnswerFlaw?) -> WireResponse {
        if let refused = AnthropicErrors.checkHeaders(apiKey, of: request) { return refused }
        return .json(
            [
                "data": [
                    [
                        "type": "model", "id": "claude-haiku-5-5", "display_name": "Claude Haiku 5.5",
                        "created_at": "2026-10-01T00:00:00Z",
                    ]
                ],
                "has_more": false, "first_id": "claude-haiku-5-5", "last_id": "claude-haiku-5-5",
            ], headers: AnthropicErrors.standardHeaders)
    }
}
