import Foundation
import HTTPTransport

/// How long a vendor asks to be left alone, in all the spellings that vendors use.
enum RetryAfter {
    /// Nothing longer is believed.
    static let limit: Duration = .seconds(600)
    /// Taken for a value that is present but unreadable.
    static let fallback: Duration = .seconds(5)

    /// The longest wait that the answer asks for, or `nil` when it asks for none.
    ///
    /// - Parameters:
    ///   - body: Searched for Google's `RetryInfo`.
    ///   - now: Dates in headers are absolute.
    static func wait(headers: HTTPHeaders, body: JSONValue?, now: Date) -> Duration? {
        var waits: [Duration] = []
        if let text = headers["retry-after-ms"] {
            waits.append(Double(text).map { .milliseconds(max(0, $0)) } ?? fallback)
        } else if let text = headers["retry-after"] {
            waits.append(instant(text, now: now) ?? fallback)
        }
        for (remaining, reset) in exhaustible where headers[remaining].flatMap(Double.init) == 0 {
            guard let text = headers[reset] else { continue }
            waits.append(duration(text) ?? instant(text, now: now) ?? fallback)
        }
        for detail in body?["error"]?["details"]?.array ?? [] {
            if let text = detail["retryDelay"]?.string { waits.append(duration(text) ?? fallback) }
        }
        return waits.max().map { min($0, limit) }
    }

    private static let exhaustible: [(remaining: String, reset: String)] =
        ["requests", "tokens"].map { ("x-ratelimit-remaining-\($0)", "x-ratelimit-reset-\($0)") }
        + ["requests", "tokens", "input-tokens", "output-tokens"].map {
            ("anthropic-ratelimit-\($0)-remaining", "anthropic-ratelimit-\($0)-reset")
        }

    /// Seconds as an integer or a float, an HTTP date, or RFC 3339.
    static func instant(_ text: String, now: Date) -> Duration? {
        let text = text.trimmingCharacters(in: .whitespaces)
        if let seconds = Double(text) {
            return seconds.isFinite ? .seconds(min(max(0, seconds), 1e9)) : nil
        }
        guard let date = httpDate(text) ?? rfc3339(text) else { return nil }
        return .seconds(max(0, date.timeIntervalSince(now)))
    }

    /// `120ms`, `6m0s`, `1h2m`, `34.4s`.
    static func duration(_ text: String) -> Duration? {
        var total = 0.0
        var rest = text.trimmingCharacters(in: .whitespaces)[...]
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            guard let number = Double(digits) else { return nil }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count)
            switch unit {
            case "h": total += number * 3_600
            case "m": total += number * 60
            case "s": total += number
            case "ms": total += number / 1_000
            case "us", "µs": total += number / 1_000_000
            default: return nil
            }
        }
        return .seconds(min(total, 1e9))
    }

    private static func httpDate(_ text: String) -> Date? {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "GMT")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
        return formatter.date(from: text)
    }

    private static func rfc3339(_ text: String) -> Date? {
        (try? Date(text, strategy: .iso8601))
            ?? (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
    }
}
