import Foundation

/// The program under test: the one that this build made, or what `SPEECHCOACH_BINARY` names.
enum Binary {
    struct Missing: Error, CustomStringConvertible {
        var path: String
        var description: String {
            "no program at \(path): build the product speechcoach first, or name one in SPEECHCOACH_BINARY"
        }
    }

    static func path() throws(Missing) -> String {
        let chosen = ProcessInfo.processInfo.environment["SPEECHCOACH_BINARY"] ?? ""
        let path = chosen.isEmpty ? besideTests : URL(filePath: chosen).path
        guard FileManager.default.isExecutableFile(atPath: path) else { throw Missing(path: path) }
        return path
    }

    /// SwiftPM puts products and the test bundle into one directory; on Linux the bundle is the running program.
    private static var besideTests: String {
        let bundle = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        return bundle.deletingLastPathComponent().appending(path: "speechcoach").path
    }
}
