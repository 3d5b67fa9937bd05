import ProviderFakes
import Testing

/// `speechcoach providers`, and what workers know and spend together.
struct ProvidersCommandTests {
    /// Sends one note and says who heard and who coached it.
    private func travel(_ coach: Deployment) async throws -> (recognizer: String?, coach: String?) {
        let chat = coach.chat()
        try await chat.send("voice", try await Fixtures.shortTalk.bytes, seconds: 4)
        _ = try await chat.answer(within: .seconds(120))
        try await coach.ledger.settled()
        let note = try #require(try await coach.ledger.note(in: chat.id)).id
        return (try await coach.ledger.recognizer(of: note), try await coach.ledger.coach(of: note))
    }

    private func row(_ page: JSON?, _ list: String, _ provider: String) -> JSON? {
        page?[list]?.array?.first { $0["provider"]?.string == provider }
    }

    @Test func `the list shows order, state, latencies and money`() async throws {
        try await Deployment.run { coach in
            #expect(try await travel(coach) == ("openai", "openai"))
            let page = try await coach.command(["providers", "--json"]).expect(.code(0)).json
            #expect(
                page?["speech"]?.array?.compactMap { $0["provider"]?.string } == ["openai", "pocketsphinx"])
            #expect(
                page?["coaching"]?.array?.compactMap { $0["provider"]?.string }
                    == ["openai", "anthropic", "rules"])
            let openAI = row(page, "coaching", "openai")
            #expect(openAI?["place"]?.integer == 1 && openAI?["state"] == "closed")
            #expect(openAI?["calls"]?.integer == 1 && openAI?["p50Seconds"] != nil)
            #expect(openAI?["budgetMicroUSD"]?.integer == 20_000_000)
            let spent = try #require(openAI?["spentMicroUSD"]?.integer)
            #expect(spent > 0)
            try await eventually("nothing is set aside any more") {
                try await coach.ledger.count("reservations where settled_at is null") == 0
            }
            let calls = try await coach.ledger.calls().reduce(0) { $0 + $1.microUSD }
            #expect(page?["budgets"]?["month"]?["limitMicroUSD"]?.integer == 100_000_000)
            let again = try await coach.command(["providers", "list", "--json"]).expect(.code(0)).json
            #expect(again?["budgets"]?["month"]?["spentMicroUSD"]?.integer == Int(calls))
            #expect(again?["budgets"]?["month"]?["reservedMicroUSD"]?.integer == 0)
            let text = try await coach.command(["providers"]).expect(.code(0)).output
            for part in [
                "SPEECH", "COACHING", "STATE", "closed", "whisper-1 ends on 2027-02-26", "This month",
            ] {
                #expect(text.contains(part), "\(part) in \(text)")
            }
        }
    }

    @Test func `without a ledger the list shows the order`() async throws {
        try await Deployment.run(.noRoles) { coach in
            let result = try await coach.command(["providers", "--json"], settings: ["DATABASE_URL": ""])
                .expect(.code(0))
            #expect(result.json?["hasLedger"] == false)
            #expect(row(result.json, "speech", "openai")?["place"]?.integer == 1)
            let away = try await coach.command(
                ["providers"], settings: ["DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"])
            #expect(away.end == .code(1) && away.errors.contains("DATABASE_URL"))
        }
    }

    @Test func `a trial is one small call, booked, and says what to mend`() async throws {
        try await Deployment.run(.noRoles) { coach in
            let good = try await coach.command(["providers", "test", "openai", "--json"]).expect(.code(0))
            #expect(
                good.json?["trials"]?.array?.compactMap { $0["operation"]?.string } == [
                    "speech", "coaching", "voice",
                ])
            #expect(coach.openAI.speech.requests.count == 1 && coach.openAI.chat.requests.count == 1)
            let calls = try await coach.ledger.calls()
            #expect(calls.map(\.outcome) == ["success", "success", "success"])
            #expect(calls.allSatisfy { $0.microUSD > 0 && $0.note == nil })

            coach.openAI.chat.failAlways(.unauthorized)
            let bad = try await coach.command(["providers", "test", "openai", "--operation", "coaching"])
            #expect(bad.end == .code(1) && bad.output.contains("API key"), "\(bad.output)")
            #expect(!bad.output.contains(Deployment.Secrets.openAI))

            let cases: [([String], [String: String], Int32, String)] = [
                (["anthropic"], ["ANTHROPIC_API_KEY": ""], 2, "ANTHROPIC_API_KEY"),
                (["deepgram"], [:], 2, "STT_PROVIDERS"), (["nobody"], [:], 2, "nobody"),
                (["rules"], [:], 4, "rules"), (["openai", "--timeout", "0"], [:], 2, "--timeout"),
                (["anthropic"], ["BUDGET_USD_PER_MONTH": "0"], 4, "BUDGET_USD_PER_MONTH"),
            ]
            for (arguments, settings, code, part) in cases {
                let result = try await coach.command(["providers", "test"] + arguments, settings: settings)
                #expect(result.end == .code(code), "\(arguments): \(result.output)\(result.errors)")
                #expect((result.output + result.errors).contains(part), "\(arguments): \(result.errors)")
            }
            #expect(coach.anthropic.messages.requests.isEmpty)
        }
    }

    @Test func `an operator keeps running workers from a vendor, and lets them back`() async throws {
        try await Deployment.run { coach in
            #expect(try await travel(coach).coach == "openai")
            let opened = try await coach.command([
                "providers", "open", "openai", "--operation", "coaching", "--for", "2h", "--reason",
                "bad answers", "--json",
            ]).expect(.code(0))
            #expect(opened.json?["switches"]?[0]?["isOpen"] == true)
            try await eventually("the worker obeys") { try await travel(coach).coach == "anthropic" }
            let asked = coach.openAI.chat.requests.count
            #expect(try await travel(coach) == ("openai", "anthropic"))
            #expect(coach.openAI.chat.requests.count == asked)
            // One that starts now obeys from its first job on.
            try await coach.replace(.feedbackWorker)
            #expect(try await travel(coach).coach == "anthropic")
            let page = try await coach.command(["providers", "--json"]).expect(.code(0)).json
            #expect(row(page, "coaching", "openai")?["state"] == "forcedOpen")
            #expect(row(page, "coaching", "openai")?["reason"]?.string?.contains("bad answers") == true)
            #expect(row(page, "speech", "openai")?["state"] == "closed")

            try await coach.command(["providers", "close", "openai", "--reason", "mended"]).expect(.code(0))
            try await eventually("the worker comes back") { try await travel(coach).coach == "openai" }
            let again = try await coach.command(["providers", "close", "openai"])
            #expect(again.end == .code(4) && again.errors.contains("not open"))
            #expect(try await coach.command(["providers", "open", "rules"]).end == .code(2))
            #expect(try await coach.ledger.count("operator_actions where action = 'provider-opened'") == 1)
            #expect(try await coach.ledger.count("operator_actions where detail->>'reason' = 'mended'") == 3)
            #expect(try await coach.ledger.count("operator_actions where action = 'provider-closed'") == 3)
        }
    }

    @Test
    func `what one worker found out is known to one that starts later, until an operator says otherwise`()
        async throws
    {
        try await Deployment.run { coach in
            coach.openAI.chat.failAlways(.quotaExhausted)
            #expect(try await travel(coach).coach == "anthropic")
            try await eventually("the others are told") {
                try await coach.ledger.count("provider_state where state = 'suspended'") == 1
            }
            try await coach.replace(.feedbackWorker)
            #expect(try await travel(coach).coach == "anthropic")
            #expect(coach.openAI.chat.requests.count == 1, "asked again after the restart")
            let page = try await coach.command(["providers", "--json"]).expect(.code(0)).json
            #expect(row(page, "coaching", "openai")?["state"] == "suspended")
            coach.openAI.chat.heal()
            try await coach.command(["providers", "close", "openai"]).expect(.code(0))
            try await eventually("the first model coaches again") {
                try await travel(coach).coach == "openai"
            }
        }
    }

    @Test(arguments: [
        "BUDGET_USD_PER_NOTE", "BUDGET_USD_PER_PERSON_DAY", "BUDGET_USD_PER_PROVIDER_DAY",
        "BUDGET_USD_PER_MONTH",
    ])
    func `a budget that is used up leaves the note to what costs nothing`(budget: String) async throws {
        try await Deployment.run(Deployment.Plan(settings: [budget: "0.000001"])) { coach in
            let heard = try await travel(coach)
            #expect(heard == ("pocketsphinx", "rules"))
            #expect(coach.openAI.speech.requests.isEmpty && coach.openAI.chat.requests.isEmpty)
            #expect(coach.anthropic.messages.requests.isEmpty)
            #expect(try await coach.ledger.calls().allSatisfy { $0.microUSD == 0 })
        }
    }

    @Test func `a worker that is killed in a call leaves its money booked and nothing set aside`()
        async throws
    {
        try await Deployment.run { coach in
            coach.openAI.chat.failNext(.slow(.seconds(20)))
            let chat = coach.chat()
            try await chat.send("voice", try await Fixtures.shortTalk.bytes, seconds: 4)
            await coach.openAI.chat.received(1)
            #expect(try await coach.ledger.count("reservations where settled_at is null") >= 1)
            try await coach.replace(.feedbackWorker)
            _ = try await chat.answer(within: .seconds(120))
            try await coach.ledger.settled()
            try await coach.ledger.execute(
                "update reservations set expires_at = now() where settled_at is null")
            try await eventually("the rest is booked", within: .seconds(60)) {
                try await coach.ledger.count("reservations where settled_at is null") == 0
            }
            let unsettled = try await coach.ledger.calls().filter { $0.failure == "unsettled" }
            #expect(unsettled.count == 1 && unsettled.allSatisfy { $0.microUSD > 0 })
            #expect(try await coach.ledger.count("budgets where reserved_micro_usd <> 0") == 0)
        }
    }
}
