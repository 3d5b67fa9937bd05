/// Anthropic's error shape.
enum AnthropicErrors {
    static func error(_ status: Int, _ type: String, _ message: String) -> WireResponse {
        .json(
            [
                "type": "error", "error": ["type": .string(type), "message": .string(message)],
                "request_id": .string(requestID),
            ], status: status, headers: standardHeaders)
    }

    private static let requestID = "req_000000000000000000000000"
    static let standardHeaders: [(name: String, value: String)] = [("request-id", requestID)]

    static func answer(_ error: VendorError) -> WireResponse {
        switch error {
        case .rateLimited:
            Self.error(
                429, "rate_limit_error",
                "This request would exceed the rate limit for your organization of 50 requests per minute.")
        case .quotaExhausted:
            Self.error(
                400, "invalid_request_error",
                "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to "
                    + "upgrade or purchase credits.")
        case .unauthorized: Self.error(401, "authentication_error", "invalid x-api-key")
        case .serverError: Self.error(500, "api_error", "Internal server error")
        case .overloaded: Self.error(529, "overloaded_error", "Overloaded")
        }
    }

    static func checkHeaders(_ key: String, of request: WireRequest) -> WireResponse? {
        guard request["x-api-key"] == key else {
            return request["x-api-key"] == nil
                ? error(401, "authentication_error", "x-api-key header is required") : answer(.unauthorized)
        }
        guard let version = request["anthropic-version"] else {
            return error(400, "invalid_request_error", "anthropic-version: header is required")
        }
        guard ["2023-01-01", "2023-06-01"].contains(version) else {
            return error(
                400, "invalid_request_error",
                "anthropic-version: \"\(version)\" is not a valid version")
        }
        return nil
    }

    static func notFound(_ request: WireRequest) -> WireResponse {
        error(404, "not_found_error", "Not Found")
    }
}
