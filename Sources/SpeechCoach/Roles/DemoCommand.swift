import ArgumentParser
import Foundation
import ServiceKit

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Watch one voice note travel through the whole bot, with nothing configured.",
        discussion: """
            Starts private PostgreSQL and Redis servers, a local stand-in for Telegram, and all roles; sends FILE
            (or the sample) as a voice note through the real webhook; prints the bot's reply and how long each
            stage took. Its servers and their data are gone afterwards. Recognisers and models whose keys are set
            are used.

            EXAMPLE
              speechcoach demo
              speechcoach demo my-talk.ogg
            """)

    @Argument(help: "A voice note of your own.", completion: .file())
    var file: String?

    @Option(help: ArgumentHelp("Give up after this many seconds.", valueName: "seconds"))
    var timeout = 300

    @OptionGroup var settings: SettingsOptions

    func validate() throws {
        guard timeout > 0 else {
            throw ValidationError("--timeout \(timeout): give a number of seconds above 0")
        }
    }

    func run() async throws {
        let path = try file ?? Sample.path()
        try AudioFile.check(path)
        let note = try Data(contentsOf: URL(fileURLWithPath: path))
        let demonstration = Demonstration(
            note: [UInt8](note), name: URL(fileURLWithPath: path).lastPathComponent, limit: .seconds(timeout))
        let ending = try await demonstration.run(settings)
        Output.line(ending.reply)
        Output.line("")
        Output.line(ending.table)
        guard ending.isCoaching else {
            throw CommandFailure(.failed, "the bot answered, but could not coach this note (see above)")
        }
    }
}

/// The sample note that comes with the program.
enum Sample {
    private static let name = "Samples/voice-note.ogg"

    /// Looked for in the current directory and in every directory above the program.
    static func path() throws -> String {
        let program = URL(fileURLWithPath: CommandLine.arguments.first ?? "").resolvingSymlinksInPath()
        let itself =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            .map { URL(fileURLWithPath: $0) } ?? program
        var directories = [URL(fileURLWithPath: FileManager.default.currentDirectoryPath)]
        var directory = itself.deletingLastPathComponent()
        while directory.path != "/" {
            directories.append(directory)
            directory.deleteLastPathComponent()
        }
        for directory in directories {
            let candidate = directory.appendingPathComponent(name).path
            if FileManager.default.isReadableFile(atPath: candidate) { return candidate }
        }
        throw CommandFailure(
            .notFound, "the sample \(name) is not here; name a voice note: speechcoach demo FILE")
    }
}
