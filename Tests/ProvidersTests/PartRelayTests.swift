import CoachDomain
import Synchronization
import Testing

@testable import Providers

@Suite struct PartRelayTests {
    /// Parts of one second whose content is their number.
    private func parts(_ count: Int) -> [RecognizerAudio.Part] {
        (0..<count).map { index in
            RecognizerAudio.Part(
                content: .bytes([UInt8(index)]), span: TimeSpan(start: Double(index), end: Double(index + 1)))
        }
    }

    private static func number(_ part: RecognizerAudio.Part) -> Int { Int(part.span.start) }

    private static func heard(_ part: RecognizerAudio.Part) -> ProviderTranscript {
        ProviderTranscript(
            text: "w\(number(part))",
            words: [Word(text: "w\(number(part))", span: TimeSpan(start: 0.25, end: 0.5))],
            language: "en", usage: ProviderUsage(audioSeconds: 1))
    }

    /// What was asked for, in order, and how many at a time.
    private final class Log: Sendable {
        private let state = Mutex((asked: [Int](), running: 0, most: 0))

        var asked: [Int] { state.withLock { $0.asked } }
        var most: Int { state.withLock { $0.most } }

        /// - Returns: How often this part was asked for before.
        func begin(_ part: Int) -> Int {
            state.withLock { state in
                defer { state.asked.append(part) }
                state.running += 1
                state.most = max(state.most, state.running)
                return state.asked.count { $0 == part }
            }
        }

        func end() { state.withLock { $0.running -= 1 } }
    }

    private func relay(
        _ count: Int, _ log: Log, deadline: Duration = .seconds(60),
        _ answer: @escaping @Sendable (Int, Int) -> ProviderError?
    ) -> PartRelay {
        PartRelay(parts: parts(count), deadline: .now + deadline) { part throws(ProviderError) in
            let number = Self.number(part)
            let earlier = log.begin(number)
            defer { log.end() }
            // Later parts answer first.
            for _ in 0..<(4 - number % 4) * 20 { await Task.yield() }
            if let error = answer(number, earlier) { throw error }
            return Self.heard(part)
        }
    }

    @Test func `parts travel together, and are joined in their order`() async throws {
        let log = Log()
        let whole = try await relay(11, log) { _, _ in nil }.run()
        #expect(whole.text == (0..<11).map { "w\($0)" }.joined(separator: " "))
        #expect(whole.words.map(\.span.start) == (0..<11).map { Double($0) + 0.25 })
        #expect(whole.usage.audioSeconds == 11)
        #expect(log.most > 1)
        #expect(log.most <= PartRelay.width)
        #expect(log.asked.sorted() == Array(0..<11))
    }

    @Test func `one part that fails is sent again alone, and its failure may be on the bill`() async throws {
        let log = Log()
        let whole = try await relay(7, log) { part, earlier in
            part == 3 && earlier == 0 ? .timedOut(mayHaveActed: true) : nil
        }.run()
        #expect(whole.text.hasPrefix("w0 w1 w2 w3 w4"))
        #expect(whole.usage.audioSeconds == 8)
        #expect(log.asked.count == 8)
        #expect(log.asked.last == 3)
    }

    @Test func `a note in one part is sent once`() async {
        let log = Log()
        await #expect(throws: ProviderError.server(status: 500)) {
            try await relay(1, log) { _, _ in .server(status: 500) }.run()
        }
        #expect(log.asked == [0])
    }

    @Test func `a recogniser that fails too often is given up, with what was heard on the bill`() async {
        let log = Log()
        await #expect(throws: ProviderError.network(mayHaveActed: true)) {
            try await relay(6, log) { part, _ in part % 2 == 0 ? .server(status: 503) : nil }.run()
        }
        #expect(log.asked.count == 6)
    }

    @Test func `an error that every part would meet stops the others`() async {
        let log = Log()
        await #expect(throws: ProviderError.authentication) {
            try await relay(40, log) { _, _ in .authentication }.run()
        }
        #expect(log.asked.count <= PartRelay.width)
    }

    @Test func `nobody waits past the deadline, or longer than the chain would`() async {
        let log = Log()
        for wait in [Duration.seconds(11), .seconds(5)] {
            await #expect(throws: ProviderError.network(mayHaveActed: true)) {
                try await relay(5, log, deadline: .seconds(4)) { part, _ in
                    part == 2 ? .rateLimited(retryAfter: wait) : nil
                }.run()
            }
        }
        #expect(log.asked.count == 10)
    }

    @Test func `a second failure of the same part is final`() async {
        let log = Log()
        await #expect(throws: ProviderError.timedOut(mayHaveActed: true)) {
            try await relay(5, log) { part, _ in part == 1 ? .timedOut(mayHaveActed: false) : nil }.run()
        }
        #expect(log.asked.count { $0 == 1 } == 2)
    }
}
