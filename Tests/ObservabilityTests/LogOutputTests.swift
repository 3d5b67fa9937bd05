import Foundation
import Logging
import Testing

@testable import Observability

@Suite struct LogOutputTests {
    @Test func `what was logged before the process exits reaches standard error, in order`() async throws {
        let result = await #expect(processExitsWith: .exitCode(3), observing: [\.standardErrorContent]) {
            LogOutput.standardError(service: "webhook", format: .text).install(level: .info)
            let logger = Logger(label: "test")
            NoteContext.with(42) {
                for number in 0..<1_000 { logger.info("line \(number)") }
            }
            exit(3)
        }
        let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
        let lines = text.split(separator: "\n").filter { $0.contains("webhook: line") }
        #expect(lines.count == 1_000)
        #expect(lines.first?.hasSuffix("INFO     webhook: line 0 note=42") == true)
        #expect(lines.last?.hasSuffix("INFO     webhook: line 999 note=42") == true)
    }
}
