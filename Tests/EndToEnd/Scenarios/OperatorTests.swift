import ProviderFakes
import Testing

/// `speechcoach jobs`: the operator's hand on the queue.
struct OperatorTests {
    private static let secret = ("X-Telegram-Bot-Api-Secret-Token", Deployment.Secrets.webhook)

    /// Notes that nobody works on: there are no workers.
    private func withWaitingJobs(_ count: Int, _ scenario: (Deployment) async throws -> Void) async throws {
        try await Deployment.run(.webhookOnly) { coach in
            let url = try coach.process(.webhook).origin + "/telegram/webhook"
            for number in 1...count {
                let update = Updates.voice(Int64(number), chat: Int64(100 + number), message: Int64(number))
                let answer = try await HTTP.post(url, headers: [Self.secret], body: update.bytes)
                #expect(answer.status == 200)
            }
            try await scenario(coach)
        }
    }

    @Test func `a dead job comes back and its reply replaces the apology`() async throws {
        try await Deployment.run { coach in
            await coach.refuse("getFile", "Bad Request: invalid file_id", times: nil)
            let chat = coach.chat()
            let sent = try await chat.send("voice", try await Fixtures.shortTalk.bytes)
            let apology = try await chat.answer()
            try await coach.ledger.settled(expecting: 2)
            #expect(apology.text == Texts.advice("internalTrouble"))

            let dead = try #require(try await coach.ledger.jobs().first { $0.state == "dead" })
            let listed = try await coach.command(["jobs", "list", "--state", "dead", "--json"]).expect(
                .code(0))
            #expect(listed.json?["jobs"]?.array?.map { $0["id"]?.integer } == [Int(dead.id)])

            await coach.healTelegram()
            let retried = try await coach.command([
                "jobs", "retry", "\(dead.id)", "--reason", "the file is back", "--json",
            ]).expect(.code(0))
            #expect(retried.json?["results"]?[0]?["result"] == "changed")
            let reply = try await eventually("the apology turns into coaching") {
                await chat.results().first { $0.text != apology.text }
            }
            try await coach.ledger.settled(expecting: 4)
            #expect(reply.id == apology.id)
            #expect(reply.answers == sent)
            #expect(reply.text.contains("Hello everyone"))
            #expect(await chat.botMessages() == [reply])

            let history = try await coach.ledger.events(of: dead.id)
            #expect(
                history.map(\.event) == [
                    "accepted", "claimed", "failed", "retried-by-operator", "claimed", "completed",
                ])
            let retry = try #require(history.first { $0.event == "retried-by-operator" })
            #expect(retry.reason == "the file is back")
            #expect(retry.actor.hasPrefix("operator:"))

            let again = try await coach.command(["jobs", "retry", "\(dead.id)"])
            #expect(again.end == .code(4))
            #expect((again.output + again.errors).contains("refused"))
        }
    }

    @Test func `listing finds jobs by state, stage, user, error and age`() async throws {
        try await withWaitingJobs(3) { coach in
            try await coach.ledger.execute(
                "update jobs set state = 'dead', last_error_code = 'audio.notAudio', last_error = 'not audio' where id = 2"
            )
            try await coach.ledger.execute(
                "update jobs set created_at = now() - interval '3 hours' where id = 3")
            let wanted: [([String], [Int])] = [
                ([], [3, 2, 1]), (["--state", "dead"], [2]), (["--state", "ready"], [3, 1]),
                (["--stage", "transcribe"], [3, 2, 1]), (["--stage", "coach"], []), (["--user", "101"], [1]),
                (["--error", "NOTAUDIO"], [2]), (["--since", "2h"], [2, 1]), (["--limit", "1"], [3]),
                (["--state", "ready", "--since", "2h"], [1]),
            ]
            for (options, ids) in wanted {
                let result = try await coach.command(["jobs", "list", "--json"] + options).expect(.code(0))
                #expect(result.json?["jobs"]?.array?.compactMap { $0["id"]?.integer } == ids, "\(options)")
            }
            let text = try await coach.command(["jobs", "list"]).expect(.code(0))
            #expect(text.output.contains("audio.notAudio"))
            #expect(JSON(text: text.output) == nil)
        }
    }

    @Test func `showing a job tells its whole story`() async throws {
        try await SharedDeployment.use { coach in
            let chat = coach.chat()
            try await chat.send("voice", try await Fixtures.shortTalk.bytes)
            _ = try await chat.answer()
            let note = try #require(try await coach.ledger.note(in: chat.id))
            try await eventually("the jobs end") {
                try await coach.ledger.jobs(of: note.id).map(\.state) == [
                    "succeeded", "succeeded", "succeeded",
                ]
            }
            let job = try #require(try await coach.ledger.jobs(of: note.id).first)
            let json = try #require(
                try await coach.command(["jobs", "show", "\(job.id)", "--json"]).expect(.code(0)).json)
            #expect(json["job"]?["id"]?.integer == Int(job.id))
            #expect(json["job"]?["state"] == "succeeded")
            let siblings = try #require(json["siblings"]?.array)
            #expect(siblings.prefix(2).map { $0["stage"] } == ["transcribe", "coach"])
            #expect(json["history"]?.array?.count ?? 0 >= 2 * siblings.count)
            #expect(json["calls"]?.array?.count == 2)
            let messages = try #require(json["messages"]?.array)
            #expect(messages.contains { $0["kind"] == "feedback" && $0["state"] == "delivered" })
            #expect(json["note"]?["id"]?.integer == Int(note.id))
            let text = try await coach.command(["jobs", "show", "\(job.id)"]).expect(.code(0)).output
            for part in [
                "transcribe", "coach", "deliver", "openai", "µUSD", "feedback", "delivered in message",
            ] { #expect(text.contains(part)) }
            #expect(!text.contains("Hello everyone"))
        }
    }

    @Test func `a cancelled job ends for good, and a dry run changes nothing`() async throws {
        try await withWaitingJobs(3) { coach in
            let dry = try await coach.command(
                ["jobs", "cancel", "--state", "ready", "--dry-run", "--json"]).expect(.code(0))
            #expect(dry.json?["dryRun"] == true)
            #expect(dry.json?["results"]?.array?.count == 3)
            #expect(try await coach.ledger.jobs().map(\.state) == ["ready", "ready", "ready"])

            let one = try await coach.command(["jobs", "cancel", "1", "--reason", "spam"]).expect(.code(0))
            #expect(one.output.contains("cancelled"))
            #expect(try await coach.ledger.jobs().first?.state == "cancelled")
            #expect(try await coach.ledger.jobs().map(\.stage).filter { $0 == "deliver" }.count == 1)
            #expect(try await coach.ledger.events(of: 1).last?.reason == "spam")
            #expect(try await coach.command(["jobs", "cancel", "1"]).end == .code(4))
            #expect(try await coach.command(["jobs", "retry", "1"]).end == .code(4))

            // A filter may catch more than was meant; nobody is at the terminal to agree.
            let unasked = try await coach.command(["jobs", "cancel", "--state", "ready"])
            #expect(unasked.end == .code(2))
            #expect(unasked.errors.contains("--yes"))
            try await coach.command(["jobs", "cancel", "--state", "ready", "--yes"]).expect(.code(0))
            #expect(
                try await coach.ledger.jobs().filter { $0.stage == "transcribe" }.map(\.state)
                    == ["cancelled", "cancelled", "cancelled"])

            let stats = try await coach.command(["jobs", "stats", "--json"]).expect(.code(0))
            let cancelled = stats.json?["counts"]?.array?.first {
                $0["stage"] == "transcribe" && $0["state"] == "cancelled"
            }
            #expect(cancelled?["count"]?.integer == 3)
        }
    }

    @Test func `a job that is cancelled while somebody works on it leaves no trace of that work`()
        async throws
    {
        try await Deployment.run { coach in
            coach.openAI.speech.failNext(.slow(.seconds(4)))
            let chat = coach.chat()
            try await chat.send("voice", try await Fixtures.shortTalk.bytes)
            await coach.openAI.speech.received(1)
            try await coach.command(["jobs", "cancel", "1", "--reason", "spam"]).expect(.code(0))
            let worker = try coach.process(.audioWorker)
            try await eventually("the worker has let go") {
                LogLines(worker.program.errors).lines.contains {
                    $0["message"] == "job ended" && $0["job"]?.string == "1"
                }
            }
            let told = try await chat.answer()
            try await coach.ledger.settled(expecting: 2)
            #expect(told.text == Texts.advice("cancelled"))
            #expect(await chat.botMessages() == [told], "nobody goes on listening")
            #expect(try await coach.ledger.jobs().map(\.state) == ["cancelled", "succeeded"])
            #expect(try await coach.ledger.count("transcripts") == 0)
        }
    }

    @Test func `exit codes tell what is wrong`() async throws {
        try await withWaitingJobs(1) { coach in
            let cases: [([String], Int32)] = [
                (["jobs", "show", "999"], 3), (["jobs", "retry", "999"], 3), (["jobs", "cancel", "999"], 3),
                (["jobs", "retry", "1"], 4), (["jobs", "retry"], 2),
                (["jobs", "retry", "1", "--state", "dead"], 2),
                (["jobs", "show", "one"], 2), (["jobs", "list", "--state", "undead"], 2),
                (["jobs", "list", "--since", "yesterday"], 2), (["jobs", "list", "--limit", "0"], 2),
                (["jobs", "dance"], 2), (["jobs", "show"], 2),
            ]
            for (arguments, code) in cases {
                let result = try await coach.command(arguments)
                #expect(result.end == .code(code), "\(arguments): \(result.output)\(result.errors)")
                #expect(code == 4 || code == 3 || !result.errors.isEmpty, "\(arguments)")
            }
            let wrong = try await coach.command(["jobs", "list", "--state", "undead"])
            #expect(wrong.errors.contains("undead"))
            #expect(wrong.errors.contains("--state"))
        }
    }

    @Test func `two operators at once retry a job once`() async throws {
        try await withWaitingJobs(1) { coach in
            try await coach.ledger.execute("update jobs set state = 'dead'")
            let ends = try await withThrowingTaskGroup(of: Program.End.self) { group in
                for _ in 0..<3 { group.addTask { try await coach.command(["jobs", "retry", "1"]).end } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(ends.count { $0 == .code(0) } == 1)
            #expect(ends.count { $0 == .code(4) } == 2)
            let retries = try await coach.ledger.events(of: 1).filter { $0.event == "retried-by-operator" }
            #expect(retries.count == 1)
        }
    }
}
