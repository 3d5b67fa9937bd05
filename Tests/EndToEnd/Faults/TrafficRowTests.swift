import BotAPIEmulator
import Foundation
import ProviderFakes
import Testing

/// What comes in from outside: too often, out of order, too much of one person, or all at once.
@Suite(.serialized, .enabled(if: FaultRow.isWanted))
struct TrafficRowTests {
    private static let secret = ("X-Telegram-Bot-Api-Secret-Token", Deployment.Secrets.webhook)

    @Test func `updates come ten times at once, out of order and under new numbers`() async throws {
        try await FaultRange.run { range in
            let coach = range.coach
            let file = await coach.telegram.store(
                try await Fixtures.shortTalk.bytes, filename: "voice.oga", mimeType: "audio/ogg")
            let origin = "http://127.0.0.1:\(range[.webhook].port)/telegram/webhook"
            let chats = (0..<6).map { _ in coach.chat() }
            for chat in chats { try await chat.say("/start") }
            var updates: [JSON] = []
            for (index, chat) in chats.enumerated() {
                let message = Int64(500 + index)
                let update = Updates.voice(
                    900_000 - Int64(index), chat: chat.id, message: message, file: file)
                // The numbers of updates start anew after a quiet week: the same message, another number.
                let rebased = Updates.voice(Int64(10 + index), chat: chat.id, message: message, file: file)
                updates += Array(repeating: update, count: 10) + [rebased, rebased]
            }
            var random = SplitMix(state: 7)
            updates.shuffle(using: &random)
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for update in updates {
                    group.addTask {
                        try await HTTP.post(origin, headers: [Self.secret], body: update.bytes).status
                    }
                }
                return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
            }
            #expect(statuses == [200])
            try await coach.ledger.settled(within: .seconds(90), expecting: 6 * 4)
            #expect(try await coach.ledger.notes().count == 6)
            for chat in chats {
                #expect(await chat.botMessages().count == 2, "a welcome and one answer")
            }
            print("row duplicates: \(updates.count) deliveries of 6 notes, 6 answered once")
        }
    }

    /// `FAULTS_FLOOD` notes (200) of one person, and a twentieth of that many people with one each.
    @Test func `one person's flood does not stand before others`() async throws {
        let flood = ProcessInfo.processInfo.environment["FAULTS_FLOOD"].flatMap { Int($0) } ?? 200
        try await FaultRange.run { range in
            let coach = range.coach
            func latencies(_ count: Int) async throws -> [Double] {
                var taken: [Double] = []
                for _ in 0..<count {
                    let chat = coach.chat()
                    let begun = ContinuousClock.now
                    try await chat.send("voice", try await Fixtures.shortTalk.bytes, seconds: 4)
                    _ = try await chat.answer(within: .seconds(180))
                    taken.append((.now - begun) / .seconds(1))
                }
                return taken.sorted()
            }
            let idle = try await latencies(10)
            let greedy = coach.chat()
            let note = try await Fixtures.shortTalk.bytes
            for _ in 0..<flood { try await greedy.send("voice", note, seconds: 4) }
            let busy = try await latencies(max(10, flood / 20))
            let waiting = try await coach.ledger.jobs().count {
                $0.stage == "transcribe" && $0.state == "ready"
            }
            #expect(waiting > 0, "the flood was over before the others had come")
            print(
                "row flood: \(flood) notes of one person; \(busy.count) others, one after the other: p50 "
                    + "\(busy[busy.count / 2]) s, p95 \(busy[busy.count * 95 / 100]) s; idle p50 \(idle[idle.count / 2]) s, "
                    + "p95 \(idle[idle.count * 95 / 100]) s; \(waiting) of the flood still wait")
        }
    }

    @Test func `ten thousand notes wait when everything starts`() async throws {
        try await FaultRange.run([.webhook: 1]) { range in
            let coach = range.coach
            let file = await coach.telegram.store(
                try await Fixtures.shortTalk.bytes, filename: "voice.oga", mimeType: "audio/ogg")
            // As ten thousand people have sent them, two days of outage ago.
            try await coach.ledger.execute(
                """
                with people as (
                    insert into users (bot_id, telegram_user_id)
                    select 4711, 5000000 + i from generate_series(1, 10000) i returning telegram_user_id as u
                ), notes as (
                    insert into voice_messages
                        (bot_id, telegram_user_id, chat_id, update_id, message_id, kind, file_id, declared_seconds)
                    select 4711, u, u, u, 1, 'voice', '\(file)', 4 from people returning id, telegram_user_id as u
                )
                insert into jobs (stage, voice_message_id, bot_id, telegram_user_id, announced_at)
                select 'transcribe', id, 4711, u, now() - interval '2 days' from notes
                """)
            coach.openAI.speech.failAlways(.slow(.milliseconds(200)))
            try await range.redis(["FLUSHALL"])
            for _ in 1...2 {
                try await range.launch(.audioWorker)
                try await range.launch(.feedbackWorker)
            }
            // Somebody who comes now is taken at once, and the backlog moves.
            let (sent, _) = try await range.send(1)
            #expect(sent.count == 1)
            try await eventually("sixty of the backlog are heard", within: .seconds(180)) {
                try await coach.ledger.count("transcripts") >= 60
            }
            let announced = try await coach.ledger.count("jobs where announced_at > now() - interval '1 day'")
            let events = try await coach.ledger.count("job_events where event = 'claimed'")
            let leased = try await coach.ledger.count("jobs where state = 'leased'")
            #expect(leased <= 64, "no more than the workers have places")
            #expect(coach.processes.allSatisfy { $0.program.isRunning })
            print("row backlog: 10000 waited, \(announced) announced, \(events) claims, \(leased) in hand")
        }
    }
}
