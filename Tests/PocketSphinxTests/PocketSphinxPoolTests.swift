import CoachDomain
import Foundation
import PocketSphinx
import Testing

@Suite struct PocketSphinxPoolTests {
    private let pool: PocketSphinxPool

    init() throws {
        pool = PocketSphinxPool(model: try PocketSphinxModel(), threads: 1)
    }

    @Test func `plain words come back with ordered times and confidences`() async throws {
        let spoken = try SpokenText(
            "The meeting is on Monday morning. We will start a new project next week.")
        let heard = try await pool.recognize(.samples(spoken.samples))

        let expected = Set(
            "the meeting is on monday morning we will start a new project next week".split(separator: " "))
        let found = Set(heard.text.split(separator: " ")).intersection(expected)
        #expect(found.count >= 9, "heard: \(heard.text)")
        let end = Double(spoken.samples.count) / 16_000
        var last = 0.0
        for word in heard.words {
            #expect(word.span.start >= last && word.span.end <= end && word.span.duration > 0)
            #expect((0...1).contains(word.confidence ?? -1))
            #expect(!word.text.contains("(") && !word.text.contains("<") && !word.text.contains("["))
            last = word.span.start
        }
    }

    @Test func `times stay true across a long pause`() async throws {
        let first = try SpokenText("the meeting is on monday morning").samples
        let pause = [Int16](repeating: 0, count: 16_000 * 3)
        let second = try SpokenText("we will start a new project next week").samples
        let heard = try await pool.recognize(.samples(first + pause + second))

        let boundary = Double(first.count + pause.count) / 16_000
        let onset = try #require(heard.words.first { $0.text == "we" }).span.start
        #expect(abs(onset - boundary) < 0.2, "heard at \(onset), spoken at \(boundary)")
    }

    @Test func `the same audio gives the same words on a warm decoder`() async throws {
        let samples = try SpokenText("we will start the new project next week").samples
        let first = try await pool.recognize(.samples(samples))
        let second = try await pool.recognize(.samples(samples))
        #expect(first == second)
    }

    @Test(arguments: [0, 1, 200, 16_000 * 3])
    func `silence of any length gives no words`(count: Int) async throws {
        let heard = try await pool.recognize(.samples([Int16](repeating: 0, count: count)))
        #expect(heard.words.isEmpty)
        #expect(heard.text.isEmpty)
    }

    @Test func `an expired deadline stops the work`() async throws {
        let samples = [Int16](repeating: 0, count: 16_000 * 60)
        await #expect(throws: PocketSphinxError.timedOut) {
            _ = try await pool.recognize(.samples(samples), deadline: .now - .seconds(1))
        }
    }

    @Test func `cancelling frees the thread for the next note`() async throws {
        let long = try SpokenText(String(repeating: "this sentence goes on and on. ", count: 30)).samples
        let pool = pool
        let work = Task { try await pool.recognize(.samples(long)) }
        await Task.yield()
        work.cancel()
        await #expect(throws: PocketSphinxError.cancelled) { try await work.value }
        let next = try await pool.recognize(.samples(try SpokenText("thank you very much").samples))
        #expect(!next.words.isEmpty)
    }

    @Test func `bytes and a file give the same words as samples`() async throws {
        let samples = try SpokenText("the meeting is on monday morning").samples
        let bytes = samples.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
        let path = NSTemporaryDirectory() + "pcm-\(UUID().uuidString).raw"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(bytes).write(to: URL(fileURLWithPath: path))

        let expected = try await pool.recognize(.samples(samples))
        #expect(try await pool.recognize(.bytes(bytes)) == expected)
        #expect(try await pool.recognize(.file(path: path)) == expected)
        await #expect(throws: PocketSphinxError.audioUnreadable) {
            _ = try await pool.recognize(.file(path: "/nonexistent.raw"))
        }
    }

    @Test func `a missing model is named together with its package`() throws {
        let error = #expect(throws: PocketSphinxError.self) {
            try PocketSphinxModel(directory: "/nonexistent")
        }
        #expect(error == .modelMissing(path: "/nonexistent/en-us/mdef"))
        #expect(error?.description.contains("pocketsphinx-en-us") == true)
    }
}
