import Foundation

extension Setting {
    init(
        _ name: String, _ group: SettingDeclaration.Group, _ form: SettingForm<Value>, unit: String = "",
        default fallback: SettingDeclaration.Default, _ summary: String, roles: [Role] = []
    ) {
        declaration = SettingDeclaration(
            name: name, group: group, form: form.words, unit: unit, fallback: fallback,
            isSecret: Value.self == Secret.self, summary: summary, roles: roles)
        parse = form.parse
    }
}

extension SettingForm where Value == String {
    /// A libpq connection string. Its finer points are libpq's to judge.
    static let postgresURI = SettingForm(words: "postgresql://user@host/database, or libpq key=value pairs") {
        text throws(SettingFault) in
        guard text.hasPrefix("postgresql://") || text.hasPrefix("postgres://") || isKeyValue(text) else {
            throw SettingFault(
                problem: "no PostgreSQL address", mend: "postgresql://user:password@host:5432/database")
        }
        return text
    }

    /// A Redis address or the path of a unix socket.
    static let redisURI = SettingForm(words: "redis://host:6379, or unix:///path of a socket") {
        text throws(SettingFault) in
        if let path = ["unix://", "redis+unix://"].first(where: text.hasPrefix).map({
            text.dropFirst($0.count)
        }) {
            guard path.hasPrefix("/"), path.count > 1 else {
                throw SettingFault(
                    problem: "a socket without an absolute path", mend: "unix:///run/redis.sock")
            }
            return text
        }
        if text.hasPrefix("/"), text.count > 1 { return "unix://\(text)" }
        guard text.hasPrefix("redis://"), let url = URLComponents(string: text), url.host?.isEmpty == false
        else {
            throw SettingFault(
                problem: "no Redis address", mend: "redis://:password@host:6379/0 or unix:///run/redis.sock")
        }
        return text
    }

    /// `<bot id>:<key>`, as @BotFather prints it.
    static let botToken = pattern("digits, a colon, then letters, digits, - and _", lengths: 3...256) {
        text in
        text.wholeMatch(of: /[0-9]+:[A-Za-z0-9_-]+/) != nil
    }

    /// The alphabet that `setWebhook` allows for `secret_token`.
    static let webhookSecret = pattern("1 to 256 letters, digits, - and _", lengths: 1...256) { text in
        text.wholeMatch(of: /[A-Za-z0-9_-]+/) != nil
    }

    private static func isKeyValue(_ text: String) -> Bool {
        text.prefixMatch(of: /\s*[a-z_]+\s*=/) != nil
    }
}

/// A setting that is on or off.
package enum Switch: String, CaseIterable, Sendable { case on, off }

/// How much faster than the original the upload is.
package enum SpeedFactor: Equatable, Sendable {
    /// Chosen for each note.
    case automatic
    /// 0.5…3; 1 leaves the tempo alone.
    case fixed(Double)
}

extension SettingForm where Value == SpeedFactor {
    static let speedFactor = SettingForm(words: "auto, or 0.5…3") { text throws(SettingFault) in
        if text == "auto" { return .automatic }
        guard let factor = Double(text), (0.5...3).contains(factor) else {
            throw SettingFault(problem: "no speed factor", mend: "auto, or a number within 0.5…3")
        }
        return .fixed(factor)
    }
}
