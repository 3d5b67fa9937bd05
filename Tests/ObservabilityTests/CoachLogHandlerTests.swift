import Foundation
import Logging
import Synchronization
import Testing

@testable import Observability

@Suite struct CoachLogHandlerTests {
    /// Collects what would go to standard error.
    final class Paper: Sendable {
        private let bytes = Mutex<[UInt8]>([])
        func write(_ more: [UInt8]) { bytes.withLock { $0 += more } }
        var lines: [String] {
            String(decoding: bytes.withLock { $0 }, as: UTF8.self).split(separator: "\n").map(String.init)
        }
    }

    private enum Failure: Error { case refused(status: Int, body: String) }

    private func logger(_ paper: Paper, level: Logger.Level = .info) -> (Logger, LogOutput) {
        let output = LogOutput(
            service: "webhook", format: .json, clock: { LogLineTests.time }, write: { paper.write($0) })
        let logger = Logger(label: "test") { label in
            CoachLogHandler(label: label, output: output, level: level)
        }
        return (logger, output)
    }

    @Test func `every line about a voice note carries its id, also from child tasks`() async {
        let paper = Paper()
        let (logger, output) = logger(paper)
        logger.info("before")
        await NoteContext.with(42) {
            logger.info("inside")
            await withTaskGroup(of: Void.self) { group in
                group.addTask { logger.info("child") }
            }
        }
        NoteContext.with("n-7") { logger.info("other") }
        output.flush()
        #expect(paper.lines.map { $0.contains(#""note":"42""#) } == [false, true, true, false])
        #expect(paper.lines.last?.contains(#""note":"n-7""#) == true)
    }

    @Test func `the call's metadata wins over the provider's, and that over the logger's`() {
        let paper = Paper()
        var (logger, output) = logger(paper)
        logger[metadataKey: "note"] = "logger"
        logger[metadataKey: "stage"] = "logger"
        NoteContext.with("context") {
            logger.info("a")
            logger.info("b", metadata: ["stage": "call", "note": "call"])
        }
        output.flush()
        #expect(paper.lines[0].contains(#""note":"context","stage":"logger""#))
        #expect(paper.lines[1].contains(#""note":"call","stage":"call""#))
    }

    @Test func `a logger may speak for another role of the same process`() {
        let paper = Paper()
        var (logger, output) = logger(paper)
        logger.info("a")
        logger[metadataKey: "service"] = "audio-worker"
        logger.info("b")
        output.flush()
        #expect(paper.lines[0].contains(#""service":"webhook""#))
        #expect(paper.lines[1].contains(#""service":"audio-worker","logger":"test","message":"b"}"#))
    }

    @Test func `an error is shown without the text it carries`() {
        let paper = Paper()
        let (logger, output) = logger(paper)
        logger.error("failed", error: Failure.refused(status: 500, body: "my private words"))
        logger.error(
            "failed",
            metadata: ["cause": .stringConvertible(Boxed(error: Failure.refused(status: 1, body: "x")))])
        output.flush()
        #expect(paper.lines[0].contains(#""error":"Failure.refused(status: 500)""#))
        #expect(!paper.lines.joined().contains("private"))
    }

    private struct Boxed: Error, CustomStringConvertible {
        var error: any Error
        var description: String { "private" }
    }

    @Test func `levels below the logger's are not written`() {
        let paper = Paper()
        let (logger, output) = logger(paper, level: .warning)
        for level in Logger.Level.allCases { logger.log(level: level, "\(level)") }
        output.flush()
        #expect(paper.lines.count == 3)
    }

    @Test func `a critical line is written at once`() {
        let paper = Paper()
        let (logger, _) = logger(paper)
        logger.critical("the end")
        #expect(paper.lines.count == 1)
    }
}
