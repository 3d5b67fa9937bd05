import Foundation

/// Reads typed values from the sources and gathers what is wrong with them.
struct SettingsReader {
    private let sources: SettingSources
    private(set) var problems: [ConfigurationError.Problem] = []

    init(_ sources: SettingSources) { self.sources = sources }

    /// The value of the first source that has one, else the default; nil when there is neither or the value
    /// is unusable, which is then among the ``problems``.
    mutating func read<Value>(_ setting: Setting<Value>) -> Value? {
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
                return readSecret(declaration, path: path, place: place).flatMap {
                    parse($0, as: setting, place: "\(place) (file \(path))")
                }
            }
        }
        guard let fallback = declaration.defaultValue else { return nil }
        return parse(fallback, as: setting, place: declaration.name)
    }

    private mutating func parse<Value>(_ text: String, as setting: Setting<Value>, place: String) -> Value? {
        do {
            return try setting.parse(text)
        } catch {
            let shown = setting.declaration.isSecret ? "the value (not shown)" : "\"\(text)\""
            report(setting.declaration, place, "\(shown) is \(error.problem). Give \(error.mend).")
            return nil
        }
    }

    /// The content of a secret's file without one line end.
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
        guard !text.isEmpty else {
            report(declaration, place, "the file \(path) is empty. Write the secret into it.")
            return nil
        }
        return text
    }

    private static let longestSecret = 65_536

    private mutating func report(_ declaration: SettingDeclaration, _ place: String, _ message: String) {
        problems.append(.init(setting: declaration.name, place: place, message: message))
    }
}
