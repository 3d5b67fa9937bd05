import Configuration
import Foundation
import Synchronization

/// Where settings come from, first to last: command line, environment, file.
struct SettingSources {
    /// One place that may hold values.
    struct Source {
        enum Kind: Equatable {
            case commandLine(optionOfSetting: [String: String])
            case environment
            case file(path: String)
        }

        var kind: Kind
        var reader: ConfigReader

        /// The text under `name`; a list of a file reads as comma separated. Empty counts as absent.
        func text(_ name: String, isSecret: Bool) -> String? {
            let key = ConfigKey([name])
            let text =
                reader.string(forKey: key, isSecret: isSecret)
                ?? reader.stringArray(forKey: key, isSecret: isSecret)?.joined(separator: ",")
            return text?.isEmpty == false ? text : nil
        }

        /// How the operator knows the place of `name`.
        func place(_ name: String) -> String {
            switch kind {
            case .commandLine(let options): options[name] ?? name
            case .environment: name
            case .file(let path): "\(name) in \(path)"
            }
        }
    }

    var sources: [Source]

    /// - Parameters:
    ///   - options: What the command line gave.
    ///   - environment: The process's environment.
    init(options: [SettingOption], environment: [String: String]) {
        let given = options.map { option in
            (AbsoluteConfigKey([option.setting]), ConfigValue(.string(option.value), isSecret: false))
        }
        let named = options.map { ($0.setting, $0.option) }
        sources = [
            Source(
                kind: .commandLine(optionOfSetting: Dictionary(named) { _, last in last }),
                reader: ConfigReader(
                    provider: InMemoryProvider(
                        name: "command line", values: Dictionary(given) { _, last in last }))),
            Source(
                kind: .environment,
                reader: ConfigReader(
                    provider: EnvironmentVariablesProvider(
                        environmentVariables: environment, secretsSpecifier: .all))),
        ]
    }

    /// Adds the YAML file at `path` as the last source.
    ///
    /// - Throws: What is wrong with the file, without a word of its content.
    mutating func addFile(_ path: String) async throws(ConfigurationError) {
        let keys = FileKeys()
        let provider: FileProvider<YAMLSnapshot>
        do {
            // The specifier is asked about each key once, which is also how the keys become known here.
            provider = try await FileProvider<YAMLSnapshot>(
                parsingOptions: YAMLSnapshot.ParsingOptions(
                    secretsSpecifier: .dynamic { key, _ in
                        keys.insert(key)
                        return true
                    }),
                config: ConfigReader(
                    provider: InMemoryProvider(values: [
                        "filePath": ConfigValue(.string(path), isSecret: false)
                    ])))
        } catch {
            throw ConfigurationError(problems: [Self.unreadable(path, error)])
        }
        let problems = keys.all.compactMap { Self.unknown($0, in: path) }
        guard problems.isEmpty else { throw ConfigurationError(problems: problems) }
        sources.append(Source(kind: .file(path: path), reader: ConfigReader(provider: provider)))
    }

    private static func unreadable(_ path: String, _ error: any Error) -> ConfigurationError.Problem {
        let name = SettingsCatalogue.configFile.name
        guard FileManager.default.isReadableFile(atPath: path) else {
            return .init(
                setting: name, place: name,
                message:
                    "the file \(path) cannot be read. Give the path of a readable file, or unset \(name).")
        }
        // A YAML error quotes the line, which may hold a secret; it starts with "line:column:".
        let position = String(describing: error).prefixMatch(of: /([0-9]+):([0-9]+):/)
        let place = position.map { "\(path), line \($0.1), column \($0.2)" } ?? path
        return .init(
            setting: name, place: place,
            message: "this is not a YAML mapping of settings. Write one `NAME: value` per line.")
    }

    private static func unknown(_ key: String, in path: String) -> ConfigurationError.Problem? {
        let file = SettingsCatalogue.configFile.name
        let legal = SettingsCatalogue.all.flatMap { $0.isSecret ? [$0.name, $0.fileName] : [$0.name] }
            .filter { $0 != file }
        guard !legal.contains(key) else { return nil }
        guard key != file else {
            return .init(
                setting: file, place: "\(key) in \(path)",
                message: "a file cannot name another. Remove the key; \(file) belongs in the environment.")
        }
        let hint =
            NearestName.of(key, among: legal).map { "Did you mean \($0)?" }
            ?? "docs/configuration.md lists the keys."
        return .init(setting: nil, place: "\(key) in \(path)", message: "unknown key. \(hint)")
    }
}

/// Collects the keys of a file while it is read.
private final class FileKeys: Sendable {
    private let keys = Mutex<Set<String>>([])

    func insert(_ key: String) { keys.withLock { _ = $0.insert(key) } }

    var all: [String] { keys.withLock { $0 }.sorted() }
}
