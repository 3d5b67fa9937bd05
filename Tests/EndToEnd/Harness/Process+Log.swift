import Foundation
import Testing

extension Deployment.Process {
    /// What may be in no log, whatever went wrong: secrets, addresses of files, and what was said or written
    /// to somebody.
    private static let unspeakable =
        Deployment.Secrets.all + [
            "canaryToken", "/file/bot", "/bot4711", "Hello everyone", "xylophone", "that openai wrote",
            "that anthropic wrote",
        ]

    /// Every scenario ends with this: the log is JSON lines, and none of them tells too much.
    func checkLog() {
        let text = program.errors + program.output
        for part in Self.unspeakable where text.localizedCaseInsensitiveContains(part) {
            let line = text.split(separator: "\n").first { $0.localizedCaseInsensitiveContains(part) } ?? ""
            Issue.record("\(program.name) logs \(part): \(line)")
        }
        if let stray = LogLines(program.errors).strays.first {
            Issue.record("\(program.name) logs a line that is no JSON: \(stray)")
        }
        if case .signal(let signal) = program.end, signal != SIGKILL {
            Issue.record("\(program.name) crashed with signal \(signal)\n\(program.tail)")
        }
    }
}
