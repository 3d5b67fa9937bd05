import CoachDomain
import Foundation
import HTTPTransport
import Testing

@testable import Providers

@Suite struct RetryAfterTests {
    private let now = Date(timeIntervalSince1970: 1_763_632_800)  // 2025-11-20T10:00:00Z

    private func wait(_ headers: (String, String)..., body: String? = nil) -> Duration? {
        RetryAfter.wait(
            headers: HTTPHeaders(headers), body: body.flatMap { JSONValue(parsing: $0) }, now: now)
    }

    @Test func `every spelling is understood`() {
        #expect(wait(("Retry-After", "20")) == .seconds(20))
        #expect(wait(("retry-after", "1.5")) == .seconds(1.5))
        #expect(wait(("Retry-After", "Thu, 20 Nov 2025 10:00:30 GMT")) == .seconds(30))
        #expect(wait(("retry-after-ms", "1500"), ("retry-after", "9")) == .milliseconds(1_500))
        #expect(
            wait(("x-ratelimit-remaining-requests", "0"), ("x-ratelimit-reset-requests", "6m0s"))
                == .seconds(360))
        #expect(
            wait(("x-ratelimit-remaining-tokens", "0"), ("x-ratelimit-reset-tokens", "120ms"))
                == .seconds(0.12))
        #expect(
            wait(
                ("anthropic-ratelimit-requests-remaining", "0"),
                ("anthropic-ratelimit-requests-reset", "2025-11-20T10:01:00Z")) == .seconds(60))
        #expect(
            wait(body: #"{"error":{"details":[{"@type":"x"},{"retryDelay":"34.4s"}]}}"#) == .seconds(34.4))
    }

    @Test func `a reset that nothing is waiting for is no request to wait`() {
        #expect(wait(("x-ratelimit-remaining-requests", "12"), ("x-ratelimit-reset-requests", "6m0s")) == nil)
        #expect(wait() == nil)
    }

    @Test func `nonsense is five seconds, the past is nothing, and nobody waits for hours`() {
        #expect(wait(("Retry-After", "later")) == .seconds(5))
        #expect(wait(("Retry-After", "-3")) == .zero)
        #expect(wait(("Retry-After", "nan")) == .seconds(5))
        #expect(wait(("Retry-After", "Thu, 20 Nov 2025 09:00:00 GMT")) == .zero)
        #expect(wait(("Retry-After", "99999999999999999999")) == .seconds(600))
        #expect(wait(("Retry-After", "inf")) == .seconds(5))
    }

    @Test(arguments: [("1h2m3s", 3_723.0), ("34.4s", 34.4), ("500us", 0.0005)])
    func `durations add up`(text: String, seconds: Double) {
        #expect(RetryAfter.duration(text) == .seconds(seconds))
    }

    @Test(arguments: ["", "s", "5", "5x", "1h2", "-5s"])
    func `broken durations are refused`(text: String) { #expect(RetryAfter.duration(text) == nil) }
}

@Suite struct VendorFailureTests {
    private func refused(_ status: Int, _ body: String = "") -> ProviderError {
        .refused(status: status, headers: HTTPHeaders(), body: Array(body.utf8))
    }

    @Test func `statuses fall into their classes`() {
        #expect(refused(401) == .authentication)
        #expect(refused(403) == .authentication)
        #expect(refused(402) == .quota)
        #expect(refused(404) == .misconfigured(code: nil))
        #expect(refused(301) == .misconfigured(code: nil))
        #expect(refused(408) == .timedOut(mayHaveActed: true))
        #expect(refused(413) == .tooLarge)
        #expect(refused(422) == .requestInvalid(code: nil))
        #expect(refused(429) == .rateLimited(retryAfter: nil))
        #expect(refused(500) == .server(status: 500))
        #expect(refused(502, "<html>Bad gateway</html>") == .server(status: 502))
        #expect(refused(503) == .overloaded(retryAfter: nil))
        #expect(refused(529) == .overloaded(retryAfter: nil))
    }

    @Test func `identifiers decide where the status does not`() {
        #expect(
            refused(429, #"{"error":{"type":"insufficient_quota","code":"credit_balance_exhausted"}}"#)
                == .quota)
        #expect(refused(429, #"{"error":{"code":"rate_limit_exceeded"}}"#) == .rateLimited(retryAfter: nil))
        #expect(refused(401, #"{"detail":{"status":"quota_exceeded"}}"#) == .quota)
        #expect(
            refused(
                400,
                #"{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low"}}"#
            )
                == .quota)
        #expect(refused(400, #"{"error":{"code":"context_length_exceeded"}}"#) == .tooLarge)
        #expect(refused(400, #"{"error":{"code":"content_filter"}}"#) == .contentBlocked)
        #expect(
            refused(404, #"{"error":{"code":"model_not_found"}}"#) == .misconfigured(code: "model_not_found"))
        #expect(
            refused(400, #"{"error":{"status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}"#)
                == .authentication)
    }

    @Test func `nothing that a vendor writes in prose gets into an error`() {
        let body =
            #"{"error":{"message":"secret words sk-123","type":"spoken words, with spaces","code":"x y"}}"#
        let error = refused(400, body)
        #expect(error == .requestInvalid(code: nil))
        #expect(!"\(error)".contains("secret"))
    }

    @Test func `failures below HTTP keep what matters for billing`() {
        #expect(ProviderError(HTTPError.timedOut(phase: .connect)) == .timedOut(mayHaveActed: false))
        #expect(ProviderError(HTTPError.timedOut(phase: .firstByte)).mayBeBilled)
        #expect(ProviderError(HTTPError.connectFailed) == .network(mayHaveActed: false))
        #expect(ProviderError(HTTPError.interrupted(bytesReceived: 3)) == .network(mayHaveActed: true))
        #expect(ProviderError(HTTPError.cancelled) == .cancelled)
        #expect(ProviderError(HTTPError.protocolViolation) == .malformedResponse)
    }
}

@Suite struct SmallWireTests {
    @Test(arguments: [
        ("en", "en"), ("EN-us", "en"), ("english", "en"), ("German", "de"), ("por", "pt"), ("pt_BR", "pt"),
        ("russian", "ru"),
    ])
    func `languages have many names`(text: String, tag: String) { #expect(LanguageTag(text)?.primary == tag) }

    @Test func `an unknown language has no tag`() {
        #expect(LanguageTag("klingonese") == nil)
        #expect(LanguageTag("") == nil)
    }

    @Test func `punctuation returns to bare words`() {
        let words = ["hello", "i'm", "Anna", "2", "new", "ideas"].map {
            Word(text: $0, span: TimeSpan(start: 0, end: 1))
        }
        let spelled = Punctuation.attach(from: "Hello, I'm Anna. Two new ideas!", to: words)
        #expect(spelled.map(\.text) == ["Hello,", "I'm", "Anna.", "2", "new", "ideas!"])
    }

    @Test func `whole numbers are written without a point`() {
        #expect(String(decoding: JSONValue.number(1_500).bytes, as: UTF8.self) == "1500")
        #expect(String(decoding: JSONValue.number(0.5).bytes, as: UTF8.self) == "0.5")
    }
}
