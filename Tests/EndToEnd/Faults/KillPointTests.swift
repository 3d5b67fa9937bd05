import Foundation
import ProviderFakes
import Testing

/// A process dies at every named place, once; whoever sent a note is answered once all the same.
@Suite(.serialized) struct KillPointTests {
    @Test func `a webhook dies around its commit`() async throws {
        let places = [
            "webhook.before-commit", "webhook.after-commit", "webhook.after-announce",
            "webhook.before-answer",
        ]
        try await FaultRange.run { range in
            var sent: [FaultOracle.Sent] = []
            var chats: [Chat] = []
            for place in places {
                let doomed = try await range.launch(.webhook, failpoints: place + "=kill")
                let more = try await range.send(2)
                sent += more.sent
                chats += more.chats
                try await eventually("death at \(place)") { doomed.program.end == .signal(SIGKILL) }
            }
            let (verdict, _) = try await range.verdict(sent, chats, within: .seconds(90))
            #expect(verdict.isClean, "\(verdict)")
            #expect(verdict.explained == 0 && verdict.orphans == 0)
        }
    }

    @Test func `audio workers die between every two steps`() async throws {
        try await all(
            .audioWorker,
            [
                "queue.after-read", "queue.after-claim", "queue.after-settle", "transcribe.before-download",
                "transcribe.after-download", "transcribe.before-commit", "transcribe.after-commit",
                "queue.before-announce", "placeholder.before-send", "placeholder.after-send",
            ])
    }

    @Test func `feedback workers die between every two steps`() async throws {
        try await all(
            .feedbackWorker,
            [
                "queue.after-read", "queue.after-claim", "queue.after-settle", "coach.before-model",
                "coach.before-commit", "coach.after-commit", "queue.before-announce", "deliver.before-edit",
                "deliver.after-edit", "sweep.after-promotion",
            ])
    }

    /// All places at once, a process each, so that the leases run out together.
    private func all(_ role: Deployment.Role, _ places: [String]) async throws {
        // A sweep strikes from the third on: the first is over before the process is ready.
        let doomed = places.map { (role, $0 + ($0.hasPrefix("sweep") ? "=kill@3" : "=kill")) }
        try await FaultRange.run(failpoints: doomed) { range in
            let (sent, chats) = try await range.send(places.count * 2)
            let (verdict, _) = try await range.verdict(sent, chats, within: .seconds(150))
            #expect(verdict.isClean, "\(verdict)")
            // A placeholder whose sender died with its number is left behind; it never holds a result. Each death
            // takes along what its process was sending.
            #expect(verdict.orphans <= places.count, "\(verdict)")
            let died = range.coach.processes(role).count { $0.program.end == .signal(SIGKILL) }
            #expect(died >= places.count / 2, "only \(died) of \(places.count) died")
        }
    }
}
