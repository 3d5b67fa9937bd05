import ProviderFakes

/// What became of one command.
struct CommandResult: Sendable {
    var arguments: [String]
    var end: Program.End
    var output: String
    var errors: String

    var json: JSON? { JSON(text: output) }

    /// - Throws: ``NeverHappened`` with all that the command said.
    @discardableResult
    func expect(_ wanted: Program.End) throws -> CommandResult {
        guard end == wanted else {
            throw NeverHappened(
                description:
                    "\(arguments.joined(separator: " ")): \(end) instead of \(wanted)\n\(output)\(errors)")
        }
        return self
    }
}
