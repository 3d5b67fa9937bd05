import Foundation
import Testing

@testable import Observability

@Suite struct SafeErrorDescriptionTests {
    private enum Shape: Error {
        case bare
        case text(String)
        case labelled(reason: String, status: Int)
        case timed(after: Duration)
        case nested(any Error)
        case optional(code: Int?, note: String?)
    }
    private struct Structure: Error {
        var code = 7
        var body = "private"
        var retryable = true
    }
    private struct Spoken: LoggableError {
        var logDescription: String { "the pool is empty" }
    }
    private enum Talkative: Error, CustomStringConvertible {
        case bare
        var description: String { "private words here" }
    }

    @Test func `names and numbers survive, text does not`() {
        let cases: [(any Error, String)] = [
            (Shape.bare, "Shape.bare"),
            (Shape.text("private"), "Shape.text"),
            (Shape.labelled(reason: "private", status: 503), "Shape.labelled(status: 503)"),
            (Shape.timed(after: .seconds(2)), "Shape.timed(after: 2.0 seconds)"),
            (
                Shape.nested(Shape.labelled(reason: "private", status: 1)),
                "Shape.nested(Shape.labelled(status: 1))"
            ),
            (Shape.optional(code: 5, note: "private"), "Shape.optional(code: 5)"),
            (Shape.optional(code: nil, note: nil), "Shape.optional"),
            (Structure(), "Structure(code: 7, retryable: true)"),
            (Spoken(), "the pool is empty"),
            (Talkative.bare, "Talkative"),
            (CancellationError(), "CancellationError"),
        ]
        for (error, expected) in cases { #expect(SafeErrorDescription.of(error) == expected) }
    }

    @Test func `a decoding error does not quote the document`() {
        struct Document: Decodable { var words: Int }
        #expect {
            try JSONDecoder().decode(Document.self, from: Data(#"{"words":"private words"}"#.utf8))
        } throws: { error in
            let text = SafeErrorDescription.of(error)
            return text.hasPrefix("DecodingError.") && !text.contains("private")
        }
    }

    @Test func `a Foundation error shows its domain and code`() {
        let error = NSError(domain: "coach", code: 3, userInfo: [NSLocalizedDescriptionKey: "private"])
        #expect(SafeErrorDescription.of(error) == "coach(code: 3)")
    }

    @Test func `endless nesting ends`() {
        var error: any Error = Shape.bare
        for _ in 0..<50 { error = Shape.nested(error) }
        #expect(SafeErrorDescription.of(error) == "Shape.nested(Shape.nested(Shape.nested(Shape)))")
    }
}
