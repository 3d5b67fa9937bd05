import Dispatch
import Foundation
import Synchronization
import Testing

@testable import Observability

@Suite struct LogSinkTests {
    @Test func `lines keep the order of each writer and none is lost`() async {
        let paper = CoachLogHandlerTests.Paper()
        let sink = LogSink(announceGap: { _ in [] }, write: { paper.write($0) })
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    for line in 0..<500 { sink.append(Array("\(writer) \(line)\n".utf8)) }
                }
            }
        }
        #expect(sink.flush(limit: .seconds(60)))
        for writer in 0..<4 {
            let own = paper.lines.filter { $0.hasPrefix("\(writer) ") }
            #expect(own == (0..<500).map { "\(writer) \($0)" })
        }
    }

    @Test func `a reader that stands still costs bounded memory and the gap is announced`() {
        let paper = CoachLogHandlerTests.Paper()
        let started = DispatchSemaphore(value: 0)
        let gate = DispatchSemaphore(value: 0)
        let isFirst = Mutex(true)
        let sink = LogSink(
            capacityBytes: 10, announceGap: { Array("lost \($0)\n".utf8) },
            write: { bytes in
                if isFirst.withLock({ first in
                    defer { first = false }; return first
                }) {
                    started.signal()
                    gate.wait()
                }
                paper.write(bytes)
            })
        sink.append(Array("1\n".utf8))
        started.wait()
        for line in ["aaaa\n", "bbbb\n", "cccc\n", "dddd\n"] { sink.append(Array(line.utf8)) }
        #expect(!sink.flush(limit: .milliseconds(1)))
        gate.signal()
        #expect(sink.flush(limit: .seconds(60)))
        #expect(paper.lines == ["1", "aaaa", "bbbb", "lost 2"])
        sink.append(Array("e\n".utf8))
        #expect(sink.flush(limit: .seconds(60)))
        #expect(paper.lines.last == "e")
    }

    @Test func `all bytes reach a pipe that is read slowly`() throws {
        let pipe = Pipe()
        let descriptor = pipe.fileHandleForWriting.fileDescriptor
        // A non-blocking pipe answers EAGAIN when it is full.
        #expect(fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK) == 0)
        let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0) }
        let received = Mutex(Data())
        let reader = DispatchGroup()
        DispatchQueue.global().async(group: reader) {
            let all = pipe.fileHandleForReading.readDataToEndOfFile()
            received.withLock { $0 = all }
        }
        LogSink.writeAll(bytes, to: descriptor)
        try pipe.fileHandleForWriting.close()
        reader.wait()
        #expect(received.withLock { Array($0) } == bytes)
    }
}
