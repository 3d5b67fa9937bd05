import Observability

/// Settings or arguments that cannot be used; ends a command with ``ExitCode/unusable``.
///
/// All problems that one reading finds are told together, so that they can be mended together. The
/// description is for the operator: it names the place, the value (never a secret's) and the mend.
package struct ConfigurationError: Error, Equatable, Sendable {
    package struct Problem: Equatable, Sendable {
        /// The setting concerned, when it is one of the catalogue.
        package let setting: String?
        /// Where the value stands: `--port`, `PORT` or `key PORT of /etc/speechcoach.yaml`.
        package let place: String
        /// What is wrong and how to mend it, one sentence each.
        package let message: String
    }

    package let problems: [Problem]

    /// Trying again with the same settings gives the same answer.
    package var isTransient: Bool { false }

    package init(problems: [Problem]) {
        self.problems = problems
    }

    /// A command that cannot do without `setting`.
    package static func missing(_ setting: SettingDeclaration, for role: Role) -> ConfigurationError {
        let file = setting.isSecret ? " (or \(setting.fileName), the path of a file that holds it)" : ""
        return ConfigurationError(problems: [
            Problem(
                setting: setting.name, place: setting.name,
                message:
                    "not set, but `speechcoach \(role.rawValue)` needs it. Set \(setting.name)\(file): \(setting.summary)"
            )
        ])
    }
}

extension ConfigurationError: CustomStringConvertible, LoggableError {
    package var description: String {
        problems.map { "\($0.place): \($0.message)" }.joined(separator: "\n")
    }

    package var logDescription: String {
        problems.map { "\($0.place): \($0.message)" }.joined(separator: " ")
    }
}
