import EmbeddedStack
import Foundation
import ProviderFakes
import Redis
import Testing

/// One row of the fault table: notes before, during and after a fault, one verdict.
struct FaultRow {
    /// Whether everything is run, and not only the short part that belongs to every test run.
    static let isWanted = ProcessInfo.processInfo.environment["FAULTS"] == "all"

    let name: String
    let range: FaultRange
    private(set) var sent: [FaultOracle.Sent] = []
    private(set) var chats: [Chat] = []
    private let baseline: Footprint

    /// - Parameter warmUp: Notes that are answered first, so that pools and caches have their usual size.
    init(_ name: String, _ range: FaultRange, warmUp: Int = 4) async throws {
        self.name = name
        self.range = range
        let (sent, chats) = try await range.send(warmUp)
        _ = try await range.verdict(sent, chats, within: .seconds(60))
        (self.sent, self.chats) = (sent, chats)
        baseline = try await Footprint.of(range.coach)
        // Vendors take their time, so that the fault finds work in hand.
        range.coach.openAI.speech.failAlways(.slow(.milliseconds(600)))
        range.coach.openAI.chat.failAlways(.slow(.milliseconds(300)))
    }

    mutating func send(_ count: Int, every pause: Duration = .zero) async throws {
        for _ in 0..<count {
            let more = try await range.send(1)
            sent += more.sent
            chats += more.chats
            if pause > .zero { try await Task.sleep(for: pause) }
        }
    }

    /// Everything is healed: waits for the end of all work and judges it.
    ///
    /// - Parameters:
    ///   - limit: From the moment of healing.
    ///   - footprint: Whether memory, descriptors and connections have to be what they were.
    @discardableResult
    mutating func judge(within limit: Duration = .seconds(90), footprint: Bool = true) async throws
        -> FaultOracle
    {
        range.coach.openAI.speech.heal()
        range.coach.openAI.chat.heal()
        // Somebody comes after the fault, too.
        try await send(2)
        let (verdict, took) = try await range.verdict(sent, chats, within: limit)
        #expect(verdict.isClean, "\(name): \(verdict)")
        var memory = ""
        if footprint {
            // Idle connections of a burst are closed after a minute.
            let (baseline, coach) = (baseline, range.coach)
            var last = Footprint()
            _ = try? await eventually("the baseline", within: .seconds(90), every: .seconds(2)) {
                // A descriptor that is closed while they are counted.
                guard let now = try? await Footprint.of(coach) else { return false }
                last = now
                return now.growth(since: baseline).isEmpty
            }
            #expect(last.growth(since: baseline).isEmpty, "\(name): \(last), before: \(baseline)")
            memory = "; \(last)"
        }
        print(
            "row \(name): \(verdict); settled \(took.formatted(.units(fractionalPart: .show(length: 1)))) after healing\(memory)"
        )
        return verdict
    }
}

extension PrivatePostgres {
    /// The server's immediate shutdown: no farewell, no checkpoint, recovery at the next start.
    func crash() async throws {
        await kill(signal: SIGQUIT)
        do {
            try await eventually("Postgres is gone", within: .seconds(10)) { await processIdentifier == nil }
        } catch is NeverHappened {
            // It waits a minute for a connection that has not said who it is.
            await kill(signal: SIGKILL)
        }
    }
}

extension FaultRange {
    /// Talks to Redis past the proxies.
    func redis(_ commands: [String]...) async throws {
        let client = RedisClient(configuration: try RedisConfiguration(uri: coach.redisURI))
        do {
            for words in commands { _ = try await client.send(RedisCommand(words)) }
            await client.close()
        } catch {
            await client.close()
            throw error
        }
    }
}
