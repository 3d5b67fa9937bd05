import CoachDomain
import Testing

@testable import Providers

@Suite struct ProviderBoardTests {
    private let start = ContinuousClock.now
    private let key = ProviderKey(provider: "openai", model: "m", operation: .coaching)

    private func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

    private func board(latencies: [Double]) -> ProviderBoard {
        var board = ProviderBoard()
        for (number, latency) in latencies.enumerated() {
            board.begin(key, .first, at: at(Double(number)))
            board.succeed(
                key, latency: .seconds(latency), usage: ProviderUsage(outputTokens: 100),
                at: at(Double(number) + latency))
        }
        return board
    }

    @Test func `a rival is sent after what nearly all calls take, within bounds`() {
        #expect(ProviderBoard().hedgeDelay(of: key) == .seconds(8))
        #expect(board(latencies: Array(repeating: 0.4, count: 100)).hedgeDelay(of: key) == .seconds(1.5))
        let steps = (1...100).map { Double($0) / 20 }
        #expect(board(latencies: steps).hedgeDelay(of: key) == .seconds(4.75))
        #expect(board(latencies: Array(repeating: 30, count: 100)).hedgeDelay(of: key) == .seconds(8))
        var settings = ProviderBoard.Settings()
        settings.isHedging = false
        #expect(ProviderBoard(settings: settings).hedgeDelay(of: key) == nil)
    }

    @Test func `hedges are a twentieth of the jobs after a burst of five`() {
        var board = ProviderBoard()
        var taken = 0
        for _ in 0..<1_000 {
            board.noteJob(.coaching)
            if board.takeHedge(.coaching) { taken += 1 }
        }
        #expect((50...55).contains(taken))
        // What coaching has used up is not missing in speech.
        let isThereOneForSpeech = board.takeHedge(.speech)
        #expect(isThereOneForSpeech)
    }

    @Test func `an operator's word is above everything found out, for all models, until it ends`() {
        var board = ProviderBoard()
        let other = ProviderKey(provider: "openai", model: "other", operation: .coaching)
        let speech = ProviderKey(provider: "openai", model: "m", operation: .speech)
        let subject = ProviderSwitch.Subject(provider: "openai", operation: .coaching)
        board.replaceSwitches([subject: ProviderSwitch(isOpen: true, until: at(60))])
        #expect(board.admission(of: key, at: at(1)) == .refused(until: at(60)))
        #expect(board.admission(of: other, at: at(1)) == .refused(until: at(60)))
        #expect(board.state(of: other, at: at(1)) == .forcedOpen)
        #expect(board.admission(of: speech, at: at(1)) == .allowed)
        #expect(board.admission(of: key, at: at(60)) == .allowed)
        #expect(board.state(of: key, at: at(60)) == .closed)

        board.replaceSwitches([subject: ProviderSwitch(isOpen: true, until: nil)])
        #expect(board.admission(of: key, at: at(9)) == .refused(until: at(3_609)))

        for second in 0..<3 {
            board.begin(key, .first, at: at(100))
            board.end(key, .failed, at: at(100 + Double(second)), random: 0.5)
        }
        board.replaceSwitches([subject: ProviderSwitch(isOpen: false, until: nil)])
        #expect(board.admission(of: key, at: at(103)) == .allowed)
        #expect(board.state(of: key, at: at(103)) == .forcedClosed)
        board.replaceSwitches([:])
        #expect(board.state(of: key, at: at(103)) == .open)
    }

    @Test func `what others found out is taken over once, what was measured here is kept`() {
        var board = ProviderBoard()
        board.adopt(BreakerSnapshot(state: .open, openFor: .seconds(5)), of: key, concurrency: 17, at: at(0))
        #expect(board.state(of: key, at: at(1)) == .open)
        #expect(board.records[key]?.concurrency.allowed == 17)
        board.adopt(BreakerSnapshot(state: .closed), of: key, concurrency: 2, at: at(0))
        #expect(board.state(of: key, at: at(1)) == .closed)
        #expect(board.records[key]?.concurrency.allowed == 17)

        board.adopt(latencies: Array(repeating: .seconds(3), count: 100), of: key)
        #expect(board.hedgeDelay(of: key) == .seconds(3))
        board.adopt(latencies: Array(repeating: .seconds(7), count: 300), of: key)
        #expect(board.hedgeDelay(of: key) == .seconds(3))
    }

    @Test func `retries are a tenth of the first attempts of a minute, three at least`() {
        var budget = RetryBudget()
        for _ in 0..<3 {
            #expect(budget.mayRetry(at: start))
            budget.noteRetry(at: start)
        }
        #expect(!budget.mayRetry(at: start))
        for _ in 0..<100 { budget.noteFirst(at: start) }
        #expect(budget.mayRetry(at: start))
        for _ in 0..<7 { budget.noteRetry(at: start) }
        #expect(!budget.mayRetry(at: at(59)))
        #expect(budget.mayRetry(at: at(61)))
    }

    @Test func `a full provider is passed over and has room again when a call ends`() {
        var board = ProviderBoard()
        for _ in 0..<4 {
            #expect(board.admission(of: key, at: start) == .allowed)
            board.begin(key, .first, at: start)
        }
        #expect(board.admission(of: key, at: start) == .refused(until: at(0.05)))
        board.end(key, .neutral, at: start, random: 0)
        #expect(board.admission(of: key, at: start) == .allowed)
    }

    @Test func `the limit grows while calls stay quick and shrinks by three tenths once per round trip`() {
        var limit = ConcurrencyLimit(ceiling: 50)
        for _ in 0..<200 {
            while !limit.isFull { limit.begin() }
            limit.succeed(latency: 1, work: 100)
        }
        #expect(limit.allowed == 50)
        limit.overload(at: start, roundTrip: .seconds(1))
        limit.overload(at: at(0.5), roundTrip: .seconds(1))
        #expect(limit.allowed == 35)
        limit.overload(at: at(1.5), roundTrip: .seconds(1))
        #expect(limit.allowed == 24)
        for second in 0..<40 { limit.overload(at: at(Double(second) * 2 + 9), roundTrip: .seconds(1)) }
        #expect(limit.allowed == 1)
    }

    @Test func `long answers are no slow provider, slow ones are`() {
        var limit = ConcurrencyLimit(start: 20, ceiling: 50)
        for number in 0..<400 {
            while !limit.isFull { limit.begin() }
            let work = number.isMultiple(of: 2) ? 100.0 : 1_000
            limit.succeed(latency: work / 100, work: work)
        }
        #expect(limit.allowed == 50)
        for _ in 0..<80 {
            while !limit.isFull { limit.begin() }
            limit.succeed(latency: 10, work: 100)
        }
        #expect(limit.allowed < 10)
    }

    @Test func `weights and canaries choose who is first; the rest stand in`() {
        let names = ["a", "b", "c"]
        func ordered(_ routing: QualityRouting, _ random: Double) -> String {
            routing.ordered(names, name: { $0 }, random: { random }).joined()
        }
        #expect(ordered(.order, 0) == "abc")
        #expect(ordered(.weights(["a": 1, "c": 3]), 0.2) == "abc")
        #expect(ordered(.weights(["a": 1, "c": 3]), 0.3) == "cab")
        #expect(ordered(.weights([:]), 0.9) == "abc")
        #expect(ordered(.canary("c", share: 0.05), 0.04) == "cab")
        #expect(ordered(.canary("c", share: 0.05), 0.05) == "abc")
        #expect(ordered(.canary("z", share: 1), 0) == "abc")
    }
}
