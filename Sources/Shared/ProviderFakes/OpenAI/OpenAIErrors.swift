/// OpenAI's error shape, and the errors that every operation shares.
enum OpenAIErrors {
    static func error(
        _ status: Int, _ message: String, type: String = "invalid_request_error", param: String? = nil,
        code: String? = nil, headers: [(name: String, value: String)] = []
    ) -> WireResponse {
        .json(
            [
                "error": [
                    "message": .string(message), "type": .string(type),
                    "param": param.map { .string($0) } ?? .null, "code": code.map { .string($0) } ?? .null,
                ]
            ], status: status, headers: headers + standardHeaders)
    }

    static let standardHeaders: [(name: String, value: String)] = [
        ("x-request-id", "req_00000000000000000000000000000000"), ("openai-version", "2020-10-01"),
    ]

    static func answer(_ error: VendorError) -> WireResponse {
        switch error {
        case .rateLimited:
            Self.error(
                429,
                "Rate limit reached for this model on requests per min (RPM): Limit 3, Used 3, Requested 1.",
                type: "requests", code: "rate_limit_exceeded")
        case .quotaExhausted:
            Self.error(
                429, "You exceeded your current quota, please check your plan and billing details.",
                type: "insufficient_quota", code: "credit_balance_exhausted")
        case .unauthorized:
            Self.error(401, "Incorrect API key provided.", code: "invalid_api_key")
        case .serverError:
            Self.error(
                500, "The server had an error while processing your request. Sorry about that!",
                type: "server_error")
        case .overloaded:
            Self.error(
                503, "The server is currently overloaded with other requests.", type: "server_error",
                code: "server_is_overloaded")
        }
    }

    /// - Parameter key: `nil` for a local server that asks for none.
    static func checkKey(_ key: String?, of request: WireRequest) -> WireResponse? {
        guard let key, request["authorization"] != "Bearer \(key)" else { return nil }
        return request["authorization"] == nil
            ? error(401, "You didn't provide an API key.") : answer(.unauthorized)
    }

    static func notFound(_ request: WireRequest) -> WireResponse {
        error(404, "Invalid URL (\(request.method) \(request.path))")
    }
}
