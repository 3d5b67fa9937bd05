/// `GET /v1/models`.
struct OpenAIModelsAPI: FakeAPI {
    let method = "GET"
    let path = "/v1/models"
    let apiKey: String?
    let models: [String]

    func refusal(_ error: VendorError) -> WireResponse { OpenAIErrors.answer(error) }

    func answer(_ request: WireRequest, flaw: AnswerFlaw?) -> WireResponse {
        if let refused = OpenAIErrors.checkKey(apiKey, of: request) { return refused }
        let entries = models.map { name -> JSONValue in
            ["id": .string(name), "object": "model", "created": 1_795_219_200, "owned_by": "system"]
        }
        return .json(["object": "list", "data": .array(entries)], headers: OpenAIErrors.standardHeaders)
    }
}
