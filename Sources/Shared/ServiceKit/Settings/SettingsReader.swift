import Foundation

/// Reads typed values from the sources and gathers what is wrong with them.
struct SettingsReader {
    private let sources: SettingSources
    private(set) var problems: [ConfigurationError.Problem] = []
    /// Every secret read so far, and the passwords inside addresses.
    private(set) var secrets: [Secret] = []

    init(_ sources: SettingSources) { self.sources = sources }

    /// The value of the first source that has one, else the default; nil when there is neither or the value
    /// is unusable, which is then among the ``problems``.
    mutating func read<Value>(_ setting: Setting<Value>) -> Value? {
        let before = problems.count
        if let given = readGiven(setting) { return given }
        guard problems.count == before, let fallback = setting.declaration.defaultValue else { return nil }
        return parse(fallback, as: setting, place: setting.name)
    }

    /// Like ``read(_:)``, without the default.
    mutating func readGiven<Value>(_ setting: Setting<Value>) -> Value? {
        let declaration = setting.declaration
        for source in sources.sources {
            let direct = source.text(declaration.name, isSecret: declaration.isSecret)
            let path = declaration.isSecret ? source.text(declaration.fileName, isSecret: false) : nil
            let place = source.place(declaration.name)
            switch (direct, path) {
            case (nil, nil): continue
            case (.some, .some):
                report(
                    declaration, place,
                    "also given by \(source.place(declaration.fileName)). Keep one of the two.")
                return nil
            case (let text?, nil):
                return parse(text, as: setting, place: place)
            case (nil, let path?):
                let place = source.place(declaration.fileName)
                guard let text = readSecret(declaration, path: path, place: place) else { return nil }
                if text.isEmpty { continue }
                return parse(text, as: setting, place: "\(place) (file \(path))")
            }
        }
        return nil
    }

    private mutating func parse<Value>(_ text: String, as setting: Setting<Value>, place: String) -> Value? {
        do {
            let value = try setting.parse(text)
            if let secret = value as? Secret {
                secrets.append(secret)
                if let password = URLComponents(string: text)?.percentEncodedPassword {
                    secrets += [password, password.removingPercentEncoding ?? password].map(Secret.init)
                }
            }
            return value
        } catch {
            let shown = setting.declaration.isSecret ? "the value (not shown)" : "\"\(text)\""
            report(setting.declaration, place, "\(shown) is \(error.problem). Give \(error.mend).")
            return nil
        }
    }

    /// The content of a secret's file without one line end; nil when it is unusable and reported.
    private mutating func readSecret(
        _ declaration: SettingDeclaration, path: String, place: String
    ) -> String? {
        guard let handle = FileHandle(forReadingAtPath: path),
            let data = try? handle.read(upToCount: Self.longestSecret + 1)
        else {
            report(declaration, place, "the file \(path) cannot be read. Give the path of a readable file.")
            return nil
        }
        guard data.count <= Self.longestSecret, var text = String(data: data, encoding: .utf8) else {
            report(
                declaration, place,
                "the file \(path) is not a short text. It must hold the secret and nothing else.")
            return nil
        }
        if text.hasSuffix("\r\n") || text.hasSuffix("\n") { text.removeLast() }
        return text
    }

    private static let longestSecret = 65_536

    private mutating func report(_ declaration: SettingDeclaration, _ place: String, _ message: String) {
        problems.append(.init(setting: declaration.name, place: place, message: message))
    }
}
