/// The numbered SQL of this folder, compiled into the program so that a binary never meets a schema it does
/// not know.
///
/// To add one: `NNNN_name.sql` here, a line in ``all``, a line in `Package.swift`. A migration that was
/// released is never edited; a test compares this list with the folder. (The build replaces a leading digit
/// of a resource name by an underscore.)
package struct Migration: Hashable, Sendable {
    /// Rises by one.
    package var number: Int
    package var name: String
    package var sql: String

    package static let all: [Migration] = [
        Migration(1, "ledger", PackageResources._001_ledger_sql),
        Migration(2, "reliability", PackageResources._002_reliability_sql),
        Migration(3, "spending", PackageResources._003_spending_sql),
        Migration(4, "conversation", PackageResources._004_conversation_sql),
    ]

    private init(_ number: Int, _ name: String, _ sql: [UInt8]) {
        self.number = number
        self.name = name
        self.sql = String(decoding: sql, as: UTF8.self)
    }
}
