import Foundation
import HTTPTransport

extension ProviderError {
    /// The class of an answer whose status is not 2xx.
    ///
    /// Reads the error documents of OpenAI (`{error: {type, code}}`), Anthropic (`{type, error: {type}}`),
    /// Google (`{error: {status}}`), ElevenLabs (`{detail: {status}}`), Deepgram (`{err_code}`), vLLM (fields at
    /// the top), Ollama and AssemblyAI (`{error: "text"}`).
    static func refused(status: Int, headers: HTTPHeaders, body: [UInt8], now: Date = .now) -> ProviderError {
        let document = JSONValue(parsing: body)
        let identifiers = identifiers(in: document)
        let wait = RetryAfter.wait(headers: headers, body: document, now: now)
        if identifiers.contains(where: quotaIdentifiers.contains) || isDailyLimit(document) { return .quota }
        switch status {
        case 400 where mentionsCredit(document): return .quota
        case 400, 405...407, 411, 415, 422:
            if identifiers.contains(where: tooLargeIdentifiers.contains) { return .tooLarge }
            if identifiers.contains(where: blockedIdentifiers.contains) { return .contentBlocked }
            if identifiers.contains(where: unknownModelIdentifiers.contains) {
                return .misconfigured(code: identifiers.first)
            }
            if identifiers.contains("API_KEY_INVALID") { return .authentication }
            return .requestInvalid(code: identifiers.first)
        case 401, 403: return .authentication
        case 402: return .quota
        case 404, 410, 300...399: return .misconfigured(code: identifiers.first)
        case 408: return .timedOut(mayHaveActed: true)
        case 413, 414: return .tooLarge
        case 429 where identifiers.contains("system_busy"): return .overloaded(retryAfter: wait)
        case 429: return .rateLimited(retryAfter: wait)
        case 503, 529: return .overloaded(retryAfter: wait)
        case 409, 425, 500...599: return .server(status: status)
        default: return .requestInvalid(code: identifiers.first)
        }
    }

    /// The class of an error document that came under status 200, as gateways and streams send them.
    static func embedded(in document: JSONValue, body: [UInt8]) -> ProviderError {
        let error = document["error"]
        let status =
            error?["code"]?.count ?? error?["status"]?.count
            ?? identifiers(in: document).compactMap { statusesByType[$0] }.first ?? 500
        return .refused(status: status, headers: HTTPHeaders(), body: body)
    }

    /// The statuses that would have come with these types.
    private static let statusesByType = [
        "overloaded_error": 529, "server_is_overloaded": 503, "rate_limit_error": 429,
        "rate_limit_exceeded": 429,
        "authentication_error": 401, "permission_error": 403, "not_found_error": 404,
        "request_too_large": 413,
        "timeout_error": 504, "invalid_request_error": 400,
    ]

    /// The class of a failure below HTTP.
    init(_ error: HTTPError) {
        self =
            switch error {
            case .timedOut: .timedOut(mayHaveActed: error.requestMayHaveBeenSent)
            case .cancelled, .closed: .cancelled
            case .invalidRequest: .misconfigured(code: "invalid_url")
            case .certificateRejected: .misconfigured(code: "certificate_rejected")
            case .responseTooLarge, .protocolViolation: .malformedResponse
            case .localFile: .requestInvalid(code: "audio_unreadable")
            case .resolveFailed, .connectFailed, .tlsFailed, .interrupted, .uploadFailed, .internalFailure:
                .network(mayHaveActed: error.requestMayHaveBeenSent)
            }
    }

    private static let quotaIdentifiers: Set<String> = [
        "insufficient_quota", "credit_balance_exhausted", "organization_spend_limit_exceeded",
        "project_spend_limit_exceeded", "organization_usage_limit_exceeded", "quota_exceeded",
        "billing_error", "billing_hard_limit_reached", "ASR_PAYMENT_REQUIRED",
    ]
    private static let tooLargeIdentifiers: Set<String> = [
        "context_length_exceeded", "request_too_large", "string_above_max_length", "audio_too_long",
    ]
    private static let blockedIdentifiers: Set<String> = [
        "content_filter", "content_policy_violation", "moderation_blocked",
    ]
    private static let unknownModelIdentifiers: Set<String> = [
        "model_not_found", "invalid_model", "unknown_model", "model_decommissioned",
    ]

    /// Vendor identifiers, most specific first; free text is never taken over.
    private static func identifiers(in document: JSONValue?) -> [String] {
        let places = [document?["error"], document?["detail"], document].compactMap(\.self)
        let found = places.flatMap { place in
            ["code", "status", "type", "reason", "err_code"].compactMap { place[$0]?.string }
                + (place["details"]?.array ?? []).compactMap { $0["reason"]?.string }
        }
        return found.filter { identifier in
            (1...64).contains(identifier.utf8.count)
                && identifier.utf8.allSatisfy {
                    (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
                        || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
                }
        }
    }

    /// Anthropic reports an empty account and a spending limit as an ordinary 400 and tells by its text only.
    private static func mentionsCredit(_ document: JSONValue?) -> Bool {
        let error = document?["error"]
        let message = (error?["message"]?.string ?? error?.string)?.lowercased() ?? ""
        return message.contains("credit balance") || message.contains("usage limits")
            || message.contains("account balance")
    }

    /// Google answers 429 to a limit per minute and to one per day; only the limit's name tells them apart, and
    /// a day is more than any job has.
    private static func isDailyLimit(_ document: JSONValue?) -> Bool {
        (document?["error"]?["details"]?.array ?? []).contains { detail in
            (detail["violations"]?.array ?? []).contains {
                $0["quotaId"]?.string?.contains("PerDay") == true
            }
        }
    }
}
