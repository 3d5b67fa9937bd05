import ArgumentParser
import Foundation
import ServiceKit

/// How a command shows its result.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print one JSON document instead of text.")
    var json = false
}

/// Results go to standard output, remarks to standard error.
enum Output {
    static func line(_ text: String) { write(text + "\n", to: .standardOutput) }

    static func note(_ text: String, newline: Bool = true) {
        write(newline ? text + "\n" : text, to: .standardError)
    }

    static func json(_ document: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        write(String(decoding: try encoder.encode(document), as: UTF8.self) + "\n", to: .standardOutput)
    }

    /// UTC, to the second.
    static func time(_ date: Date) -> String { date.formatted(.iso8601) }

    /// `3m`, `2h`, `5d`: the largest unit that fits.
    static func age(_ seconds: Double) -> String {
        switch seconds {
        case ..<60: "\(Int(seconds))s"
        case ..<3_600: "\(Int(seconds / 60))m"
        case ..<86_400: "\(Int(seconds / 3_600))h"
        default: "\(Int(seconds / 86_400))d"
        }
    }

    /// A closed pipe (`| head`) is the reader's choice and no failure of ours.
    private static func write(_ text: String, to handle: FileHandle) {
        try? handle.write(contentsOf: Data(text.utf8))
    }
}

/// A command that could not do what it was asked.
struct CommandFailure: Error {
    var code: ServiceKit.ExitCode
    /// Empty when the command has said everything already.
    var message: String

    init(_ code: ServiceKit.ExitCode, _ message: String) {
        self.code = code
        self.message = message
    }

    static func silent(_ code: ServiceKit.ExitCode) -> CommandFailure { CommandFailure(code, "") }
}

/// Columns padded to their widest cell.
struct TextTable {
    var header: [String]
    var rows: [[String]]

    var text: String {
        let all = [header] + rows
        let widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            let cells = zip(row, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }
            return cells.joined(separator: "  ").trimmingCharacters(in: .whitespaces)
        }.joined(separator: "\n")
    }
}
