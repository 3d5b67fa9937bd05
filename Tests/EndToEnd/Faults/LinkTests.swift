import Foundation
import ProviderFakes
import Testing

/// Links are cut, frozen, slowed and broken while notes are on their way.
///
/// Takes minutes, so that `./dev test` leaves it to `./dev faults`.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["FAULTS"] == "all"))
struct LinkTests {
    /// Everything that can happen to a link, for a few seconds.
    enum Trouble: String, CaseIterable, Sendable {
        case cut, reset, frozen, refusing, late, trickling
    }

    @Test(arguments: [FaultRange.Link.postgres, .redis, .telegram, .openAI])
    func `every trouble of a link, one after the other`(link: FaultRange.Link) async throws {
        try await FaultRange.run { range in
            var sent: [FaultOracle.Sent] = []
            var chats: [Chat] = []
            for trouble in Trouble.allCases {
                let first = try await range.send(1)
                try await range.afflict(link, trouble, for: .seconds(4)) {
                    let second = try await range.send(1)
                    sent += second.sent
                    chats += second.chats
                }
                sent += first.sent
                chats += first.chats
            }
            let (verdict, took) = try await range.verdict(sent, chats, within: .seconds(150))
            #expect(verdict.isClean, "\(link.rawValue): \(verdict)")
            #expect(
                range.coach.processes.allSatisfy { $0.program.isRunning }, "no process ends for a link's sake"
            )
            print("link \(link.rawValue): \(verdict), settled \(took) after healing")
        }
    }
}

extension FaultRange {
    /// Spoils a link, runs `meanwhile`, waits, and heals the link.
    func afflict(
        _ link: Link, _ trouble: LinkTests.Trouble, for duration: Duration,
        _ meanwhile: () async throws -> Void
    ) async throws {
        let proxy = self[link]
        switch trouble {
        case .cut: proxy.cut(.finished)
        case .reset: proxy.cut(.reset)
        case .frozen: proxy.set(.frozen)
        case .refusing:
            proxy.set(.refusing)
            proxy.cut(.reset)
        case .late: proxy.set(.late(.milliseconds(1_500)))
        case .trickling: proxy.set(.trickling(bytesPerSecond: 400))
        }
        defer { proxy.set(.open) }
        try await meanwhile()
        try await Task.sleep(for: duration)
    }
}
