/// One SQL command with the values of its placeholders `$1`, `$2`, …
///
/// Each connection prepares a text once and keeps it, so constant SQL is parsed and planned once:
/// put what varies into parameters, never into the text.
package struct PostgresStatement: Sendable, Hashable {
    /// Exactly one SQL command. Several commands need ``PostgresPool/execute(script:deadline:)``.
    package let sql: String
    package let parameters: [PostgresValue]

    package init(_ sql: String, _ parameters: [PostgresValue] = []) {
        self.sql = sql
        self.parameters = parameters
    }
}

/// Only the text is shown: parameters may hold what a user said.
extension PostgresStatement: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "\(sql) [\(parameters.count) parameters]" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["sql": sql]) }
}

extension PostgresStatement: ExpressibleByStringLiteral {
    package init(stringLiteral value: String) { self.init(value) }
}
