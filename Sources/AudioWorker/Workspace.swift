package import Foundation

/// Where notes lie while they are worked on: a directory of this process's own, which nobody else can read.
package struct Workspace: Sendable {
    private static let prefix = "speechcoach-notes-"
    /// No note is worked on for longer; what is older was left by a process that was killed.
    private static let stale: TimeInterval = 7_200

    private let directory: URL

    /// Makes the directory, and removes what killed processes have left.
    package init(in parent: URL = FileManager.default.temporaryDirectory) throws {
        let files = FileManager.default
        for leftover in (try? files.contentsOfDirectory(at: parent, includingPropertiesForKeys: nil)) ?? [] {
            guard leftover.lastPathComponent.hasPrefix(Self.prefix),
                let attributes = try? files.attributesOfItem(atPath: leftover.path),
                let changed = attributes[.modificationDate] as? Date,
                -changed.timeIntervalSinceNow > Self.stale
            else { continue }
            try? files.removeItem(at: leftover)
        }
        directory = parent.appendingPathComponent(Self.prefix + UUID().uuidString)
        try files.createDirectory(
            at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    /// Lends a path for one note; whatever is there afterwards is removed.
    package func withFile<Result>(_ body: (String) async throws -> Result) async rethrows -> Result {
        let path = directory.appendingPathComponent(UUID().uuidString).path
        defer { unlink(path) }
        return try await body(path)
    }

    /// Removes the directory; for the end of the process.
    package func remove() { try? FileManager.default.removeItem(at: directory) }
}
