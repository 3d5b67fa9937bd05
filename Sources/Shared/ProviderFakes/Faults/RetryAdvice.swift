import Foundation

/// The spellings in which vendors say when to come back.
package enum RetryAdvice: Hashable, Sendable {
    /// Says nothing.
    case none
    /// `Retry-After: 20`.
    case seconds(Int)
    /// `Retry-After: 1.5`; OpenAI's client libraries read it as a float.
    case fraction(Double)
    /// `Retry-After: Fri, 20 Nov 2026 10:00:00 GMT`.
    case httpDate(in: Duration)
    /// `retry-after-ms: 1500`.
    case milliseconds(Int)
    /// `x-ratelimit-reset-requests: 6m0s`, OpenAI's durations.
    case resetDuration(String)
    /// `anthropic-ratelimit-requests-reset: 2026-11-20T10:00:00Z`.
    case resetInstant(in: Duration)
    /// `Retry-After: later`, or whatever else nobody can read.
    case unreadable(String)

    func headers(now: Date) -> [(name: String, value: String)] {
        switch self {
        case .none: []
        case .seconds(let count): [("Retry-After", String(count))]
        case .fraction(let seconds): [("Retry-After", String(seconds))]
        case .httpDate(let wait): [("Retry-After", Self.httpDate(now + wait / .seconds(1)))]
        case .milliseconds(let count): [("retry-after-ms", String(count))]
        case .resetDuration(let text):
            [("x-ratelimit-remaining-requests", "0"), ("x-ratelimit-reset-requests", text)]
        case .resetInstant(let wait):
            [
                ("anthropic-ratelimit-requests-remaining", "0"),
                ("anthropic-ratelimit-requests-reset", (now + wait / .seconds(1)).ISO8601Format()),
            ]
        case .unreadable(let text): [("Retry-After", text)]
        }
    }

    /// RFC 9110, section 5.6.7.
    private static func httpDate(_ date: Date) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return formatter.string(from: date)
    }
}
