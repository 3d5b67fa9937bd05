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

extension PostgresStatement: ExpressibleByStringLiteral {
    package init(stringLiteral value: String) { self.init(value) }
}
