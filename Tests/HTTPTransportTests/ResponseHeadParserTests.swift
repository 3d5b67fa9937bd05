import Testing

@testable import HTTPTransport

@Suite struct ResponseHeadParserTests {
    /// Feeds whole lines and returns what the last one led to.
    private func parse(_ lines: String...) -> ResponseHeadParser.Step {
        var parser = ResponseHeadParser()
        var step = ResponseHeadParser.Step.more
        for line in lines {
            step = Array((line + "\r\n").utf8).withUnsafeBytes { parser.consume($0) }
        }
        return step
    }

    @Test func `a head ends with the empty line`() {
        guard case .complete(200, let headers) = parse("HTTP/1.1 200 OK", "A: 1", "B:2 ", "") else {
            Issue.record("no head")
            return
        }
        #expect(headers.fields.map(\.name) == ["A", "B"])
        #expect(headers.fields.map(\.value) == ["1", "2"])
    }

    @Test func `HTTP/2 heads without a reason phrase are understood`() {
        guard case .complete(404, _) = parse("HTTP/2 404 ", "") else {
            Issue.record("no head")
            return
        }
    }

    @Test func `the fields of an informational head do not leak into the real one`() {
        guard
            case .complete(204, let headers) = parse(
                "HTTP/1.1 100 Continue", "X: early", "", "HTTP/1.1 204 No Content", "Y: late", "")
        else {
            Issue.record("no head")
            return
        }
        #expect(headers["x"] == nil)
        #expect(headers["Y"] == "late")
    }

    @Test func `lines after the head are trailers and change nothing`() {
        guard case .more = parse("HTTP/1.1 200 OK", "", "X-Trailer: 1", "") else {
            Issue.record("trailers taken for a head")
            return
        }
    }

    @Test(arguments: ["HTTP/1.1", "HTTP/1.1 abc", "HTTP/1.1 99 Low", "HTTP/1.1 2000 High"])
    func `a status line without a status is a violation`(line: String) {
        guard case .violation = parse(line) else {
            Issue.record("accepted \(line)")
            return
        }
    }

    @Test func `header values may be any bytes`() {
        guard case .complete(200, let headers) = parse("HTTP/1.1 200 OK", "N: caf\u{E9}:b", "broken line", "")
        else {
            Issue.record("no head")
            return
        }
        #expect(headers["n"] == "café:b")
        #expect(headers.fields.count == 1)
    }
}
