import Foundation

/// The address of a Bot API server together with the bot's token. Never shows the token.
package struct TelegramEndpoint: Sendable, CustomStringConvertible, CustomReflectable {
    package static let publicURL = "https://api.telegram.org"

    private let base: String
    private let token: String

    /// - Parameters:
    ///   - token: As the BotFather gave it, `digits:letters`.
    ///   - apiURL: `http` or `https`; a slash at the end makes no difference.
    /// - Returns: Nil when no URL can be made of the two.
    package init?(token: String, apiURL: String = TelegramEndpoint.publicURL) {
        let isTokenByte: (UInt8) -> Bool = { byte in
            switch byte {
            case 0x30...0x3A, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
            default: false
            }
        }
        guard token.contains(":"), token.utf8.allSatisfy(isTokenByte),
            let parsed = URLComponents(string: apiURL),
            ["http", "https"].contains(parsed.scheme?.lowercased()),
            parsed.host?.isEmpty == false, parsed.query == nil, parsed.fragment == nil
        else { return nil }
        base = apiURL.hasSuffix("/") ? String(apiURL.dropLast()) : apiURL
        self.token = token
    }

    /// Telegram's own server, whose files come over HTTP only.
    var isPublic: Bool { base.lowercased() == Self.publicURL }

    func url(of method: String) -> String { "\(base)/bot\(token)/\(method)" }

    /// - Returns: Nil for a path that is no plain relative path.
    func url(ofFile path: String) -> String? {
        let segments = path.split(separator: "/", omittingEmptySubsequences: false)
        guard !path.isEmpty, !segments.contains(where: { ["", ".", ".."].contains($0) }) else { return nil }
        var allowed = CharacterSet.alphanumerics.intersection(CharacterSet(charactersIn: "\0"..."\u{7F}"))
        allowed.insert(charactersIn: "-._~/")
        guard let escaped = path.addingPercentEncoding(withAllowedCharacters: allowed) else { return nil }
        return "\(base)/file/bot\(token)/\(escaped)"
    }

    package var description: String { "TelegramEndpoint(\(base))" }
    package var customMirror: Mirror { Mirror(self, children: ["base": base]) }
}
