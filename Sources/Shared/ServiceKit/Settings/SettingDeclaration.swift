/// What one setting is, as the reader, `docs/configuration.md` and `speechcoach doctor` need it.
package struct SettingDeclaration: Sendable, Equatable {
    /// Chapters of the reference.
    package enum Group: String, Sendable, CaseIterable {
        case stores = "Stores"
        case telegram = "Telegram"
        case http = "HTTP"
        case providers = "Providers"
        case budgets = "Budgets"
        case audio = "Audio and feedback"
        case operation = "Operation"
    }

    /// What happens without a value.
    package enum Default: Sendable, Equatable {
        case value(String)
        /// There is none: what that means, in a few words.
        case absent(String)
    }

    /// Environment variable and key of the configuration file.
    package let name: String
    package let group: Group
    /// What a legal value looks like, in words.
    package let form: String
    /// Unit of a number; empty for others.
    package let unit: String
    package let fallback: Default
    /// Never shown, and readable from the file that `NAME_FILE` names.
    package let isSecret: Bool
    /// One sentence.
    package let summary: String
    /// Roles that read it; empty for all.
    package let roles: [Role]

    /// The name that gives the file of a secret.
    package var fileName: String { name + "_FILE" }

    /// The default in the form of a value, if there is one.
    package var defaultValue: String? {
        guard case .value(let value) = fallback else { return nil }
        return value
    }
}

/// A setting together with the way its text becomes a value.
package struct Setting<Value: Sendable>: Sendable {
    package let declaration: SettingDeclaration
    let parse: @Sendable (String) throws(SettingFault) -> Value

    package var name: String { declaration.name }
}

/// Why a text is no legal value of its setting.
struct SettingFault: Error, Equatable {
    /// What is wrong, after "is".
    var problem: String
    /// What to give instead, after "give".
    var mend: String
}
