import Testing

@testable import HTTPTransport

@Suite struct TransferTimerTests {
    let start = ContinuousClock.now

    func timer(firstByte: Duration? = .seconds(6), idle: Duration? = .seconds(5)) -> TransferTimer {
        TransferTimer(deadline: start + .seconds(60), firstByteTimeout: firstByte, idleTimeout: idle)
    }

    func expect(
        _ timer: TransferTimer, _ offset: Duration, _ phase: HTTPError.Phase,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(timer.expiry.at == start + offset, sourceLocation: sourceLocation)
        #expect(timer.expiry.phase == phase, sourceLocation: sourceLocation)
    }

    @Test func `before the request is issued only the deadline counts, and blames the connection`() {
        expect(timer(), .seconds(60), .connect)
    }

    @Test func `the first byte is awaited from the last byte sent`() {
        var timer = timer()
        timer.requestIssued(at: start + .seconds(1))
        expect(timer, .seconds(7), .firstByte)
        timer.sent(at: start + .seconds(4))
        expect(timer, .seconds(10), .firstByte)
    }

    @Test func `a producer that makes the transfer wait is not the server's fault`() {
        var timer = timer()
        timer.requestIssued(at: start)
        timer.setSendingPaused(true, at: start + .seconds(1))
        expect(timer, .seconds(60), .total)
        timer.setSendingPaused(false, at: start + .seconds(30))
        expect(timer, .seconds(36), .firstByte)
    }

    @Test func `every received byte restarts the idle limit`() {
        var timer = timer()
        timer.requestIssued(at: start)
        timer.received(at: start + .seconds(2))
        expect(timer, .seconds(7), .idle)
        timer.received(at: start + .seconds(3))
        expect(timer, .seconds(8), .idle)
    }

    @Test func `a reader that holds back is not idleness`() {
        var timer = timer()
        timer.received(at: start)
        timer.setReadingPaused(true, at: start + .seconds(1))
        expect(timer, .seconds(60), .total)
        timer.setReadingPaused(false, at: start + .seconds(20))
        expect(timer, .seconds(25), .idle)
    }

    @Test func `the deadline wins over a later limit, and limits can be absent`() {
        var timer = timer(firstByte: nil, idle: .seconds(100))
        timer.requestIssued(at: start)
        expect(timer, .seconds(60), .total)
        timer.received(at: start)
        expect(timer, .seconds(60), .total)
    }

    @Test func `no event can make a transfer expire before its horizon`() {
        var timer = timer(firstByte: .seconds(6), idle: .seconds(2))
        #expect(timer.horizon(from: start) == start + .seconds(2))
        timer.requestIssued(at: start)
        timer.received(at: start + .seconds(1))
        #expect(timer.horizon(from: start + .seconds(2)) == start + .seconds(3))
        #expect(timer.horizon(from: start) <= timer.expiry.at)
    }

    @Test func `an answer that is sent again is awaited anew`() {
        var timer = timer()
        timer.requestIssued(at: start)
        timer.received(at: start + .seconds(1))
        timer.requestIssued(at: start + .seconds(2))
        expect(timer, .seconds(8), .firstByte)
    }
}
