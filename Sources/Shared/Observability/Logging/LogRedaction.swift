/// The last line of defence against a secret in a log: replaces what looks like one by `[redacted]`.
///
/// Code must not log secrets in the first place; this guard catches the day it does. It knows the shapes of
///
/// - Telegram bot tokens (`123456:ABC…`) and Bot API file URLs (`/file/bot…`),
/// - `Bearer …` credentials,
/// - vendor keys with a known prefix (`sk-`, `sk_`, `gsk_`, `AIza`),
/// - passwords inside a URI (`scheme://user:password@host`) and `password=…`-like pairs,
///
/// and the exact values it is given at start, for vendors whose keys have no shape. One pass over the
/// bytes, without allocation when nothing is found.
package struct LogRedaction: Sendable {
    static let replacement = "[redacted]"
    /// Shorter known values would blot out ordinary words.
    private static let shortestKnownSecret = 8
    /// Metadata under these keys is never shown, whatever it looks like.
    private static let secretKeys: Set<String> = [
        "authorization", "password", "passwd", "secret", "api_key", "apikey", "api-key", "access_token",
        "bot_token", "x-api-key", "xi-api-key", "secret_token",
    ]

    private let scanner: SecretScanner

    /// - Parameter secrets: Values of this process's secrets, matched exactly. Ones shorter than eight
    ///   bytes are not matched.
    package init(secrets: [String] = []) {
        scanner = SecretScanner(
            knownSecrets: secrets.map { Array($0.utf8) }.filter { $0.count >= Self.shortestKnownSecret })
    }

    /// `text` with everything that looks like a secret replaced; `text` itself when there is nothing.
    package func apply(to text: String) -> String {
        var contiguous = text
        let clean: String? = contiguous.withUTF8 { bytes in
            let found = scanner.secrets(in: bytes.span)
            guard !found.isEmpty else { return nil }
            var clean: [UInt8] = []
            clean.reserveCapacity(bytes.count + Self.replacement.utf8.count)
            var kept = 0
            for range in found {
                clean.append(contentsOf: bytes[kept..<range.lowerBound])
                clean.append(contentsOf: Self.replacement.utf8)
                kept = range.upperBound
            }
            clean.append(contentsOf: bytes[kept...])
            return String(decoding: clean, as: UTF8.self)
        }
        return clean ?? text
    }

    /// The value to show for metadata `text` under `key`.
    package func apply(to text: String, key: String) -> String {
        Self.secretKeys.contains(key.lowercased()) ? Self.replacement : apply(to: text)
    }
}
