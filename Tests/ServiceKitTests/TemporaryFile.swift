import Foundation

/// A file that goes when the test ends.
final class TemporaryFile: Sendable {
    let path: String

    init(_ content: Data, named name: String = "file") throws {
        let directory = FileManager.default.temporaryDirectory.appending(
            path: "speechcoach-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let url = directory.appending(path: name)
        try content.write(to: url)
        path = url.path
    }

    convenience init(_ text: String, named name: String = "file") throws {
        try self.init(Data(text.utf8), named: name)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: URL(filePath: path).deletingLastPathComponent().path)
    }
}
