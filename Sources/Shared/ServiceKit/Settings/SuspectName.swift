/// An environment variable that looks like a misspelt setting; unlike a file's key it is no error, because
/// the environment belongs to every program.
package struct SuspectName: Sendable, Equatable {
    package let name: String
    /// The setting that was probably meant.
    package let meant: String

    /// Beside the providers' prefixes, those that hardly another program uses.
    private static let ownPrefixes = ["SPEECHCOACH_", "TELEGRAM_"]

    static func all(in environment: [String: String]) -> [SuspectName] {
        let legal = SettingsCatalogue.all.flatMap { $0.isSecret ? [$0.name, $0.fileName] : [$0.name] }
        let known = Set(legal)
        let prefixes = ownPrefixes + ProviderKeys.all.map { String($0.apiKey.name.dropLast("API_KEY".count)) }
        return environment.keys.sorted().compactMap { name in
            guard !known.contains(name) else { return nil }
            let isOurs = prefixes.contains { name.hasPrefix($0) }
            // Short names such as PORT have neighbours by chance.
            guard isOurs || name.utf8.count >= 8 else { return nil }
            let meant = NearestName.of(name, among: legal, limit: isOurs ? nil : 1)
            return meant.map { SuspectName(name: name, meant: $0) }
        }
    }
}
